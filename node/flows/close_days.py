"""Days of the ledger are closed in order, each root is sent, and the coordinator's witness of it is kept.

A day is closed in one transaction with the ledger's head held: the root says what the ledger is, passes the gate, and
enters outbox and ledger like anything that leaves. A ledger that was written anew beneath a root closes no more days.
A root without a witness is sent again, the oldest first; a witness of another root is refused and not kept.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.flows.coordinator_line import CoordinatorRefused, CoordinatorUnreachable
from node.flows.send import OwnSite, Sending, parcel_of, release
from node.ground.clock import Clock
from node.ground.logs import log
from node.release.closing import HeldRoot, closing_of, due_day, root_of
from node.release.gate import pass_gate
from node.release.ledger import Head
from node.release.outbox import News, Origin
from node.release.promise import Outgoing, Promise
from protocols.encoding import decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.ledger_roots import (
    ROOT_BYTES_MAX,
    LedgerRoot,
    LedgerWitness,
    RootBroken,
    RootFault,
    check_witness,
    day_end,
)
from protocols.receipts import LedgerBroken
from protocols.signing import PublicIdentity, Purpose, unseal

DAYS_A_LOOK = 31
LOOK_SECONDS = 600.0


class ClosingDay(Sending, Protocol):
    """A send's transaction that can also close a day."""

    def last_root(self, site_id: str) -> LedgerRoot | None:
        """The root of the latest day that was closed."""
        ...

    def head_before(self, moment: datetime) -> Head:
        """The last entry written before the moment, by number and hash."""
        ...

    def hash_at(self, number: int) -> str:
        """The stored hash of an entry; that of the empty ledger for 0, and nothing where there is no such entry."""
        ...

    def keep_root(self, root: LedgerRoot, sealed: bytes) -> None:
        """The day is closed by this root."""
        ...


class RootBook(Protocol):
    """Where roots are kept."""

    def closing(self) -> AbstractContextManager[ClosingDay]:
        """One transaction: everything in it holds, or nothing."""
        ...

    def waiting(self, site_id: str) -> list[HeldRoot]:
        """Roots without a witness, the oldest first."""
        ...

    def witness(self, root: LedgerRoot, sealed_witness: bytes, witnessed_at: datetime) -> None:
        """The root is witnessed."""
        ...


class RootLine(Protocol):
    """The line to the coordinator. Raises: CoordinatorUnreachable, CoordinatorRefused."""

    def deliver(self, message_kind: str, sealed: bytes) -> bytes:
        """The sealed witness for a sealed root."""
        ...


class RootJourneys(Protocol):
    """What is known of the roots' journeys."""

    def tell(self, sent_sha256: str, news: News, at: datetime, *, sealed_receipt: bytes | None = None) -> bool:
        """The parcel's passage follows the news; False when there is no such parcel."""
        ...


@dataclass(frozen=True, slots=True)
class Witnessing:
    """What closing days needs."""

    site: OwnSite
    roots: RootBook
    line: RootLine
    journeys: RootJourneys
    clock: Clock


def look(parts: Witnessing) -> float:
    """Days that are over are closed and their roots witnessed, as far as it goes today; the seconds until the next."""
    try:
        close_days(parts.roots, parts.site, parts.clock.now())
        witness_roots(parts)
    except LedgerBroken as broken:
        log().error("ledger not closed", entry=broken.number, reason=broken.fault.value)
    except CoordinatorUnreachable:
        log().warning("daily root waits", reason="unreachable")
    except CoordinatorRefused as refusal:
        log().error("daily root refused", code=refusal.code, status=refusal.status)
    except RootBroken as broken:
        log().error("witness refused", reason=broken.fault.value)
    return LOOK_SECONDS


def close_days(roots: RootBook, site: OwnSite, now: datetime) -> int:
    """How many days were closed, at most a month of them.

    Raises:
        LedgerBroken: the ledger is not the one that the last root names.
    """
    closed = 0
    while closed < DAYS_A_LOOK and _close_next(roots, site, now):
        closed += 1
    return closed


def _close_next(roots: RootBook, site: OwnSite, now: datetime) -> bool:
    with roots.closing() as door:
        before = door.last_root(site.site_id)
        day = due_day(before, now)
        if day is None:
            return False
        head = door.head_before(day_end(day))
        if before is None and not head.number:
            return False
        hash_before = door.hash_at(0 if before is None else before.entries)
        closing = closing_of(day, head, before, hash_before=hash_before)
        root = root_of(closing, site.site_id, now)
        promise = Promise(site.identity.public.raw, site.site_id, closing=closing)
        passed = pass_gate(Outgoing(root), promise, site.identity)
        release(door, parcel_of(passed, Origin(), now), needs_approval=passed.row.needs_approval, now=now)
        door.keep_root(root, passed.sealed)
    return True


def witness_roots(parts: Witnessing) -> int:
    """How many roots the coordinator countersigned.

    Raises:
        CoordinatorUnreachable, CoordinatorRefused: what was not witnessed waits.
        RootBroken: the answer is no witness of the root.
    """
    waiting = parts.roots.waiting(parts.site.site_id)
    for held in waiting:
        answer = parts.line.deliver(LedgerRoot.kind, held.sealed)
        witness = read_witness(answer, held.root, parts.site.coordinator)
        sent_sha256 = hashlib.sha256(held.sealed).hexdigest()
        parts.journeys.tell(sent_sha256, News.RECEIPT, witness.witnessed_at, sealed_receipt=answer)
        parts.roots.witness(held.root, answer, witness.witnessed_at)
    return len(waiting)


def read_witness(sealed: bytes, root: LedgerRoot, coordinator: PublicIdentity) -> LedgerWitness:
    """The coordinator's witness of exactly this root.

    Raises:
        RootBroken: sealed by another, or of another root.
    """
    try:
        frame = unseal(sealed, coordinator, Purpose.LEDGER_WITNESS)
        witness, blob = decode(frame, LedgerWitness, max_bytes=ROOT_BYTES_MAX)
    except (SignatureRefused, FrameRefused):
        raise RootBroken(RootFault.UNREADABLE, root.day) from None
    if blob:
        raise RootBroken(RootFault.UNREADABLE, root.day)
    check_witness(witness, root)
    return witness
