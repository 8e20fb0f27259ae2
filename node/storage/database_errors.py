"""What a database did not take, said in intake's words: full is one thing (try again), anything else another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from node.intake.errors import StoreFailed, StoreFull

_POSTGRESQL_DISK_FULL = "53100"


@contextmanager
def refusing() -> Iterator[None]:
    """Database errors leave as `StoreFull` or `StoreFailed`, without the statement or its values."""
    try:
        yield
    except DBAPIError as error:
        if _is_full(error.orig):
            raise StoreFull(reserve_mib=0) from None
        raise StoreFailed from None


def _is_full(cause: object) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL
