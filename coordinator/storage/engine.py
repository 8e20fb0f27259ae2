"""Engines and transactions: SQLite in WAL with full synchronisation, or one PostgreSQL schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from coordinator.ground.errors import CoordinatorError

SCHEMA = "coordinator"
_BUSY_MILLISECONDS = 20_000
_WRITER_LOCK = 0x494D5552


class DatabaseRefused(CoordinatorError):
    """A database URL that is neither SQLite nor PostgreSQL."""


def open_engine(home: Path, url: str | None = None) -> Engine:
    """An engine for `home/coordinator.db`, or for the schema `coordinator` of a PostgreSQL database.

    Raises:
        DatabaseRefused: the URL names another kind of database.
    """
    if url is None:
        return _sqlite(URL.create("sqlite", database=str(home / f"{SCHEMA}.db")))
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseRefused("database_url must be a PostgreSQL URL")
    return _postgresql(parsed.set(drivername="postgresql+psycopg"))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One short writing transaction, alone among writers: committed at the end, undone on any error."""
    with engine.connect().execution_options(intramuros_begin="IMMEDIATE") as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database; writes nothing and waits for no writer."""
    options: dict[str, Any] = {"intramuros_begin": "DEFERRED"}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"isolation_level": None, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("intramuros_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql(url: URL) -> Engine:
    first = create_engine(url)
    with first.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"'))
    first.dispose()
    return create_engine(url, connect_args={"options": f"-csearch_path={SCHEMA}"}, pool_pre_ping=True)
