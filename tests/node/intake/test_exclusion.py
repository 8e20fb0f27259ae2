"""Who an exclusion means, what of several entries counts, and that nothing of a number can be read back."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from fakes.exclusions import entry
from fakes.instances import START

from node.ground.keyring import make_keys
from node.intake.exclusion import (
    LIFTED_FOR,
    ExclusionEntry,
    ExclusionKind,
    LiftReason,
    canonical_number,
    is_number,
    standing,
)
from node.intake.lookups import Lookups

OPT_OUT, HOLD = ExclusionKind.OPT_OUT, ExclusionKind.LEGAL_HOLD
LATER = START + timedelta(seconds=1)


def test_spellings_of_one_number_are_one_patient() -> None:
    spellings = ["0012-3456a", "123456A", " 12 34 56 a ", "１２３４５６Ａ", "12.34.56/A", "000123456A\0"]
    assert {canonical_number(spelling) for spelling in spellings} == {"123456A"}
    assert canonical_number("123457A") != canonical_number("123456A")
    assert canonical_number("000") == "0"


@pytest.mark.parametrize("line", ["", "  ", "---", "\x00", "1" * 65, "12\t34"])
def test_what_cannot_be_a_patient_number_is_none(line: str) -> None:
    assert not is_number(line)


def test_a_name_in_hangul_is_no_reason_to_refuse_a_number() -> None:
    assert is_number("가-123")


def test_the_latest_entry_of_a_patient_and_kind_counts_in_whatever_order_they_are_read() -> None:
    entries = [
        entry("a", OPT_OUT, START),
        entry("a", OPT_OUT, LATER, LiftReason.PATIENT_AGREED),
        entry("a", HOLD, START),
        entry("b", OPT_OUT, START),
    ]
    for order in permutations(entries):
        assert set(standing(order)) == {("a" * 64, HOLD), ("b" * 64, OPT_OUT)}


def test_of_two_entries_at_one_moment_the_one_that_excludes_counts() -> None:
    both: list[ExclusionEntry] = [entry("a", OPT_OUT, START), entry("a", OPT_OUT, START, LiftReason.PATIENT_AGREED)]
    assert set(standing(both)) == set(standing(both[::-1])) == {("a" * 64, OPT_OUT)}


def test_every_kind_can_end_and_every_reason_ends_something() -> None:
    assert set(LIFTED_FOR) == set(ExclusionKind)
    assert {reason for reasons in LIFTED_FOR.values() for reason in reasons} == set(LiftReason)


def test_a_lookup_is_keyed_by_the_node_and_never_the_lookup_of_something_else(tmp_path: Path) -> None:
    here, elsewhere = (Lookups(make_keys(tmp_path / name)) for name in ("here", "elsewhere"))
    assert here.patient_number("12-34") == here.patient_number("001234") != elsewhere.patient_number("1234")
    assert here.patient_number("1234") != here.instance("1234")
    assert here.patient_number("") == here.patient_number(" - ") == ""
    assert "1234" not in repr(entry(here.patient_number("1234")[:1], OPT_OUT, START))
