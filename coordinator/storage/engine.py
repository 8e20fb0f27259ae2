"""Engines and transactions: SQLite in WAL with full synchronisation, or one PostgreSQL schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from coordinator.ground.told import Told

SCHEMA = "coordinator"
_BUSY_MILLISECONDS = 20_000
_WRITER_LOCK = 0x494D5552


class DatabaseRefused(Told):
    """`database_url` is no PostgreSQL URL. What it says is not repeated: it may hold a password."""

    text_key = "refusals.database-url"


class DriverMissing(Told):
    """`database_url` asks for PostgreSQL, and this installation has no driver for it."""

    text_key = "refusals.database-driver"


class DatabaseUnusable(Told):
    """The database cannot be opened, or is no database."""

    text_key = "refusals.database-unusable"


def open_engine(home: Path, url: str | None = None) -> Engine:
    """An engine for `home/coordinator.db`, or for the schema `coordinator` of a PostgreSQL database.

    Raises:
        DatabaseRefused: the URL is none, or names another kind of database.
        DriverMissing, DatabaseUnusable: PostgreSQL cannot be reached.
    """
    if url is None:
        return _sqlite(URL.create("sqlite", database=str(home / f"{SCHEMA}.db")))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseRefused from None
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseRefused
    return _postgresql(parsed.set(drivername="postgresql+psycopg"))


@contextmanager
def opening() -> Iterator[None]:
    """A database that does not answer leaves as `DatabaseUnusable`, with the first line of what the driver says."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # what SQLite says while connecting is not wrapped
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
        raise DatabaseUnusable(reason=said[0] if said else type(error).__name__) from None


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
    try:
        first = create_engine(url)
    except ModuleNotFoundError:
        raise DriverMissing from None
    with opening(), first.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"'))
    first.dispose()
    return create_engine(url, connect_args={"options": f"-csearch_path={SCHEMA}"}, pool_pre_ping=True)
