"""The journal of a draft: change sets one after another, each acknowledged once, and what they fold to."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.labeling.draft import (
    EMPTY,
    MAX_DEPTH,
    MAX_DRAFT_BYTES,
    ChangeKind,
    ChangeSet,
    Draft,
    JournalEntry,
    acknowledged,
    applied,
    folded,
)
from node.labeling.errors import ChangeSetReused, DraftConflict, DraftTooLarge

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def step(number: int, body: object, kind: ChangeKind = ChangeKind.MERGE) -> ChangeSet:
    return ChangeSet(kind, json.dumps(body), str(UUID(int=number, version=4)))


def entries(*bodies: object) -> list[JournalEntry]:
    return [JournalEntry(number, step(number, body), NOW) for number, body in enumerate(bodies, start=1)]


def test_a_change_set_over_the_version_its_page_read_is_the_next_version() -> None:
    first = acknowledged(EMPTY, None, step(1, {"a": 1}), expected_version=0, now=NOW)
    assert (first.version, first.saved_at) == (1, NOW)
    assert applied(EMPTY, first) == Draft(1, '{"a":1}', NOW)


def test_a_change_set_over_an_older_version_is_a_conflict_that_names_the_newer() -> None:
    with pytest.raises(DraftConflict) as refused:
        acknowledged(Draft(3, "{}", NOW), None, step(9, {}), expected_version=2, now=NOW)
    assert refused.value.current == 3


def test_a_change_set_sent_again_is_answered_as_it_was_whatever_came_since() -> None:
    before = acknowledged(EMPTY, None, step(1, {"a": 1}), expected_version=0, now=NOW)
    later = NOW + timedelta(minutes=1)
    assert acknowledged(Draft(5, "{}", NOW), before, step(1, {"a": 1}), expected_version=0, now=later) == before


@pytest.mark.parametrize("other", [step(1, {"a": 2}), step(1, {"a": 1}, ChangeKind.REPLACE)])
def test_another_change_set_under_the_same_identifier_is_refused(other: ChangeSet) -> None:
    before = JournalEntry(1, step(1, {"a": 1}), NOW)
    with pytest.raises(ChangeSetReused):
        acknowledged(Draft(1, "{}", NOW), before, other, expected_version=1, now=NOW)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging_is_the_published_examples(target: dict[str, Any], patch: dict[str, Any], result: object) -> None:
    """Source: RFC 7396, appendix A, those whose target and patch are objects."""
    first = JournalEntry(1, step(1, target, ChangeKind.REPLACE), NOW)
    draft = folded([first, JournalEntry(2, step(2, patch), NOW)])
    assert json.loads(draft.content) == result


def test_replacing_forgets_what_was_before() -> None:
    replaced = [*entries({"a": 1}), JournalEntry(2, step(2, {"b": 2}, ChangeKind.REPLACE), NOW)]
    assert json.loads(folded(replaced).content) == {"b": 2}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.integers()), max_size=8))
def test_a_journal_folded_at_once_is_the_draft_that_grew_step_by_step(bodies: list[dict[str, Any]]) -> None:
    draft = EMPTY
    for entry in entries(*bodies):
        draft = applied(draft, entry)
    assert draft == folded(entries(*bodies))
    assert draft.version == len(bodies)


def test_a_draft_has_a_limit_and_so_has_its_depth() -> None:
    with pytest.raises(DraftTooLarge):
        folded(entries({"a": "가" * MAX_DRAFT_BYTES}))
    deep: dict[str, Any] = {}
    for _ in range(MAX_DEPTH + 1):
        deep = {"a": deep}
    with pytest.raises(DraftTooLarge):
        folded(entries(deep))


def test_what_is_in_a_draft_is_not_shown_where_it_is_printed() -> None:
    (entry,) = entries({"note": "환자분"})
    assert "환자분" not in repr(entry) + repr(folded([entry]))
