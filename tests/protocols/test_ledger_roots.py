"""Daily roots: what follows what, and what a witness is of."""

from datetime import date, timedelta
from typing import Any

import pytest
from factories import DIGEST, NOW, a_ledger_root, a_ledger_witness

from protocols.ledger_roots import (
    LedgerRoot,
    RootBroken,
    RootFault,
    check_follows,
    check_witness,
    day_end,
    root_digest,
    root_words,
    witness_of,
)
from protocols.receipts import GENESIS

FIRST = a_ledger_root()
OTHER = "cd" * 32


def second(**changes: Any) -> LedgerRoot:
    fields: dict[str, Any] = {
        "day": FIRST.day + timedelta(days=1), "entries": 5, "head_hash": OTHER, "previous_sha256": root_digest(FIRST)
    }  # fmt: skip
    return a_ledger_root(**{**fields, **changes})


def test_a_day_is_over_at_midnight_utc() -> None:
    assert day_end(date(2026, 12, 31)).isoformat() == "2027-01-01T00:00:00+00:00"


def test_a_first_root_and_the_root_of_the_next_day_follow_and_so_does_a_day_without_entries() -> None:
    check_follows(FIRST, None)
    check_follows(second(), FIRST)
    check_follows(second(entries=FIRST.entries, head_hash=FIRST.head_hash), FIRST)


@pytest.mark.parametrize(
    ("root", "fault"),
    [
        (second(day=FIRST.day), RootFault.TWO_ROOTS),
        (second(day=FIRST.day - timedelta(days=1)), RootFault.TWO_ROOTS),
        (second(day=FIRST.day + timedelta(days=2)), RootFault.GAP),
        (second(previous_sha256=GENESIS), RootFault.UNLINKED),
        (second(previous_sha256=OTHER), RootFault.UNLINKED),
        (second(entries=2), RootFault.SHORTENED),
        (second(entries=3), RootFault.SHORTENED),
        (second(entries=2, head_hash=DIGEST), RootFault.SHORTENED),
    ],
)
def test_a_root_that_does_not_follow_is_refused_with_its_fault(root: LedgerRoot, fault: RootFault) -> None:
    with pytest.raises(RootBroken) as broken:
        check_follows(root, FIRST)
    assert (broken.value.fault, broken.value.day) == (fault, root.day)


def test_a_root_that_names_another_before_it_is_no_first_root() -> None:
    with pytest.raises(RootBroken) as broken:
        check_follows(second(), None)
    assert broken.value.fault is RootFault.UNLINKED


@pytest.mark.parametrize(
    "changes", [{"entries": 4}, {"head_hash": OTHER}, {"day": date(2026, 11, 20)}, {"closed_at": NOW + timedelta(1)}]
)
def test_a_witness_is_of_one_root_and_a_change_of_any_field_changes_digest_and_words(changes: dict[str, Any]) -> None:
    witness = a_ledger_witness()
    check_witness(witness, FIRST)
    changed = a_ledger_root(**changes)
    with pytest.raises(RootBroken):
        check_witness(witness, changed)
    assert root_digest(changed) != root_digest(FIRST)
    assert root_words(changed) != root_words(FIRST)


def test_a_root_has_eight_words_and_its_witness_the_moment_it_was_given() -> None:
    assert len(root_words(FIRST).split()) == 8
    assert witness_of(FIRST, now=NOW).witnessed_at == NOW
