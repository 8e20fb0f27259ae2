"""What left, as the wall shows it to people: entries, the chain, the latest daily root."""

from __future__ import annotations

from datetime import datetime

from node.flows.wall_views import View, Words
from node.release.outbox import Passage
from protocols.receipts import Channel


class LedgerRowView(View):
    """One message that left."""

    number: int
    written_at: datetime
    message_kind: str
    channel: Channel
    plan_id: str | None
    run_id: str | None
    round: int | None
    attempt: int | None
    approval_id: str | None
    sent_sha256: str
    sent_bytes: int
    update_sha256: str | None
    update_norm: float | None
    update_histogram: list[int] | None
    """How many numbers of the update are of which size, by powers of ten from below 1e-8 to 1 and more."""
    entry_hash: str
    passage: Passage
    receipt_at: datetime | None
    emptied_at: datetime | None
    """Since when the exact bytes are no longer kept here; nothing while they are."""


class LedgerCheck(View):
    """Whether the whole chain holds; otherwise the first entry that does not."""

    entries: int
    holds: bool
    broken_entry: int | None
    fault: Words | None
    """What is wrong with that entry, as the end of a sentence about it."""


class RootView(View):
    """A daily root as a file: what is proven by its seals, and beside it the same in the open."""

    root: str
    witness: str | None
    day: str
    entries: int
    head_hash: str
    root_sha256: str
    words: str
    witnessed_at: datetime | None


class LedgerPage(View):
    """A page of the ledger; the first page says whether the whole chain holds."""

    entries: list[LedgerRowView]
    total: int
    check: LedgerCheck | None
    root: RootView | None
    """The latest daily root, on the first page."""
