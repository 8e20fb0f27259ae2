"""Daily roots of the ledger and their witnesses, in `wall.db`; a day is closed with the ledger's head held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, Row, func, insert, select, update

from node.release.closing import HeldRoot
from node.release.ledger import EMPTY, Head
from node.storage.engine import reading, writing
from node.storage.wall_send import WallSending
from node.storage.wall_tables import ledger_entry, ledger_head, ledger_root, outbox
from protocols.ledger_roots import LedgerRoot


class WallClosing(WallSending):
    """Implements `ClosingDay` on one open transaction."""

    def last_root(self, site_id: str) -> LedgerRoot | None:
        """The root of the latest day that was closed."""
        found = select(ledger_root.c.body).where(ledger_root.c.site_id == site_id)
        body = self._connection.scalar(found.order_by(ledger_root.c.day.desc()).limit(1))
        return None if body is None else LedgerRoot.model_validate_json(body)

    def head_before(self, moment: datetime) -> Head:
        """The last entry written before the moment, by number and hash."""
        number = self._connection.scalar(
            select(func.max(ledger_entry.c.number))
            .join(outbox, outbox.c.sent_sha256 == ledger_entry.c.sent_sha256)
            .where(outbox.c.released_at < moment)
        )
        return EMPTY if number is None else Head(number, self.hash_at(number))

    def hash_at(self, number: int) -> str:
        """The stored hash of an entry; that of the empty ledger for 0, and nothing where there is no such entry."""
        if not number:
            return EMPTY.hash
        return self._connection.scalar(select(ledger_entry.c.hash).where(ledger_entry.c.number == number)) or ""

    def keep_root(self, root: LedgerRoot, sealed: bytes) -> None:
        """The day is closed by this root."""
        self._connection.execute(
            insert(ledger_root).values(site_id=root.site_id, day=root.day, body=root.model_dump_json(), sealed=sealed)
        )


class WallRoots:
    """Implements `RootBook` and `RootsSeen`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def closing(self) -> Iterator[WallClosing]:
        """One transaction: everything in it holds, or nothing."""
        with writing(self._engine) as connection:
            head = connection.execute(select(ledger_head).with_for_update()).one()
            yield WallClosing(connection, Head(head.number, head.hash))

    def waiting(self, site_id: str) -> list[HeldRoot]:
        """Roots without a witness, the oldest first."""
        found = select(ledger_root).where(ledger_root.c.site_id == site_id, ledger_root.c.sealed_witness.is_(None))
        with reading(self._engine) as connection:
            return [_held(row) for row in connection.execute(found.order_by(ledger_root.c.day))]

    def witness(self, root: LedgerRoot, sealed_witness: bytes, witnessed_at: datetime) -> None:
        """The root is witnessed; what was kept first stays."""
        with writing(self._engine) as connection:
            connection.execute(
                update(ledger_root)
                .where(
                    ledger_root.c.site_id == root.site_id,
                    ledger_root.c.day == root.day,
                    ledger_root.c.sealed_witness.is_(None),
                )
                .values(sealed_witness=sealed_witness, witnessed_at=witnessed_at)
            )

    def of_day(self, day: date | None) -> HeldRoot | None:
        """The root of a day, or the latest."""
        found = select(ledger_root).order_by(ledger_root.c.day.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(found if day is None else found.where(ledger_root.c.day == day)).one_or_none()
            return None if row is None else _held(row)

    def every(self) -> list[HeldRoot]:
        """Every root, by site and day."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(ledger_root).order_by(ledger_root.c.site_id, ledger_root.c.day))
            return [_held(row) for row in rows]


def _held(row: Row[Any]) -> HeldRoot:
    return HeldRoot(LedgerRoot.model_validate_json(row.body), row.sealed, row.sealed_witness, row.witnessed_at)
