"""The bytes in the outbox over time: which may be emptied, the emptying, and what is there for a verification."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, select, update

from node.ground.audit import AuditEvent
from node.release.kept_bytes import Boxed
from node.release.ledger import read_entry
from node.release.outbox import FINAL, Passage
from node.storage.audit import record
from node.storage.engine import reading, shorten_journal, writing
from node.storage.wall_tables import audit, ledger_entry, outbox
from protocols.receipts import LedgerEntry

_PAGE_ENTRIES = 500
_MAY_GO = and_(outbox.c.passage.in_([passage.value for passage in FINAL]), outbox.c.emptied_at.is_(None))


class WallSent:
    """Implements `SentBytes` and `BoxedBytes`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def emptiable(self, released_before: datetime, limit: int) -> Sequence[str]:
        """Digests of parcels released before that moment whose journey is over and whose bytes are kept."""
        found = select(outbox.c.sent_sha256).where(_MAY_GO, outbox.c.released_at < released_before)
        with reading(self._engine) as connection:
            return connection.scalars(found.order_by(outbox.c.released_at).limit(limit)).all()

    def empty(self, sent_sha256s: Sequence[str], events: Sequence[AuditEvent]) -> None:
        """The parcels hold no bytes and say since when; one whose journey is not over is left as it is."""
        with writing(self._engine) as connection:
            for sent_sha256, event in zip(sent_sha256s, events, strict=True):
                row = update(outbox).where(outbox.c.sent_sha256 == sent_sha256, _MAY_GO)
                if connection.execute(row.values(sealed=b"", emptied_at=event.at)).rowcount:
                    record(connection, audit, event)

    def settle(self) -> None:
        """Nothing of emptied bytes lies in a file beside the database, unless somebody is reading it just now."""
        shorten_journal(self._engine)

    def boxed(self, until: int) -> Iterator[tuple[LedgerEntry, Boxed | None]]:
        """Every entry up to a number, in order, with what the outbox holds of its parcel; one parcel is read at a time.

        Raises:
            LedgerBroken: an entry cannot be read.
        """
        done = 0
        while done < until and (page := self._entries(done, min(_PAGE_ENTRIES, until - done))):
            for entry in page:
                with reading(self._engine) as connection:
                    boxed = _boxed(connection, entry.sent_sha256)
                yield entry, boxed
            done += len(page)

    def _entries(self, after_number: int, limit: int) -> list[LedgerEntry]:
        found = select(ledger_entry.c.number, ledger_entry.c.body).where(ledger_entry.c.number > after_number)
        with reading(self._engine) as connection:
            rows = connection.execute(found.order_by(ledger_entry.c.number).limit(limit))
            return [read_entry(row.number, row.body) for row in rows]


def _boxed(connection: Connection, sent_sha256: str) -> Boxed | None:
    found = select(outbox.c.sealed, outbox.c.passage, outbox.c.emptied_at).where(outbox.c.sent_sha256 == sent_sha256)
    row = connection.execute(found).one_or_none()
    if row is None:
        return None
    digest = hashlib.sha256(row.sealed).hexdigest()
    return Boxed(digest, len(row.sealed), Passage(row.passage), row.emptied_at)
