"""Plans as people see them: a list, and one plan in words with what may be approved and what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.flows.cohort import FrozenCohort
from node.flows.plan_book import KnownOffer
from node.flows.wall_views import (
    ApprovalView,
    BoundsView,
    CohortView,
    PlanDetail,
    PlanLineView,
    PlanView,
    RunView,
    Words,
)
from node.ground.texts import Language
from node.release.approvals import HeldApproval
from node.release.bounds import check_acceptable, check_period, check_schema
from node.release.obstacles import obstacle_sentence
from node.release.plan_words import PrivacyHere, megabytes_leaving, plan_lines
from node.release.refusals import InstructionRefused
from protocols.inbox import RunNotice
from protocols.plans import TrainingPlan, offer_words

USUAL_ATTEMPTS = 3


def plan_view(known: KnownOffer, now: datetime) -> PlanView:
    """One plan in a list."""
    plan = known.offered.plan
    return PlanView(
        offer_sha256=known.offered.sha256,
        plan_id=plan.plan_id,
        title=Words(en=plan.title.en, ko=plan.title.ko),
        partner_name=plan.partner_name,
        standing=known.standing(now),
        rounds=plan.rounds,
        received_at=known.received_at,
        expires_at=plan.expires_at,
    )


@dataclass(frozen=True, slots=True)
class PlanSight:
    """What a plan is shown with: the coordinator's name, the hospital's minimum, and what it comes to here."""

    coordinator_name: str
    min_survivors: int
    cohort: FrozenCohort | None
    here: PrivacyHere | None
    refused: InstructionRefused | None
    """Why a private plan could not be approved with the patients here."""
    permitted: bool
    """Whether any project here permits the plan's partner."""


def plan_detail(known: KnownOffer, sight: PlanSight, now: datetime) -> PlanDetail:
    """One plan in words, without its runs."""
    plan = known.offered.plan
    refusal = obstacle(plan, now, min_survivors=sight.min_survivors) or sight.refused
    return PlanDetail(
        plan=plan_view(known, now),
        words=offer_words(known.offered.sha256),
        lines=_lines(known, sight),
        widest=BoundsView(
            max_rounds=plan.rounds, max_attempts_per_round=USUAL_ATTEMPTS, max_cases=plan.cohort.max_cases
        ),
        megabytes_leaving=megabytes_leaving(plan),
        aggregation=plan.aggregation.mode,
        privacy=plan.privacy.mechanism,
        cannot_take_part=None if refusal is None else refusal.code,
        obstacle=None if refusal is None else _sentence(refusal),
        approval=None if known.held is None else approval_view(known.held),
        cohort=None if sight.cohort is None else _cohort_view(sight.cohort),
        runs=[],
    )


def _sentence(refusal: InstructionRefused) -> Words:
    return Words(en=obstacle_sentence(refusal, Language.EN), ko=obstacle_sentence(refusal, Language.KO))


def obstacle(plan: TrainingPlan, now: datetime, *, min_survivors: int) -> InstructionRefused | None:
    """Why this node could not take part even with an approval; nothing when it can."""
    try:
        check_period(plan, now)
        check_schema(plan)
        check_acceptable(plan, min_survivors=min_survivors)
    except InstructionRefused as refusal:
        return refusal
    return None


def approval_view(held: HeldApproval) -> ApprovalView:
    """An approval as people see it."""
    approval = held.approval
    return ApprovalView(
        approval_id=approval.approval_id,
        bounds=BoundsView(**approval.bounds.model_dump()),
        accepts_red_attack_light=approval.accepts_red_attack_light,
        approved_at=approval.approved_at,
        expires_at=approval.expires_at,
        withdrawn_at=held.withdrawn_at,
        withdrawal_reason=held.withdrawal_reason,
    )


def run_view(run: RunNotice) -> RunView:
    """A run as people see it."""
    return RunView(run_id=run.run_id, plan_id=run.plan_id, state=run.state, rounds_done=run.rounds_done)


def _cohort_view(cohort: FrozenCohort) -> CohortView:
    return CohortView(
        cases=cohort.cases,
        training_cases=cohort.training_cases,
        rows_sha256=cohort.rows_sha256,
        frozen_at=cohort.frozen_at,
    )


def _lines(known: KnownOffer, sight: PlanSight) -> list[PlanLineView]:
    english, korean = (
        plan_lines(known.offered, sight.coordinator_name, language, here=sight.here, permitted=sight.permitted)
        for language in (Language.EN, Language.KO)
    )
    return [
        PlanLineView(topic=en.topic, text=Words(en=en.text, ko=ko.text), warns=en.warns)
        for en, ko in zip(english, korean, strict=True)
    ]
