"""Engines and transactions: SQLite in WAL with full synchronisation, or one PostgreSQL schema per database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from node.ground.errors import NodeError

_BUSY_MILLISECONDS = 20_000


class Database(StrEnum):
    """The node's databases; each has one head of migrations of its own."""

    INTAKE = "intake"
    WARD = "ward"
    WALL = "wall"
    ROUND = "round"


class DatabaseRefused(NodeError):
    """A database URL that is neither SQLite nor PostgreSQL."""


def open_engine(database: Database, home: Path, url: str | None = None) -> Engine:
    """An engine for one database: `home/<name>.db`, or the schema `<name>` of a PostgreSQL database.

    Raises:
        DatabaseRefused: the URL names another kind of database.
    """
    if url is None:
        return _sqlite(URL.create("sqlite", database=str(home / f"{database.value}.db")))
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseRefused("database_url must be a PostgreSQL URL")
    return _postgresql(parsed.set(drivername="postgresql+psycopg"), database.value)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One short writing transaction (BEGIN IMMEDIATE on SQLite): committed at the end, undone on any error."""
    with engine.connect().execution_options(intramuros_begin="IMMEDIATE") as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database; writes nothing and waits for no writer."""
    with engine.connect().execution_options(intramuros_begin="DEFERRED") as connection, connection.begin():
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


def _postgresql(url: URL, schema: str) -> Engine:
    server = create_engine(url)
    with server.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    server.dispose()
    return create_engine(url, connect_args={"options": f"-csearch_path={schema}"}, pool_pre_ping=True)
