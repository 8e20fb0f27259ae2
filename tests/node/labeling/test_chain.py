"""The chain of readings shows every change."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from node.labeling.chain import GENESIS, ChainEntry, ChainHead, next_entry, salted_digest, verify_chain
from node.labeling.errors import ChainBroken
from node.labeling.reading import Answer, Reading, ReadingContent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def reading(number: int, option: str = "present") -> Reading:
    said = ReadingContent(answers=(Answer(question="abnormal", option=option),), seconds_active=5)
    return Reading(f"reading-{number}", f"assignment-{number}", "project", f"case-{number}", "reader", NOW, said)


def chain(length: int) -> list[ChainEntry]:
    head, entries = ChainHead(0, GENESIS), []
    for number in range(1, length + 1):
        entry = next_entry(head, reading(number), bytes([number]) * 32)
        head = ChainHead(entry.number, entry.entry_hash)
        entries.append(entry)
    return entries


def test_an_untouched_chain_verifies_to_its_head() -> None:
    entries = chain(4)
    assert verify_chain(entries) == ChainHead(4, entries[-1].entry_hash)
    assert verify_chain([]) == ChainHead(0, GENESIS)


def test_a_changed_opinion_is_found_where_it_is() -> None:
    entries = chain(4)
    entries[2] = replace(entries[2], reading=reading(3, "absent"))
    with pytest.raises(ChainBroken) as broken:
        verify_chain(entries)
    assert broken.value.number == 3


def test_a_changed_opinion_with_its_digest_made_to_fit_is_found_too() -> None:
    entries = chain(4)
    changed = reading(3, "absent")
    entries[2] = replace(entries[2], reading=changed, digest=salted_digest(changed, b"\x03" * 32))
    with pytest.raises(ChainBroken):
        verify_chain(entries)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_reading_taken_out_is_missed(missing: int) -> None:
    entries = chain(4)
    del entries[missing]
    with pytest.raises(ChainBroken) as broken:
        verify_chain(entries)
    assert broken.value.number == missing + 1


def test_two_readings_changing_places_are_found() -> None:
    entries = chain(3)
    with pytest.raises(ChainBroken):
        verify_chain([entries[1], entries[0], entries[2]])


def test_an_erased_reading_leaves_the_chain_whole_and_its_digest_mute() -> None:
    entries = chain(3)
    entries[1] = replace(entries[1], salt=None, reading=None)
    assert verify_chain(entries).number == 3
    guesses = {salted_digest(reading(2, option), bytes(32)) for option in ("present", "absent")}
    assert entries[1].digest not in guesses
