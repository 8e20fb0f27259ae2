"""Engines and transactions: SQLite in WAL with full synchronisation, or one PostgreSQL schema per database.

SQLite overwrites what is deleted with zeros; in its journal the former bytes stay until that is shortened.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from node.ground.told import Told

_BUSY_MILLISECONDS = 20_000
_JOURNAL_BUSY_MILLISECONDS = 1_000
_PAGES_KIB = 16_000
"""Pages a connection may hold: those that one batch of rows touches in an index of millions, which SQLite's own 2,000
would write to the journal before the batch is whole and read back."""
_TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_TURNS_GUARD = threading.Lock()


class Database(StrEnum):
    """The node's databases; each has one head of migrations of its own."""

    INTAKE = "intake"
    WARD = "ward"
    WALL = "wall"
    ROUND = "round"


class DatabaseRefused(Told):
    """`database_url` is no PostgreSQL URL. What it says is not repeated: it may hold a password."""

    text_key = "storage.url_refused"


class DriverMissing(Told):
    """`database_url` asks for PostgreSQL, and this installation has no driver for it."""

    text_key = "storage.driver_missing"


class DatabaseUnusable(Told):
    """The database cannot be opened, or is no database."""

    text_key = "storage.unusable"


def open_engine(database: Database, home: Path, url: str | None = None) -> Engine:
    """An engine for one database: `home/<name>.db`, or the schema `<name>` of a PostgreSQL database.

    Raises:
        DatabaseRefused: the URL is none, or names another kind of database.
        DriverMissing, DatabaseUnusable: PostgreSQL cannot be reached.
    """
    if url is None:
        return _sqlite(URL.create("sqlite", database=str(home / f"{database.value}.db")))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseRefused from None
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseRefused
    return _postgresql(parsed.set(drivername="postgresql+psycopg"), database.value)


@contextmanager
def opening(name: str) -> Iterator[None]:
    """A database that does not answer leaves as `DatabaseUnusable`, with the first line of what the driver says."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # what SQLite says while connecting is not wrapped
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
        raise DatabaseUnusable(database=name, reason=said[0] if said else type(error).__name__) from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One short writing transaction (BEGIN IMMEDIATE on SQLite): committed at the end, undone on any error."""
    with _turn(engine), engine.connect() as connection:
        connection.execution_options(intramuros_begin="IMMEDIATE")
        with connection.begin():
            yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """SQLite has one writer at a time, and whoever finds it busy sleeps up to a tenth of a second between looks: the
    threads of a process wait for each other here instead, where the next goes on at once."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with _TURNS_GUARD:
        turn = _TURNS.setdefault(engine, threading.Lock())
    taken = turn.acquire(timeout=_BUSY_MILLISECONDS / 1000)  # else SQLite itself says that it is busy
    try:
        yield
    finally:
        if taken:
            turn.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database; writes nothing and waits for no writer."""
    with engine.connect().execution_options(intramuros_begin="DEFERRED") as connection, connection.begin():
        yield connection


def shorten_journal(engine: Engine) -> None:
    """SQLite's journal holds nothing that was deleted; while another connection reads, it stays as it is."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_JOURNAL_BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        cursor.close()
    finally:
        connection.close()


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"isolation_level": None, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
            "secure_delete=ON", f"cache_size=-{_PAGES_KIB}",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("intramuros_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql(url: URL, schema: str) -> Engine:
    try:
        server = create_engine(url)
    except ModuleNotFoundError:
        raise DriverMissing from None
    with opening(schema), server.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    server.dispose()
    return create_engine(url, connect_args={"options": f"-csearch_path={schema}"}, pool_pre_ping=True)
