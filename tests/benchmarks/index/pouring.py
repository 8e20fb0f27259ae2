"""Rows of instances poured into an index that holds some already: as its own way in writes them, without its waiting.

The columns are those that the first instance got; only keys and subjects differ. A database that is being filled for a
benchmark may be lost, so nothing is synced and the pages stay in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from sqlalchemy import Engine

from node.intake.received import NewReceived

_PAGES: Final = "PRAGMA cache_size=-1500000"
_NUMBER: Final = "number"


def pour(engine: Engine, poured: Sequence[NewReceived]) -> None:
    """The instances are on the index, each with its job and its audit event, in one transaction."""
    connection = engine.raw_connection()
    try:
        with closing(connection.cursor()) as cursor:
            for pragma in (_PAGES, "PRAGMA synchronous=OFF"):
                cursor.execute(pragma)
            cursor.execute("BEGIN IMMEDIATE")
            _like_the_first(cursor, "received", (_received(new) for new in poured))
            _like_the_first(cursor, "job", ({"subject": new.received_id} for new in poured))
            _like_the_first(cursor, "audit_event", ({"subject": new.event.subject} for new in poured))
            cursor.execute("COMMIT")
    finally:
        connection.close()


def _received(new: NewReceived) -> Mapping[str, object]:
    return {
        "received_id": new.received_id,
        "instance_lookup": new.instance_lookup,
        "content_digest": new.content_digest,
        "sealed_identity": new.sealed_identity,
    }


def _like_the_first(cursor: Any, table: str, changes: Iterable[Mapping[str, object]]) -> None:  # `Any`: DB-API's
    """A row for each change: the table's first row with other values in the columns named."""
    cursor.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608 - one of three names written above
    names = [column[0] for column in cursor.description]
    first = dict(zip(names, cursor.fetchone(), strict=True))
    first.pop(_NUMBER, None)  # the table's own count goes on
    places = ", ".join(f":{name}" for name in first)
    into = f"INSERT INTO {table} ({', '.join(first)}) VALUES ({places})"  # noqa: S608 - names of the schema
    cursor.executemany(into, ({**first, **change} for change in changes))
