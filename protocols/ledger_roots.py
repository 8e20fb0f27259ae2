"""Daily roots of a hospital's ledger, and the coordinator's countersignature under each.

A root says of one UTC day that is over: so many entries, and this is the hash of the last. It names the digest of the
root before it, so roots are a chain of their own, a day each, in order and without gaps, also over days on which
nothing left. Sealed by the hospital for `ledger-root`; the coordinator checks that it follows the root it holds and
seals a witness of it for `ledger-witness`. Whoever holds a witness can tell a ledger that was rewritten or cut.

Not done here: what a root cannot say. Entries after the last witnessed root stand in the hospital's chain alone.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Digest, Instant, Wire, canonical_json
from protocols.errors import ProtocolError
from protocols.ids import Uuid
from protocols.receipts import GENESIS
from protocols.spoken import WORDS, spoken

ROOT_BYTES_MAX = 2048


class LedgerRoot(Wire):
    """A hospital's word for its ledger at the end of one UTC day (sealed for `ledger-root`)."""

    kind: ClassVar[str] = "ledger-root"
    version: ClassVar[int] = 1

    site_id: Uuid
    day: date
    entries: Annotated[int, Field(ge=0)]
    """The number of the last entry written before the day ended."""
    head_hash: Digest
    """That entry's hash; `GENESIS` where there is none."""
    previous_sha256: Digest
    """The digest of the root of the day before; `GENESIS` in the first."""
    closed_at: Instant


class LedgerWitness(Wire):
    """The coordinator's word that it holds this root and no other of the day (sealed for `ledger-witness`)."""

    kind: ClassVar[str] = "ledger-witness"
    version: ClassVar[int] = 1

    site_id: Uuid
    day: date
    entries: Annotated[int, Field(ge=0)]
    head_hash: Digest
    root_sha256: Digest
    witnessed_at: Instant


class RootFault(StrEnum):
    """What is wrong with a root or its witness, as a code."""

    UNREADABLE = "unreadable"
    NOT_OVER = "not-over"
    GAP = "gap"
    TWO_ROOTS = "two-roots"
    UNLINKED = "unlinked"
    SHORTENED = "shortened"
    OTHER_ROOT = "other-root"
    UNTRUSTED = "untrusted"


class RootBroken(ProtocolError):
    """A root that does not follow the one before it, or a witness of another root."""

    def __init__(self, fault: RootFault, day: date | None = None) -> None:
        super().__init__(f"ledger root{'' if day is None else f' of {day.isoformat()}'}: {fault.value}")
        self.fault = fault
        self.day = day


def day_end(day: date) -> datetime:
    """The moment a UTC day is over."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def root_digest(root: LedgerRoot) -> str:
    """What the next root and the witness name: SHA-256 of the canonical encoding, hexadecimal."""
    return hashlib.sha256(b"intramuros/ledger-root/1" + canonical_json(root.model_dump(mode="json"))).hexdigest()


def root_words(root: LedgerRoot) -> str:
    """Eight words of the root's digest (128 bits of it), for paper and telephone."""
    return spoken(bytes.fromhex(root_digest(root))[: 2 * WORDS])


def check_follows(root: LedgerRoot, before: LedgerRoot | None) -> None:
    """Return when the root is the next after that one, or a first root where there is none.

    Raises:
        RootBroken: a day was left out or told twice, another root was before it, or the ledger became shorter.
    """
    if before is None:
        if root.previous_sha256 != GENESIS:
            raise RootBroken(RootFault.UNLINKED, root.day)
    elif root.day <= before.day:
        raise RootBroken(RootFault.TWO_ROOTS, root.day)
    elif root.day != before.day + timedelta(days=1):
        raise RootBroken(RootFault.GAP, root.day)
    elif root.previous_sha256 != root_digest(before):
        raise RootBroken(RootFault.UNLINKED, root.day)
    elif (root.entries, root.head_hash) != (before.entries, before.head_hash) and root.entries <= before.entries:
        raise RootBroken(RootFault.SHORTENED, root.day)


def witness_of(root: LedgerRoot, *, now: datetime) -> LedgerWitness:
    """What the coordinator seals under a root that follows."""
    return LedgerWitness(
        site_id=root.site_id,
        day=root.day,
        entries=root.entries,
        head_hash=root.head_hash,
        root_sha256=root_digest(root),
        witnessed_at=now,
    )


def check_witness(witness: LedgerWitness, root: LedgerRoot) -> None:
    """Return when the witness is of exactly this root.

    Raises:
        RootBroken: it is of another.
    """
    if witness != witness_of(root, now=witness.witnessed_at):
        raise RootBroken(RootFault.OTHER_ROOT, root.day)
