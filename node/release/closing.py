"""A day of the ledger, closed: which day is due, and what its root says.

Days are UTC and closed in order, one after another, also those on which nothing left; the first is the day before the
ledger is first looked at, and stands for everything until then. A root leaves through the gate like anything else, so
the closing of one day is an entry of a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from node.release.ledger import Head
from protocols.ledger_roots import LedgerRoot, day_end, root_digest
from protocols.receipts import GENESIS, LedgerBroken, LedgerFault


@dataclass(frozen=True, slots=True)
class Closing:
    """A day to be closed: where the ledger stood at its end, and the root of the day before."""

    day: date
    head: Head
    before: LedgerRoot | None


@dataclass(frozen=True, slots=True)
class HeldRoot:
    """A root of this hospital as it was sealed, and the coordinator's witness once there is one."""

    root: LedgerRoot
    sealed: bytes
    sealed_witness: bytes | None
    witnessed_at: datetime | None


def due_day(before: LedgerRoot | None, now: datetime) -> date | None:
    """The day to close next; nothing while it is not over."""
    day = now.date() - timedelta(days=1) if before is None else before.day + timedelta(days=1)
    return day if day_end(day) <= now else None


def closing_of(day: date, head: Head, before: LedgerRoot | None, *, hash_before: str) -> Closing:
    """The day as it is closed; `hash_before` is the hash that the ledger now has where the day before ended.

    Raises:
        LedgerBroken: the ledger is shorter than the root before says, or was written anew beneath it.
    """
    if before is not None:
        if head.number < before.entries:
            raise LedgerBroken(head.number + 1, LedgerFault.MISSING)
        if hash_before != before.head_hash:
            raise LedgerBroken(before.entries, LedgerFault.UNROOTED)
    return Closing(day, head, before)


def root_of(closing: Closing, site_id: str, now: datetime) -> LedgerRoot:
    """The root of a closed day."""
    return LedgerRoot(
        site_id=site_id,
        day=closing.day,
        entries=closing.head.number,
        head_hash=closing.head.hash,
        previous_sha256=GENESIS if closing.before is None else root_digest(closing.before),
        closed_at=now,
    )
