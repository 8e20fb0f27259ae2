"""Agreement by question, reader, department and month; and what of it a lead may see."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from node.consensus.agreement import Asked, CellAgreement, Read, agreement, own, settled_until, shown_to_lead
from node.consensus.opinion_table import Opinion

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ASKED = Asked("abnormal", ("absent", "present"))


def reads(said: dict[str, str], *, day: int = 0, departments: dict[str, str] | None = None) -> list[Read]:
    """`said`: by reader, one letter a case (`p`, `a`, or `-` for none)."""
    words = {"p": "present", "a": "absent"}
    return [
        Read(
            Opinion(f"case{day}-{case}", reader, words[letter]),
            (departments or {}).get(reader, "radiology"),
            START + timedelta(days=day),
        )
        for reader, letters in said.items()
        for case, letter in enumerate(letters)
        if letter in words
    ]


def test_readers_are_measured_against_the_others_on_the_same_cases() -> None:
    found = agreement(ASKED, reads({"a": "ppaa", "b": "ppaa", "c": "aapp"}), np.random.default_rng(1), draws=20)
    assert {name: one.share for name, one in found.by_reader.items()} == {"a": 0.5, "b": 0.5, "c": 0.0}
    assert found.by_reader["c"].beyond_chance == pytest.approx(-1.0)
    assert own(found, "c") == found.by_reader["c"]
    assert own(found, "nobody") is None


def test_a_repeat_reading_does_not_count_as_another_reader() -> None:
    once = reads({"a": "pa", "b": "pa"})
    again = [
        Read(one.opinion, one.department, one.at + timedelta(days=9)) for one in once if one.opinion.reader_id == "a"
    ]
    changed = [Read(Opinion(one.opinion.case_id, "a", "present"), one.department, one.at) for one in again]
    found = agreement(ASKED, [*changed, *once], np.random.default_rng(1), draws=20)
    assert found.whole.figure is not None
    assert found.whole.figure.value == pytest.approx(1.0)
    assert found.by_reader["a"].pairs == 2


def test_departments_and_months_have_figures_of_their_own() -> None:
    departments = {"a": "radiology", "b": "radiology", "c": "pulmonology", "d": "pulmonology"}
    said = {"a": "ppaa", "b": "ppaa", "c": "ppaa", "d": "apap"}
    some = [*reads(said, departments=departments), *reads({"a": "pa", "b": "ap"}, day=40, departments=departments)]
    found = agreement(ASKED, some, np.random.default_rng(1), draws=20)
    figures = {name: cell.figure for name, cell in found.by_department.items()}
    assert figures["radiology"] is not None
    assert figures["pulmonology"] is not None
    assert figures["radiology"].value > figures["pulmonology"].value
    assert list(found.by_month) == ["2026-01", "2026-02"]


def test_a_lead_sees_no_cell_of_fewer_than_five_readers() -> None:
    departments = {**dict.fromkeys("abcde", "radiology"), "f": "pulmonology", "g": "pulmonology"}
    said = dict.fromkeys("abcdef", "ppaa") | {"g": "apaa"}
    found = agreement(ASKED, reads(said, departments=departments), np.random.default_rng(1), draws=20)
    shown = shown_to_lead(found)
    assert shown.by_department["pulmonology"] == CellAgreement(None, 0, withheld=True)
    assert shown.by_department["radiology"].figure is not None
    assert set(shown.by_reader) == set("abcdefg")


def test_a_lead_of_four_readers_sees_nothing_of_them() -> None:
    found = agreement(ASKED, reads(dict.fromkeys("abcd", "ppaa")), np.random.default_rng(1), draws=20)
    shown = shown_to_lead(found)
    assert (shown.whole.withheld, shown.by_reader, shown.alarms) == (True, {}, ())
    assert all(cell.withheld for cell in [*shown.by_department.values(), *shown.by_month.values()])


def test_readers_who_fall_apart_raise_an_alarm() -> None:
    rng = np.random.default_rng(3)
    some: list[Read] = []
    for month in range(14):
        truth = rng.integers(0, 2, 60)
        right = 0.95 if month < 10 else 0.6
        said = {
            name: "".join("ap"[value if rng.random() < right else 1 - value] for value in truth) for name in "abcde"
        }
        some += reads(said, day=31 * month)
    found = agreement(ASKED, some, np.random.default_rng(1), draws=1)
    assert {alarm.direction.value for alarm in found.alarms} == {"down"}
    assert all(alarm.step >= 2 for alarm in found.alarms)


def test_figures_move_on_mondays_only() -> None:
    assert settled_until(datetime(2026, 3, 4, 15, 30, tzinfo=UTC)) == datetime(2026, 3, 2, tzinfo=UTC)
    assert settled_until(datetime(2026, 3, 2, 0, 0, tzinfo=UTC)) == datetime(2026, 3, 2, tzinfo=UTC)


def test_one_opinion_a_case_measures_nothing() -> None:
    found = agreement(ASKED, reads({"a": "pa--", "b": "--pa"}), np.random.default_rng(1), draws=20)
    assert found.whole == CellAgreement(None, 2)
    assert found.by_reader == {}
