"""The whole ledger proved at the node that wrote it: every link of the chain, then the bytes behind every entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from node.flows.desk_ports import LedgerBook
from node.release.kept_bytes import Boxed, verify_bytes
from node.release.ledger import verify_stored
from protocols.receipts import LedgerEntry


class BoxedBytes(Protocol):
    """What the outbox holds behind the ledger."""

    def boxed(self, until: int) -> Iterator[tuple[LedgerEntry, Boxed | None]]:
        """Every entry up to a number, in order, with what the outbox holds of its parcel."""
        ...


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """How many entries hold; of how many the bytes are here, and of how many they are no longer kept."""

    entries: int
    here: int
    emptied: int


def prove_ledger(book: LedgerBook, boxes: BoxedBytes) -> LedgerProof:
    """What holds, up to the entry that was last written when this began.

    Raises:
        LedgerBroken: naming the first entry whose link does not hold, or else (`BytesBroken`) whose bytes do not.
    """
    head = book.head()
    entries = verify_stored(book.stored(head.number), head)
    found = verify_bytes(boxes.boxed(entries))
    return LedgerProof(entries, found.here, found.emptied)
