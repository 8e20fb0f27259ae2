"""The engine every port suite runs on twice: a SQLite file, and a schema of a PostgreSQL database.

A suite says `DATABASE = Database.WARD` at module level and asks for `engine`; it gets that database, migrated and
empty. PostgreSQL is the URL in INTRAMUROS_TEST_POSTGRES, or a cluster started here on a unix socket only. Where neither
can be had, the PostgreSQL half is skipped with one line, and fails in CI.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade

REMEDY = "PostgreSQL is not installed. Remedy: apt-get install postgresql, or set INTRAMUROS_TEST_POSTGRES to a URL"
DEBIAN = Path("/usr/lib/postgresql")


class ClusterMissing(Exception):
    """No PostgreSQL server can be started here; the text says why."""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL database that is this session's alone."""
    given = os.environ.get("INTRAMUROS_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        programs = _programs()
        _start(programs, folder)
    except ClusterMissing as missing:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    url = URL.create("postgresql", username="postgres", database="postgres", query={"host": str(folder)})
    yield url.render_as_string(hide_password=False)
    _as_server([str(programs / "pg_ctl"), "-D", str(folder / "cluster"), "-m", "immediate", "stop"])
    shutil.rmtree(folder, ignore_errors=True)


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


def _programs() -> Path:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if not installed:
        raise ClusterMissing(REMEDY)
    return installed[-1].parent


def _start(programs: Path, folder: Path) -> None:
    cluster = folder / "cluster"
    if os.geteuid() == 0:
        account = _server_account()
        os.chown(folder, account.pw_uid, account.pw_gid)
    initdb = [str(programs / "initdb"), "-D", str(cluster), "-U", "postgres", "-A", "trust"]
    _as_server([*initdb, "--encoding=UTF8", "--locale=C", "--no-sync"])
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
    _as_server([str(programs / "pg_ctl"), "-D", str(cluster), "-w", "-l", str(folder / "log"), "-o", options, "start"])


def _server_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise ClusterMissing("initdb refuses root, and there is no account postgres; set the URL") from None


def _as_server(command: list[str]) -> None:
    """The command ran, as the account `postgres` where this process is root: initdb refuses root."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False)
    if done.returncode:
        raise ClusterMissing(f"PostgreSQL did not start: {done.stderr.strip().splitlines()[-1:]}")
