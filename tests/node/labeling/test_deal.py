"""Dealing: even, blind to what others did, and never more than a case needs."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.deal import Deal, DealRules, deal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
S = AssignmentState


def rules(*readers: str, reads: int = 3) -> DealRules:
    return DealRules("project", readers, reads, NOW)


def given_to(person: str, state: AssignmentState, *, case: str = "case", lease: datetime | None = None) -> Assignment:
    return Assignment(f"{case}-{person}", "project", case, person, state, lease)


def people_of(changes: Deal) -> set[str]:
    return {place.person_id for place in changes.added}


def test_each_case_goes_to_as_many_readers_as_it_needs() -> None:
    cases = [f"case-{number}" for number in range(60)]
    changes = deal(rules("a", "b", "c", "d", "e"), cases, [])
    per_case = Counter(place.case_id for place in changes.added)
    per_reader = Counter(place.person_id for place in changes.added)
    assert set(per_case.values()) == {3}
    assert min(per_reader.values()) > 20


def test_with_too_few_readers_each_gets_the_case_once() -> None:
    assert people_of(deal(rules("a", "b"), ["case"], [])) == {"a", "b"}


def test_what_was_dealt_already_is_not_dealt_again() -> None:
    held = [given_to(person, S.WAITING) for person in "abc"]
    assert deal(rules("a", "b", "c"), ["case"], held) == Deal()


def test_a_newcomer_takes_an_even_part_of_everyones_places() -> None:
    cases = [f"case-{number}" for number in range(90)]
    before = deal(rules("a", "b", "c", reads=1), cases, [])
    waiting = [given_to(place.person_id, S.WAITING, case=place.case_id) for place in before.added]
    after = deal(rules("a", "b", "c", "d", reads=1), cases, waiting)
    assert people_of(after) == {"d"}
    assert len(after.added) == len(after.dropped)
    assert 10 < len(after.added) < 40


def test_whoever_submitted_keeps_the_case_and_counts() -> None:
    done = [given_to("gone", S.SUBMITTED)]
    assert len(deal(rules("a", "b", "c"), ["case"], done).added) == 2


def test_a_running_lease_is_not_taken_from_its_reader() -> None:
    held = [given_to("b", S.HELD, lease=LATER)]
    changes = deal(rules("a", "b", reads=1), ["case"], held)
    assert changes == Deal()


def test_a_lease_that_ran_out_goes_to_another_reader_when_there_is_one() -> None:
    late = [given_to("b", S.HELD, lease=NOW)]
    changes = deal(rules("a", "b", reads=1), ["case"], late)
    assert (people_of(changes), changes.lapsed) == ({"a"}, ["case-b"])
    assert deal(rules("b", reads=1), ["case"], late) == Deal()


def test_a_lapsed_place_comes_back_when_nobody_else_can_read_it() -> None:
    lapsed = [given_to("b", S.LAPSED)]
    assert deal(rules("b", reads=1), ["case"], lapsed) == Deal(revived=["case-b"])


def test_whoever_declined_never_gets_the_case_back() -> None:
    declined = [given_to("a", S.DECLINED)]
    assert deal(rules("a", reads=1), ["case"], declined) == Deal()


def test_a_reader_who_may_no_longer_read_loses_places_and_leases() -> None:
    given_places = [given_to("a", S.WAITING), given_to("b", S.HELD, lease=LATER)]
    changes = deal(rules("c"), ["case"], given_places)
    assert (people_of(changes), changes.dropped, changes.lapsed) == ({"c"}, ["case-a"], ["case-b"])


def test_a_case_that_wants_no_more_readings_leaves_every_worklist() -> None:
    given_places = [given_to("a", S.WAITING), given_to("b", S.HELD, lease=LATER), given_to("c", S.SUBMITTED)]
    changes = deal(rules("a", "b", "c"), [], given_places)
    assert changes == Deal(dropped=["case-a"], lapsed=["case-b"])


@pytest.mark.parametrize("others", [S.WAITING, S.SUBMITTED, S.DECLINED, S.HELD])
def test_what_other_readers_did_changes_nothing_for_a_reader_among_three(others: AssignmentState) -> None:
    """With as many readers as readings no act of others can add or take a place."""
    before = deal(rules("a", "b", "c"), ["case"], [])
    place = next(place for place in before.added if place.person_id == "a")
    world = [given_to("a", S.WAITING), given_to("b", others, lease=LATER), given_to("c", others, lease=LATER)]
    after = deal(rules("a", "b", "c"), ["case"], world)
    assert "case-a" not in after.dropped
    assert place.position == next(p.position for p in before.added if p.person_id == "a")


states = st.sampled_from(sorted(S))


@given(st.dictionaries(st.sampled_from("abcdefg"), states, max_size=4), st.integers(1, 4), st.booleans())
def test_no_deal_ever_gives_a_case_to_more_readers_than_it_needs(
    present: dict[str, AssignmentState], reads: int, running: bool
) -> None:
    world = [given_to(person, state, lease=LATER if running else NOW) for person, state in present.items()]
    fixed = sum(one.state in {S.SUBMITTED, S.REQUEUED} or (one.state is S.HELD and running) for one in world)
    changes = deal(rules(*"abcdefg", reads=reads), ["case"], world)
    gone = {*changes.dropped, *changes.lapsed}
    staying = {
        one.person_id
        for one in world
        if one.assignment_id not in gone
        and (one.state in {S.WAITING, S.HELD, S.SUBMITTED, S.REQUEUED} or one.assignment_id in changes.revived)
    }
    willing = 7 - sum(one.state in {S.DECLINED, S.REASSIGNED} for one in world)
    assert len(staying | people_of(changes)) == max(fixed, min(reads, willing))
    assert not people_of(changes) & set(present)


def test_a_case_to_be_read_anew_stays_with_its_reader_while_they_may_read() -> None:
    anew = [given_to("a", S.REQUEUED), given_to("b", S.SUBMITTED)]
    assert deal(rules("a", "b", "c", reads=2), ["case"], anew) == Deal()
    changes = deal(rules("b", "c", reads=2), ["case"], anew)
    assert (people_of(changes), changes.lapsed, changes.dropped) == ({"c"}, ["case-a"], [])


def test_a_case_asks_for_its_own_readers() -> None:
    asked = DealRules("project", ("a", "b", "c"), 2, NOW, {"hard": frozenset({"c"}), "none": frozenset()})
    changes = deal(asked, ["hard", "none", "plain"], [])
    dealt = {case: {place.person_id for place in changes.added if place.case_id == case} for case in asked.of_case}
    assert dealt == {"hard": {"c"}, "none": set()}
    assert Counter(place.case_id for place in changes.added) == {"hard": 1, "plain": 2}


@given(st.dictionaries(st.sampled_from("bcdefg"), states), st.sets(st.sampled_from("bcdefg")), states, st.booleans())
def test_where_it_is_fixed_nothing_others_did_gives_a_reader_a_place_or_takes_one(
    others: dict[str, AssignmentState], extra: set[str], own: AssignmentState, closed: bool
) -> None:
    readers = tuple("abcdefg")
    quiet = DealRules("project", readers, 3, NOW, fixed=True)
    busy = DealRules("project", readers, 3, NOW, fixed=True, extra={"case": extra}, closed=["case"] if closed else [])
    had = [given_to("a", own)] if "a" in people_of(deal(quiet, ["case"], [])) else []
    world = [*had, *(given_to(person, state) for person, state in others.items())]
    calm, after = deal(quiet, ["case"], had), deal(busy, ["case"], world)
    if not closed:
        assert ("a" in people_of(calm)) == ("a" in people_of(after))
    moves = [[one for one in places if one == "case-a"] for deals in (calm, after) for places in moved(deals)]
    assert moves[:3] == moves[3:]


def moved(changes: Deal) -> tuple[list[str], list[str], list[str]]:
    return changes.dropped, changes.lapsed, changes.revived


def test_where_it_is_fixed_an_extra_place_stays_also_when_its_case_is_closed() -> None:
    places = [given_to(person, S.WAITING) for person in "abcd"]
    kept = DealRules("project", tuple("abcd"), 2, NOW, fixed=True, extra={"case": {"a", "b", "c", "d"}})
    assert deal(kept, ["case"], places) == Deal()
    assert deal(DealRules("project", tuple("abcd"), 2, NOW, fixed=True, closed=["case"]), ["case"], places) == Deal()
    gone = DealRules("project", tuple("abc"), 2, NOW, fixed=True, extra={"case": {"d"}}, closed=["case"])
    assert deal(gone, ["case"], places) == Deal(dropped=["case-d"])


def test_whoever_may_no_longer_read_one_case_loses_its_place_and_lease_alone() -> None:
    held = [given_to("a", S.HELD, lease=LATER), given_to("a", S.HELD, case="other", lease=LATER)]
    changes = deal(DealRules("project", ("a",), 1, NOW, {"case": frozenset()}), ["case", "other"], held)
    assert changes == Deal(lapsed=["case-a"])


def test_a_case_taken_from_a_reader_goes_to_another_and_never_back() -> None:
    taken = [given_to("a", S.REASSIGNED)]
    assert people_of(deal(rules("a", "b", reads=1), ["case"], taken)) == {"b"}
    assert deal(rules("a", reads=1), ["case"], taken) == Deal()
