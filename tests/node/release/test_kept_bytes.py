"""The bytes behind the entries: here and the same, rightly no longer kept, or a fault that is named."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW

from node.release.kept_bytes import Boxed, ByteFault, BytesBroken, BytesFound, verify_bytes
from node.release.ledger import Head, next_entry
from node.release.outbox import FINAL, Origin, Parcel, Passage
from protocols.receipts import GENESIS, Channel, LedgerEntry

PARCEL = Parcel(b"sealed", "model-update", Channel.FLEET, Origin(), NOW)
HERE = Boxed(PARCEL.sent_sha256, len(PARCEL.sealed), Passage.DELIVERED, None)
EMPTIED = Boxed("e3" * 32, 0, Passage.DELIVERED, NOW + timedelta(days=90))


def entry(number: int) -> LedgerEntry:
    return next_entry(Head(number - 1, GENESIS), PARCEL)


def test_a_parcels_journey_is_over_only_when_it_is_delivered() -> None:
    assert {Passage.DELIVERED} == FINAL


@pytest.mark.parametrize("passage", list(Passage))
def test_bytes_that_are_here_hold_wherever_their_journey_stands(passage: Passage) -> None:
    assert verify_bytes([(entry(1), replace(HERE, passage=passage))]) == BytesFound(here=1, emptied=0)


def test_bytes_here_and_bytes_no_longer_kept_are_counted_apart() -> None:
    held = [(entry(1), EMPTIED), (entry(2), HERE), (entry(3), EMPTIED)]
    assert verify_bytes(held) == BytesFound(here=1, emptied=2)
    assert verify_bytes([]) == BytesFound(0, 0)


@pytest.mark.parametrize(
    ("boxed", "fault"),
    [
        (None, ByteFault.MISSING),
        (replace(HERE, sha256="e3" * 32, size=0), ByteFault.MISSING),
        (replace(HERE, sha256="ab" * 32), ByteFault.CHANGED),
        (replace(HERE, size=7), ByteFault.CHANGED),
        (replace(EMPTIED, passage=Passage.RELEASED), ByteFault.EMPTIED_EARLY),
        (replace(EMPTIED, passage=Passage.UNKNOWN), ByteFault.EMPTIED_EARLY),
        (replace(HERE, emptied_at=NOW), ByteFault.STILL_HERE),
    ],
)
def test_everything_else_is_a_fault_of_the_entry_it_is_found_at(boxed: Boxed | None, fault: ByteFault) -> None:
    with pytest.raises(BytesBroken) as broken:
        verify_bytes([(entry(1), HERE), (entry(2), EMPTIED), (entry(3), boxed), (entry(4), None)])
    assert (broken.value.number, broken.value.fault) == (3, fault)
