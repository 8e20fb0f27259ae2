"""How concerns end, walked through the whole table, and when they alarm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from node.labeling.concern import ALARM_AFTER, OUTCOMES, Concern, ConcernKind, ConcernOutcome, alarms, closed
from node.labeling.errors import ConcernClosed, OutcomeRefused

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def concern(kind: ConcernKind) -> Concern:
    return Concern("c", kind, "case", "assignment", "reader", NOW)


@pytest.mark.parametrize(("kind", "outcome"), list(product(ConcernKind, ConcernOutcome)))
def test_a_concern_ends_as_its_table_says_and_only_once(kind: ConcernKind, outcome: ConcernOutcome) -> None:
    if outcome not in OUTCOMES[kind]:
        with pytest.raises(OutcomeRefused):
            closed(concern(kind), outcome, "person", NOW)
        return
    ended = closed(concern(kind), outcome, "person", NOW)
    assert (ended.outcome, ended.closed_by, ended.closed_at) == (outcome, "person", NOW)
    for again in OUTCOMES[kind]:
        with pytest.raises(ConcernClosed):
            closed(ended, again, "other", NOW)


def test_every_outcome_ends_exactly_one_kind() -> None:
    assert sorted(outcome for outcomes in OUTCOMES.values() for outcome in outcomes) == sorted(ConcernOutcome)


@pytest.mark.parametrize("kind", ConcernKind)
def test_an_open_concern_alarms_after_its_time_and_a_closed_one_never(kind: ConcernKind) -> None:
    due = NOW + ALARM_AFTER[kind]
    assert not alarms(concern(kind), due - timedelta(seconds=1))
    assert alarms(concern(kind), due)
    outcome = sorted(OUTCOMES[kind])[0]
    assert not alarms(replace(concern(kind), outcome=outcome), due)
