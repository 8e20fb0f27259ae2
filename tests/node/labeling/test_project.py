"""The life of a project: every state walked, pilots drawn, permissions narrowed, guidelines compared."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.labeling.errors import LabelersRefused, PermissionRefused, PilotRefused, ProjectStateRefused
from node.labeling.guideline import LineKind, difference
from node.labeling.permission import Permission, PermittedUse, check_change
from node.labeling.pilot import pilot_cases
from node.labeling.project import GIVES_CASES, MOVES, ProjectState, check_labelers, check_move
from node.labeling.schema_shelf import schemas

S = ProjectState
ALLOWED = {
    (S.DRAFT, S.PILOT), (S.DRAFT, S.OPEN), (S.DRAFT, S.ARCHIVED), (S.PILOT, S.PILOT), (S.PILOT, S.OPEN),
    (S.PILOT, S.FROZEN), (S.OPEN, S.OPEN), (S.OPEN, S.FROZEN), (S.FROZEN, S.OPEN), (S.FROZEN, S.ARCHIVED),
}  # fmt: skip
OWN, ANY = Permission(), Permission(PermittedUse.ANY)
CASES = [f"case-{number}" for number in range(100)]


def named(*partners: str) -> Permission:
    return Permission(PermittedUse.NAMED, frozenset(partners))


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_every_move_of_a_project_is_as_the_table_says(current: ProjectState, wanted: ProjectState) -> None:
    assert (wanted in MOVES[current]) is ((current, wanted) in ALLOWED)
    if (current, wanted) in ALLOWED:
        check_move(current, wanted)
    else:
        with pytest.raises(ProjectStateRefused):
            check_move(current, wanted)


def test_every_state_is_reached_from_a_draft_and_an_archived_project_ends() -> None:
    reached, waiting = set(), [S.DRAFT]
    while waiting:
        state = waiting.pop()
        reached.add(state)
        waiting += [following for following in MOVES[state] if following not in reached]
    assert reached == set(S)
    assert not MOVES[S.ARCHIVED]
    assert {S.PILOT, S.OPEN} == GIVES_CASES


@pytest.mark.parametrize(
    ("permission", "covered"), [(OWN, set()), (named("a"), {"a"}), (named("a", "b"), {"a", "b"}), (ANY, {"a", "b"})]
)
def test_a_permission_covers_the_partners_it_names_and_no_others(permission: Permission, covered: set[str]) -> None:
    assert {partner for partner in ("a", "b") if permission.covers(partner)} == covered


def test_a_permission_that_contradicts_itself_is_none() -> None:
    for use, partners in product(PermittedUse, (frozenset(), frozenset({"a"}))):
        if (use is PermittedUse.NAMED) == bool(partners):
            Permission(use, partners)
        else:
            with pytest.raises(PermissionRefused):
                Permission(use, partners)


@pytest.mark.parametrize(("before", "after"), list(product((OWN, named("a"), named("a", "b"), ANY), repeat=2)))
def test_a_permission_is_widened_in_a_draft_only(before: Permission, after: Permission) -> None:
    order = [OWN, named("a"), named("a", "b"), ANY]
    check_change(before, after, draft=True)
    if order.index(after) <= order.index(before):
        check_change(before, after, draft=False)
    else:
        with pytest.raises(PermissionRefused):
            check_change(before, after, draft=False)


def test_another_partner_is_no_narrower() -> None:
    with pytest.raises(PermissionRefused):
        check_change(named("a"), named("b"), draft=False)


@given(st.integers(20, 50), st.integers(1, 20))
def test_a_pilot_has_20_to_50_reads_whatever_a_case_needs(reads: int, per_case: int) -> None:
    drawn = pilot_cases("project", CASES, reads=reads, reads_per_case=per_case)
    assert 20 <= len(drawn) * per_case <= 50
    assert len(set(drawn)) == len(drawn)


def test_the_same_project_draws_the_same_pilot_in_whatever_order_its_cases_come() -> None:
    one = pilot_cases("project", CASES, reads=30, reads_per_case=3)
    assert one == pilot_cases("project", CASES[::-1], reads=30, reads_per_case=3)
    assert one != pilot_cases("another", CASES, reads=30, reads_per_case=3)


@pytest.mark.parametrize(("reads", "cases"), [(19, 100), (51, 100), (30, 6)])
def test_a_pilot_of_too_few_or_too_many_reads_is_refused(reads: int, cases: int) -> None:
    with pytest.raises(PilotRefused):
        pilot_cases("project", CASES[:cases], reads=reads, reads_per_case=3)


def test_two_guidelines_differ_line_by_line() -> None:
    lines = difference("look\nmark nodules\nsave", "look\nmark nodules over 3 mm\nsave\nrest")
    assert [(line.kind, line.text) for line in lines] == [
        (LineKind.BOTH, "look"),
        (LineKind.BEFORE, "mark nodules"),
        (LineKind.AFTER, "mark nodules over 3 mm"),
        (LineKind.BOTH, "save"),
        (LineKind.AFTER, "rest"),
    ]


def test_lay_labelers_are_asked_for_no_free_text() -> None:
    for schema in schemas().values():
        if all(question.may_leave for question in schema.questions):
            check_labelers(schema)
        else:
            with pytest.raises(LabelersRefused):
                check_labelers(schema)
