"""Which own cases a reader is given again: by the own readings and the moment alone."""

from datetime import timedelta
from itertools import count

import pytest
from fakes.ward_books import NOW

from node.labeling.errors import RepeatsRefused
from node.labeling.repeats import Repeat, Repeats, due

SETTING = Repeats(0.2, 7)
WEEK = timedelta(days=7)


def found(submitted: dict[str, int], made: dict[str, frozenset[str]] | None = None, days: int = 7) -> list[Repeat]:
    """What is due of people who read so many cases, so many days ago."""
    numbers = count()
    read = {
        who: {f"{who}-case-{n}": NOW - timedelta(days=days) for n in range(many)} for who, many in submitted.items()
    }
    return due(SETTING, read, made or {}, NOW, lambda: f"new-{next(numbers)}")


@pytest.mark.parametrize(("readings", "repeats"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (25, 5)])
def test_a_share_of_the_own_readings_is_repeated_and_never_more(readings: int, repeats: int) -> None:
    assert len(found({"one": readings})) == repeats


def test_nothing_is_repeated_before_its_spacing_nor_twice() -> None:
    assert found({"one": 10}, days=6) == []
    first = {one.of_case_id for one in found({"one": 10})}
    assert found({"one": 10}, {"one": frozenset(first)}) == []
    more = {one.of_case_id for one in found({"one": 20}, {"one": frozenset(first)})}
    assert len(more) == 2
    assert not more & first


def test_what_others_read_moves_no_repeat_of_a_reader() -> None:
    alone = [one for one in found({"one": 10}) if one.person_id == "one"]
    beside = [one for one in found({"one": 10, "two": 50}) if one.person_id == "one"]
    assert [one.of_case_id for one in alone] == [one.of_case_id for one in beside]


def test_a_repeat_stands_in_the_worklist_by_its_new_name_alone() -> None:
    (one,) = found({"one": 5})
    assert (one.case_id, one.of_case_id.startswith("one-case-")) == ("new-0", True)
    assert 0 <= one.position < 2**62


@pytest.mark.parametrize(("share", "days"), [(0, 7), (-0.1, 7), (0.21, 7), (0.1, 0), (0.1, 366)])
def test_repeats_out_of_bounds_are_refused(share: float, days: int) -> None:
    with pytest.raises(RepeatsRefused):
        Repeats(share, days)
