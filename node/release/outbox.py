"""A parcel: the exact bytes of one message that may leave, and what is known of its journey.

The table is the truth: `after` reads it, tests walk all of it. Nothing ever takes a parcel back to a state that claims
less; the coordinator's signed receipt is the only way to `delivered`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from node.release.asked import Asked
from protocols.receipts import Channel, LedgerEntry


class Passage(StrEnum):
    """What is known of a parcel's journey."""

    RELEASED = "released"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"


class News(StrEnum):
    """What can become known."""

    RECEIPT = "receipt"
    SILENCE = "silence"


PASSAGES: Mapping[tuple[Passage, News], Passage] = MappingProxyType(
    {
        (Passage.RELEASED, News.RECEIPT): Passage.DELIVERED,
        (Passage.RELEASED, News.SILENCE): Passage.UNKNOWN,
        (Passage.UNKNOWN, News.RECEIPT): Passage.DELIVERED,
        (Passage.UNKNOWN, News.SILENCE): Passage.UNKNOWN,
        (Passage.DELIVERED, News.RECEIPT): Passage.DELIVERED,
        (Passage.DELIVERED, News.SILENCE): Passage.DELIVERED,
    }
)

FINAL = frozenset(known for known in Passage if all(PASSAGES[(known, news)] is known for news in News))
"""The passages that no news changes. Only bytes whose passage is one of these may ever be emptied."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a message is about, as its ledger entry says it."""

    plan_id: str | None = None
    run_id: str | None = None
    round: int | None = None
    attempt: int | None = None
    approval_id: str | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """Sealed bytes that passed the gate."""

    sealed: bytes
    message_kind: str
    channel: Channel
    origin: Origin
    released_at: datetime
    answers: Asked | None = None
    """The instruction these bytes answer, where asking again must give the same bytes."""
    update_sha256: str | None = None
    update_norm: float | None = None
    update_histogram: tuple[int, ...] | None = None

    @property
    def sent_sha256(self) -> str:
        """What the ledger and the coordinator's receipt name."""
        return hashlib.sha256(self.sealed).hexdigest()


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry of what left, with its hash and what is known of its journey."""

    entry: LedgerEntry
    entry_hash: str
    passage: Passage
    receipt_at: datetime | None
    emptied_at: datetime | None
    """Since when the bytes are no longer kept here; the entry, its digest and its size stay."""


def after(passage: Passage, news: News) -> Passage:
    """What is known of a parcel once the news came."""
    return PASSAGES[(passage, news)]
