"""The ledger of what left: the next entry, the export people keep, and its verification without this node.

An export is one canonical JSON object a line, `{"entry": …, "hash": …}`. A line that is not canonical, or cannot be
read, breaks the chain at its own number, so one changed byte is named wherever it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from node.release.outbox import Parcel
from protocols.encoding import canonical_json
from protocols.receipts import GENESIS, LedgerBroken, LedgerEntry, LedgerFault, entry_hash, verify_chain


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a ledger: its number and its hash."""

    number: int
    hash: str


EMPTY = Head(number=0, hash=GENESIS)


def next_entry(head: Head, parcel: Parcel) -> LedgerEntry:
    """The entry that follows the head and names the parcel's bytes."""
    origin = parcel.origin
    return LedgerEntry(
        number=head.number + 1,
        written_at=parcel.released_at,
        message_kind=parcel.message_kind,
        channel=parcel.channel,
        plan_id=origin.plan_id,
        run_id=origin.run_id,
        round=origin.round,
        attempt=origin.attempt,
        approval_id=origin.approval_id,
        sent_sha256=parcel.sent_sha256,
        sent_bytes=len(parcel.sealed),
        update_sha256=parcel.update_sha256,
        update_norm=parcel.update_norm,
        update_histogram=parcel.update_histogram,
        previous_hash=head.hash,
    )


def head_after(entry: LedgerEntry) -> Head:
    """The head once the entry is written."""
    return Head(number=entry.number, hash=entry_hash(entry))


def entry_text(entry: LedgerEntry) -> str:
    """The entry as it is stored and exported."""
    return canonical_json(entry.model_dump(mode="json")).decode("utf-8")


def export_line(stored_entry: str, stored_hash: str) -> str:
    """One line of an export, from what is stored and without mending it."""
    return f'{{"entry":{stored_entry},"hash":{json.dumps(stored_hash)}}}\n'


def read_entry(number: int, stored_entry: str) -> LedgerEntry:
    """The stored entry of this place.

    Raises:
        LedgerBroken: its text is no entry, or not the canonical text of one.
    """
    try:
        entry = LedgerEntry.model_validate_json(stored_entry)
    except ValidationError:
        raise LedgerBroken(number, LedgerFault.UNREADABLE) from None
    if entry_text(entry) != stored_entry:
        raise LedgerBroken(number, LedgerFault.CHANGED)
    return entry


def verify_stored(rows: Iterable[tuple[str, str]], head: Head | None = None) -> int:
    """How many stored entries hold, each given as (text, hash); with a head, they end in exactly that entry.

    Raises:
        LedgerBroken: naming the first entry that does not hold.
    """
    last = EMPTY.hash

    def read() -> Iterator[tuple[LedgerEntry, str]]:
        nonlocal last
        for number, (text, stored) in enumerate(rows, start=1):
            last = stored
            yield read_entry(number, text), stored

    count = verify_chain(read())
    if head is not None and count != head.number:
        fault = LedgerFault.MISSING if count < head.number else LedgerFault.SURPLUS
        raise LedgerBroken(min(count, head.number) + 1, fault)
    if head is not None and last != head.hash:
        raise LedgerBroken(count, LedgerFault.NOT_LAST)
    return count


def verify_export(lines: Iterable[bytes]) -> int:
    """How many entries of an exported file hold.

    Raises:
        LedgerBroken: naming the first entry that does not hold.
    """
    return verify_stored(stored_in(lines))


def stored_in(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """The stored texts and hashes of an export's lines. Raises: LedgerBroken at a line that is none."""
    for number, line in enumerate(lines, start=1):
        try:
            stored = json.loads(line)
            text = canonical_json(stored["entry"]).decode("utf-8")
            same = export_line(text, stored["hash"]).encode("utf-8") == line
        except (ValueError, TypeError, KeyError, RecursionError):
            raise LedgerBroken(number, LedgerFault.UNREADABLE) from None
        if not same:
            raise LedgerBroken(number, LedgerFault.CHANGED)
        yield text, stored["hash"]
