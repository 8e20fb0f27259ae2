"""Rules from cases to readers, what comes first, and when a rest is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from node.labeling.case_rules import (
    MAX_RULES,
    RULES,
    USUAL_RANK,
    CaseRule,
    CaseTraits,
    Difficulty,
    Priority,
    Urgency,
    rule_for,
)
from node.labeling.errors import RestDue, RestRefused
from node.labeling.fatigue import Rest, check_rested

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HARD_CHEST = CaseRule(modality="CT", body_part="CHEST", difficulty=Difficulty.HARD, min_years=5)
CT = CaseRule(modality="CT", department="radiology")
RULES_IN_ORDER = (HARD_CHEST, CT)
TOO_MANY = "[" + ",".join(["{}"] * (MAX_RULES + 1)) + "]"


@pytest.mark.parametrize(
    ("traits", "rule"),
    [
        (CaseTraits("CT", "CHEST", Difficulty.HARD), HARD_CHEST),
        (CaseTraits("CT", "CHEST", Difficulty.USUAL), CT),
        (CaseTraits("CT", "HEAD", Difficulty.HARD), CT),
        (CaseTraits("DX", "CHEST", Difficulty.HARD), None),
        (CaseTraits("CT", ""), CT),
    ],
)
def test_the_first_rule_that_matches_a_case_decides(traits: CaseTraits, rule: CaseRule | None) -> None:
    assert rule_for(RULES_IN_ORDER, traits) is rule


def test_rules_are_kept_as_they_were_said() -> None:
    assert RULES.validate_json(RULES.dump_json(RULES_IN_ORDER)) == RULES_IN_ORDER


@pytest.mark.parametrize(
    "said",
    ['[{"modality": "ct"}]', '[{"min_years": -1}]', '[{"reader": "a"}]', TOO_MANY],
)
def test_what_is_no_rule_is_refused(said: str) -> None:
    with pytest.raises(ValidationError):
        RULES.validate_json(said)


def test_what_is_first_comes_before_what_is_due_and_what_is_due_before_the_rest() -> None:
    in_order = [
        Urgency(Priority.FIRST),
        Urgency(Priority.SOON, date(2026, 1, 1)),
        Urgency(Priority.SOON, date(2026, 1, 2)),
        Urgency(Priority.USUAL, date(9999, 12, 31)),
        Urgency(),
        Urgency(Priority.LATER, date(2026, 1, 1)),
    ]
    ranks = [urgency.rank for urgency in in_order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert Urgency().rank == USUAL_RANK


def minutes_ago(*minutes: int) -> list[datetime]:
    return [NOW - timedelta(minutes=one) for one in minutes]


@pytest.mark.parametrize(
    ("submitted", "wait_minutes"),
    [
        ([], None),
        ([1, 2], None),
        ([1, 2, 3], 9),
        ([1, 2, 3, 4], 9),
        ([1, 2, 20], None),
        ([10, 11, 12], None),
        ([9, 18, 27], 1),
        ([9, 19, 20], None),
    ],
)
def test_a_rest_is_due_after_so_many_readings_without_one(submitted: list[int], wait_minutes: int | None) -> None:
    rest = Rest(after_readings=3, minutes=10)
    if wait_minutes is None:
        check_rested(rest, minutes_ago(*submitted), NOW)
    else:
        with pytest.raises(RestDue) as due:
            check_rested(rest, minutes_ago(*submitted), NOW)
        assert due.value.wait_seconds == wait_minutes * 60


def test_without_a_rule_nobody_rests() -> None:
    check_rested(None, minutes_ago(*range(1, 100)), NOW)


@pytest.mark.parametrize(("after", "minutes"), [(0, 5), (501, 5), (5, 0), (5, 241)])
def test_what_is_no_rest_is_refused(after: int, minutes: int) -> None:
    with pytest.raises(RestRefused):
        Rest(after, minutes)
