"""The bytes behind the ledger: an entry's are here and are those that left, or they are no longer kept and said to be.

Everything else is a fault. The outbox says since when a parcel is empty, and only a parcel whose journey is over may
be; bytes that are gone without that word should be here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.release.outbox import FINAL, Passage
from protocols.receipts import LedgerBroken, LedgerEntry


class ByteFault(StrEnum):
    """What is wrong with the bytes of an entry, as a code."""

    MISSING = "bytes_missing"
    CHANGED = "bytes_changed"
    EMPTIED_EARLY = "bytes_emptied_early"
    STILL_HERE = "bytes_still_here"


class BytesBroken(LedgerBroken):
    """The chain of entries holds, but the bytes of one do not; `number` names the first such entry."""

    fault: ByteFault


@dataclass(frozen=True, slots=True)
class Boxed:
    """What the outbox holds of one parcel: the digest and the size of its bytes, and since when it is empty."""

    sha256: str
    size: int
    passage: Passage
    emptied_at: datetime | None


@dataclass(frozen=True, slots=True)
class BytesFound:
    """Of how many entries the bytes are here, and of how many they are no longer kept."""

    here: int
    emptied: int


def verify_bytes(entries: Iterable[tuple[LedgerEntry, Boxed | None]]) -> BytesFound:
    """How many entries have their bytes, and how many rightly no longer do.

    Raises:
        BytesBroken: naming the first entry of which neither is true.
    """
    here = emptied = 0
    for entry, boxed in entries:
        fault = None if boxed is None else _fault(entry, boxed)
        if boxed is None or fault is not None:
            raise BytesBroken(entry.number, fault or ByteFault.MISSING)
        here, emptied = here + (boxed.emptied_at is None), emptied + (boxed.emptied_at is not None)
    return BytesFound(here, emptied)


def _fault(entry: LedgerEntry, boxed: Boxed) -> ByteFault | None:
    if boxed.emptied_at is not None and boxed.passage not in FINAL:
        return ByteFault.EMPTIED_EARLY
    if boxed.emptied_at is not None:
        return ByteFault.STILL_HERE if boxed.size else None
    if not boxed.size:
        return ByteFault.MISSING
    return None if (boxed.sha256, boxed.size) == (entry.sent_sha256, entry.sent_bytes) else ByteFault.CHANGED
