"""The ledger of what left a hospital: entries chained by hash, and the coordinator's signed receipts.

An entry's hash covers the hash before it, so one changed byte breaks every later link. The chain is written by the node
and can be verified by anyone who holds the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Code, Digest, Instant, Wire, canonical_json
from protocols.errors import ProtocolError
from protocols.ids import Uuid

GENESIS = "0" * 64
HISTOGRAM_BOUNDS = tuple(10.0**exponent for exponent in range(-8, 1))
"""The sizes at which one count of an update's histogram ends and the next begins: a power of ten each."""
Histogram = Annotated[
    tuple[Annotated[int, Field(ge=0)], ...],
    Field(min_length=len(HISTOGRAM_BOUNDS) + 1, max_length=len(HISTOGRAM_BOUNDS) + 1),
]
"""Counts by absolute size: below the first bound, between two bounds, from the last bound on."""


def _is_none(value: object) -> bool:
    return value is None


class Channel(StrEnum):
    """By which way a message left."""

    FLEET = "fleet"
    API = "api"


class LedgerEntry(Wire):
    """One message that left, or was about to leave when the node stopped."""

    kind: ClassVar[str] = "ledger-entry"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[int, ...]] = (1,)

    number: Annotated[int, Field(ge=1)]
    written_at: Instant
    message_kind: Code
    channel: Channel
    plan_id: Uuid | None
    run_id: Uuid | None
    round: int | None
    attempt: int | None
    approval_id: Uuid | None
    sent_sha256: Digest
    sent_bytes: Annotated[int, Field(ge=1)]
    update_sha256: Digest | None
    """Digest of the update before quantising and masking."""
    update_norm: float | None
    update_histogram: Histogram | None = Field(default=None, exclude_if=_is_none)
    """How many numbers of the update, before quantising and masking, are of which size (`HISTOGRAM_BOUNDS`).

    Without one the field is not written, so that an entry of version 1 keeps its text and its hash.
    """
    previous_hash: Digest


class LedgerFault(StrEnum):
    """What is wrong with an entry of a ledger, as a code; the words for people are the node's texts."""

    MISNUMBERED = "misnumbered"
    UNLINKED = "unlinked"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    SURPLUS = "surplus"
    NOT_LAST = "not_last"
    UNROOTED = "unrooted"


class LedgerBroken(ProtocolError):
    """The ledger does not hold; `number` names the first entry that is wrong, `fault` what is wrong with it."""

    fault: StrEnum

    def __init__(self, number: int, fault: StrEnum) -> None:
        super().__init__(f"ledger entry {number}: {fault}")
        self.number = number
        self.fault = fault


class Receipt(Wire):
    """The coordinator's word that it holds these bytes (sealed for `receipt`)."""

    kind: ClassVar[str] = "receipt"
    version: ClassVar[int] = 1

    site_id: Uuid
    sent_sha256: Digest
    received_at: Instant


def entry_hash(entry: LedgerEntry) -> str:
    """SHA-256 of an entry's canonical encoding, hexadecimal; the next entry's `previous_hash`."""
    return hashlib.sha256(b"intramuros/ledger/1" + canonical_json(entry.model_dump(mode="json"))).hexdigest()


def verify_chain(entries: Iterable[tuple[LedgerEntry, str]]) -> int:
    """How many entries hold, given each entry with the hash stored beside it.

    Raises:
        LedgerBroken: naming the first entry whose number, link or hash is wrong.
    """
    previous, count = GENESIS, 0
    for entry, stored_hash in entries:
        count += 1
        if entry.number != count:
            raise LedgerBroken(count, LedgerFault.MISNUMBERED)
        if entry.previous_hash != previous:
            raise LedgerBroken(count, LedgerFault.UNLINKED)
        previous = entry_hash(entry)
        if stored_hash != previous:
            raise LedgerBroken(count, LedgerFault.CHANGED)
    return count
