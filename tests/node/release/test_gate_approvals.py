"""The gate and an approval that is narrower than its plan: what it left out does not leave, and it is never wider."""

from dataclasses import replace
from typing import Any

import pytest
from factories import PLAN, RUN, SITE, a_train_instruction, an_approval
from fakes.wall_cast import HOSPITAL, START_SHA256, a_real_plan, a_sealed_offer, opened

from node.release.asked import asked_by
from node.release.bounds import Terms
from node.release.budget import Reservation
from node.release.gate import pass_gate
from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from protocols.approvals import Approval, Bounds
from protocols.plans import MetricName
from protocols.results import EvaluationResult
from protocols.updates import Metric

LOSS, AUC, MEMBERSHIP = MetricName.VALIDATION_LOSS, MetricName.VALIDATION_AUC, MetricName.MEMBERSHIP_AUC
PLANNED = a_real_plan(metrics=(AUC, LOSS))
OFFERED = opened(a_sealed_offer(PLANNED))
APPROVAL = an_approval(
    offer_sha256=OFFERED.sha256, bounds=Bounds(max_rounds=3, max_attempts_per_round=3, max_cases=100)
)
ASKED = asked_by(a_train_instruction(model_sha256=START_SHA256))
RESERVED = Reservation(ASKED, APPROVAL.approval_id, PLANNED.privacy)
PROMISE = Promise(HOSPITAL.public.raw, SITE, Terms(OFFERED, APPROVAL), RESERVED)
RESULT = EvaluationResult(
    site_id=SITE,
    plan_id=PLAN,
    run_id=RUN,
    round=1,
    attempt=1,
    model_sha256=START_SHA256,
    cases=40,
    metrics=(Metric(name=AUC, value=0.75),),
)


def narrowed(**changes: Any) -> Approval:
    return APPROVAL.model_copy(update=changes)


@pytest.mark.parametrize("changes", [{"epsilon_cap": 1.0}, {"metrics": (AUC, MEMBERSHIP)}], ids=["epsilon", "figure"])
def test_an_approval_that_is_wider_than_its_plan_does_not_leave(changes: dict[str, Any]) -> None:
    with pytest.raises(GateRefused) as refused:
        pass_gate(Outgoing(narrowed(**changes)), PROMISE, HOSPITAL)
    assert refused.value.check == "offer"


@pytest.mark.parametrize("metrics", [(LOSS,), ()], ids=["another figure", "none"])
def test_a_figure_that_the_plan_asks_for_and_the_approval_left_out_is_refused(metrics: tuple[MetricName, ...]) -> None:
    promise = replace(PROMISE, terms=Terms(OFFERED, narrowed(metrics=metrics)))
    with pytest.raises(GateRefused) as refused:
        pass_gate(Outgoing(RESULT), promise, HOSPITAL)
    assert refused.value.check == "metrics"


@pytest.mark.parametrize("metrics", [None, (AUC,), (LOSS, AUC)], ids=["the plan's", "that one", "both"])
def test_a_figure_that_was_approved_passes(metrics: tuple[MetricName, ...] | None) -> None:
    promise = replace(PROMISE, terms=Terms(OFFERED, narrowed(metrics=metrics)))
    assert pass_gate(Outgoing(RESULT), promise, HOSPITAL).kind == "evaluation-result"
