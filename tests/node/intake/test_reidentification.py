"""The table of re-identification, walked whole: every state, step, person and moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from node.ground.errors import NodeError
from node.intake.reidentification import (
    BY_ANOTHER,
    BY_ASKER,
    HOLDS,
    OPEN,
    STEPS,
    WAITS,
    AnswerShown,
    AskReason,
    NotTheAsker,
    OwnRequest,
    Reidentification,
    ReidentificationState,
    RequestClosed,
    RequestLapsed,
    ReviewRefusal,
    Step,
    after,
    asked,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STATE = ReidentificationState


def standing(state: ReidentificationState, *, ends_at: datetime = NOW + timedelta(hours=1)) -> Reidentification:
    made = asked("request", "case", AskReason.CLINICAL_ATTENTION, by="asker", now=NOW - timedelta(hours=1))
    return replace(made, state=state, ends_at=ends_at, decided_by="reviewer" if state is not STATE.ASKED else "")


LEGAL = {
    (STATE.ASKED, Step.APPROVE): STATE.APPROVED,
    (STATE.ASKED, Step.REFUSE): STATE.REFUSED,
    (STATE.ASKED, Step.WITHDRAW): STATE.WITHDRAWN,
    (STATE.APPROVED, Step.REFUSE): STATE.REFUSED,
    (STATE.APPROVED, Step.WITHDRAW): STATE.WITHDRAWN,
    (STATE.APPROVED, Step.SHOW): STATE.SHOWN,
}


def expected(state: ReidentificationState, step: Step, by: str, *, overdue: bool) -> type[NodeError] | STATE:
    """The rules in words of their own: whose step it is, whether its time is over, whether the table has it."""
    opened = state in {STATE.ASKED, STATE.APPROVED}
    if step in {Step.WITHDRAW, Step.SHOW} and by != "asker":
        return NotTheAsker
    if step in {Step.APPROVE, Step.REFUSE} and by == "asker":
        return OwnRequest
    if step is Step.LAPSE:
        return STATE.LAPSED if overdue and opened else RequestClosed
    if state is STATE.LAPSED or (overdue and opened):
        return RequestLapsed
    if (state, step) == (STATE.SHOWN, Step.SHOW):
        return AnswerShown
    return LEGAL.get((state, step), RequestClosed)


@pytest.mark.parametrize("overdue", [False, True])
@pytest.mark.parametrize("by", ["asker", "reviewer", "stranger"])
@pytest.mark.parametrize(("state", "step"), list(product(STATE, Step)))
def test_every_step_from_every_state_by_everybody_is_as_the_rules_say(
    state: ReidentificationState, step: Step, by: str, *, overdue: bool
) -> None:
    before = standing(state, ends_at=NOW if overdue else NOW + timedelta(microseconds=1))
    wanted = expected(state, step, by, overdue=overdue)
    if isinstance(wanted, STATE):
        moved = after(before, step, by=by, now=NOW, refused_for=ReviewRefusal.NOT_NEEDED)
        assert moved.state is wanted
        assert (moved.request_id, moved.case_id, moved.asked_by) == ("request", "case", "asker")
        return
    with pytest.raises(wanted):
        after(before, step, by=by, now=NOW, refused_for=ReviewRefusal.NOT_NEEDED)


def test_the_tables_parts_agree() -> None:
    assert {STATE.ASKED, STATE.APPROVED} == OPEN
    assert {step for _, step in STEPS} == set(Step) == BY_ASKER | BY_ANOTHER | {Step.LAPSE}
    assert not BY_ASKER & BY_ANOTHER
    assert set(STEPS.values()) == set(STATE) - {STATE.ASKED}


def test_a_request_waits_a_week_and_its_answer_a_day() -> None:
    made = asked("request", "case", AskReason.PATIENT_ASKED, by="asker", now=NOW)
    assert (made.state, made.ends_at, made.decided_by) == (STATE.ASKED, NOW + WAITS, "")
    late = NOW + WAITS - timedelta(seconds=1)
    approved = after(made, Step.APPROVE, by="reviewer", now=late)
    assert (approved.ends_at, approved.decided_by) == (late + HOLDS, "reviewer")
    refused = after(approved, Step.REFUSE, by="another", now=late, refused_for=ReviewRefusal.NOT_COVERED)
    assert (refused.decided_by, refused.refused_for) == ("another", ReviewRefusal.NOT_COVERED)
