"""The chain of readings shows every change."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from node.labeling.chain import (
    GENESIS,
    ChainEntry,
    ChainHead,
    ChainProof,
    DestroyReason,
    Destruction,
    next_entry,
    salted_digest,
    verify_chain,
)
from node.labeling.errors import ChainBroken
from node.labeling.reading import Amendment, AmendReason, Answer, Basis, Reading, ReadingContent, counting

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDED = Destruction(NOW, "steward", DestroyReason.PATIENT_ASKED)
BASIS = Basis("chest-film-abnormal", 1, 1, "a" * 64, suggestion_shown=False)
AMENDED = Amendment("reading-1", AmendReason.MISTAKE, counts=True)
FROZEN = "c1f285af4c60450825d6584a29ac7723eb3b1a8ef7aba8c0cb0e991e76a4661b"


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
    assert verify_chain(entries) == ChainProof(ChainHead(4, entries[-1].entry_hash), ())
    assert verify_chain([]) == ChainProof(ChainHead(0, GENESIS), ())


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


def test_a_destroyed_reading_leaves_the_chain_whole_tells_of_its_end_and_its_digest_is_mute() -> None:
    entries = chain(3)
    entries[1] = replace(entries[1], salt=None, reading=None, destroyed=ENDED)
    assert verify_chain(entries) == ChainProof(ChainHead(3, entries[-1].entry_hash), ((2, ENDED),))
    guesses = {salted_digest(reading(2, option), bytes(32)) for option in ("present", "absent")}
    assert entries[1].digest not in guesses


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": None, "reading": None},
        {"salt": None},
        {"reading": None},
        {"salt": None, "destroyed": ENDED},
        {"destroyed": ENDED},
    ],
)
def test_a_body_that_is_missing_without_a_note_or_there_in_spite_of_one_breaks_the_chain(changes: Any) -> None:
    entries = chain(3)
    entries[1] = replace(entries[1], **changes)
    with pytest.raises(ChainBroken) as broken:
        verify_chain(entries)
    assert broken.value.number == 2


def test_what_a_reading_was_made_under_and_that_it_was_amended_is_bound_too() -> None:
    amended = replace(reading(2), basis=BASIS, amendment=AMENDED)
    entries = [*chain(1)]
    entries.append(next_entry(ChainHead(1, entries[0].entry_hash), amended, bytes(32)))
    assert verify_chain(entries).head.number == 2
    for changed in (
        replace(amended, basis=None),
        replace(amended, basis=replace(BASIS, guideline_version=2)),
        replace(amended, basis=replace(BASIS, suggestion_shown=True)),
        replace(amended, amendment=None),
        replace(amended, amendment=replace(AMENDED, counts=False)),
        replace(amended, amendment=replace(AMENDED, reason=AmendReason.OVERLOOKED)),
    ):
        with pytest.raises(ChainBroken):
            verify_chain([entries[0], replace(entries[1], reading=changed)])


def test_a_reading_of_the_first_release_has_the_digest_it_had() -> None:
    """Frozen: computed by release 0.1.0 from the same reading and salt."""
    assert salted_digest(reading(1), b"\x01" * 32) == FROZEN


def test_of_each_reader_the_latest_reading_counts_unless_it_came_too_late() -> None:
    first, other = reading(1), replace(reading(1), reading_id="other", person_id="another")
    second = replace(first, reading_id="second", amendment=AMENDED)
    late = replace(first, reading_id="late", amendment=replace(AMENDED, counts=False))
    assert counting([first, other]) == [first, other]
    assert counting([first, other, second, late]) == [second, other]
