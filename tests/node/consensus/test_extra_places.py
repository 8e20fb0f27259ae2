"""Extra places: as many for everybody whatever was said, and which case stands behind one."""

from collections import Counter
from datetime import UTC, datetime
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from node.consensus.adaptive import AdaptiveReads
from node.consensus.extra_places import Table, extra_places
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.deal import DealRules, ExtraPlace

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))
READERS = tuple(f"reader-{number}" for number in range(5))
CASES = tuple(f"case-{number}" for number in range(20))
RULES = DealRules("project", READERS, 2, NOW)
names = count()


def setting(*, places_each: int = 3, by_chance: float = 0.5) -> AdaptiveReads:
    return AdaptiveReads(at_least=2, places_each=places_each, by_chance=by_chance)


def table(*, doubted: tuple[str, ...] = (), spent: tuple[str, ...] = (), **given_before: object) -> Table:
    had: dict[str, set[str]] = given_before.get("had", {})  # type: ignore[assignment]  # said so by each test
    extra: dict[str, list[Assignment]] = given_before.get("extra", {})  # type: ignore[assignment]  # said so by each test
    return Table([case for case in CASES if case not in spent], spent, doubted, had, extra)


def place(person: str, case: str, state: AssignmentState) -> Assignment:
    return Assignment(f"place-{next(names)}", "project", case, person, state, None)


def seen_by_readers(found: list[ExtraPlace]) -> dict[str, list[int]]:
    """What a reader could tell from a deal without opening a case: how many places, and where they stand."""
    return {person: [one.place.position for one in found if one.place.person_id == person] for person in READERS}


@given(st.sets(st.sampled_from(CASES)), st.sets(st.sampled_from(CASES)))
def test_number_and_order_of_a_readers_places_are_the_same_whatever_is_doubted_or_closed(
    doubted: set[str], closed: set[str]
) -> None:
    had = {READERS[0]: set(CASES[:18]), READERS[1]: set(CASES)}
    calm = extra_places(setting(), KEY, RULES, table(had=had))
    left = tuple(sorted(doubted - closed))
    other = extra_places(setting(), KEY, RULES, table(had=had, doubted=left, spent=tuple(sorted(closed))))
    assert seen_by_readers(calm) == seen_by_readers(other)
    assert [len(one) for one in seen_by_readers(calm).values()] == [2, 0, 3, 3, 3]
    for one in other:
        assert one.place.case_id not in had.get(one.place.person_id, ())
    assert len({(one.place.person_id, one.place.case_id) for one in other}) == len(other)


def test_a_doubted_case_is_asked_of_one_reader_and_the_rest_is_by_chance() -> None:
    found = extra_places(setting(by_chance=1e-9), KEY, RULES, table(doubted=CASES[:2]))
    assert Counter(one.place.case_id for one in found if one.for_doubt) == Counter(CASES[:2])
    assert len(found) == 15


def test_places_drawn_by_chance_are_never_given_for_doubt() -> None:
    found = extra_places(setting(by_chance=1.0), KEY, RULES, table(doubted=CASES))
    assert len(found) == 15
    assert not any(one.for_doubt for one in found)


def test_a_reader_with_unread_extra_places_is_given_only_what_is_missing() -> None:
    before = [
        place(READERS[0], CASES[0], AssignmentState.WAITING),
        place(READERS[0], CASES[1], AssignmentState.SUBMITTED),
    ]
    had = {READERS[0]: {CASES[0], CASES[1]}}
    found = extra_places(setting(), KEY, RULES, table(had=had, extra={READERS[0]: before}))
    assert Counter(one.place.person_id for one in found)[READERS[0]] == 2


def test_cases_that_may_use_a_reading_come_before_those_that_may_not() -> None:
    found = extra_places(setting(), KEY, RULES, table(spent=CASES[3:]))
    assert {one.place.case_id for one in found} == set(CASES[:3])


def test_nobody_is_given_what_they_may_not_read() -> None:
    only = DealRules("project", READERS, 2, NOW, of_case={CASES[0]: frozenset(READERS[:1])})
    found = extra_places(setting(by_chance=1e-9), KEY, only, table(doubted=(CASES[0],)))
    assert {one.place.person_id for one in found if one.place.case_id == CASES[0]} == {READERS[0]}
