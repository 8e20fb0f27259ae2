"""The engine every port suite runs on twice: a SQLite file, and a schema of a PostgreSQL database.

A suite says `DATABASE = Database.WARD` at module level and asks for `engine`; it gets that database, migrated and
empty. PostgreSQL is the URL in INTRAMUROS_TEST_POSTGRES, or a cluster started here on a unix socket only. Where neither
can be had, the PostgreSQL half is skipped with one line, and fails in CI.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.postgres import ClusterMissing, running_cluster
from programs import absent
from sqlalchemy import Engine, create_engine, make_url, text

from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL database that is this session's alone."""
    given = os.environ.get("INTRAMUROS_TEST_POSTGRES")
    if given:
        yield given
        return
    try:
        with running_cluster("fsync=off", "max_connections=60") as url:
            yield url
    except ClusterMissing as missing:
        absent(str(missing))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """The database a suite is about."""
    chosen: Database = request.module.DATABASE
    return chosen


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Engine]:
    """An engine on the suite's database, migrated and empty."""
    url: str | None = None
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
        _drop_schema(url, database)
    opened = open_engine(database, tmp_path, url)
    upgrade(database, opened)
    yield opened
    opened.dispose()


def _drop_schema(url: str, database: Database) -> None:
    server = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with server.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{database.value}" CASCADE'))
    server.dispose()
