from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from coordinator.storage.engine import DatabaseRefused, open_engine
from coordinator.storage.migrate import SchemaOutdated, SchemaUnknown, check, upgrade
from coordinator.storage.tables import metadata


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(tmp_path)
    yield opened
    opened.dispose()


def test_the_migrations_make_exactly_the_tables_the_books_use(engine: Engine) -> None:
    upgrade(engine)
    upgrade(engine)
    check(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_that_waits_for_its_migrations_is_refused(engine: Engine) -> None:
    with pytest.raises(SchemaOutdated):
        check(engine)


def test_a_database_of_a_newer_release_is_refused_and_not_touched(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (check, upgrade):
        with pytest.raises(SchemaUnknown):
            attempt(engine)


def test_a_database_that_is_neither_sqlite_nor_postgresql_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused):
        open_engine(tmp_path, "mysql://host/name")
