"""Plans as people see them: a list, and one plan in words with what may be approved and what was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from node.flows.cohort import FrozenCohort
from node.flows.plan_book import KnownOffer
from node.flows.wall_views import (
    ApprovalView,
    BoundsView,
    CohortView,
    FigureView,
    FirstYesView,
    PlanChangesView,
    PlanChangeView,
    PlanDetail,
    PlanLineView,
    PlanView,
    RunView,
    StopView,
    Words,
)
from node.ground.texts import Language
from node.release.approvals import HeldApproval
from node.release.bounds import check_acceptable, check_period, check_schema
from node.release.obstacles import obstacle_sentence
from node.release.plan_changes import plan_changes, same_question
from node.release.plan_words import PrivacyHere, megabytes_leaving, metric_words, plan_lines
from node.release.refusals import InstructionRefused
from node.release.stops import Stop, standing_stops
from node.release.wish import FirstYes
from protocols.inbox import RunNotice
from protocols.plans import MetricName, TrainingPlan, offer_words

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
        stopped_by=[stop.office for stop in standing_stops(known.stops)],
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
    two_people: bool = False
    former: KnownOffer | None = None
    """The plan it is compared with."""
    secure: bool = False
    """Whether the keys of as many hospitals are believed here as a secure plan needs."""


def plan_detail(known: KnownOffer, sight: PlanSight, now: datetime) -> PlanDetail:
    """One plan in words, without its runs."""
    plan = known.offered.plan
    refusal = obstacle(plan, now, min_survivors=sight.min_survivors, secure=sight.secure) or sight.refused
    return PlanDetail(
        plan=plan_view(known, now),
        words=offer_words(known.offered.sha256),
        lines=_lines(known, sight),
        widest=BoundsView(
            max_rounds=plan.rounds, max_attempts_per_round=USUAL_ATTEMPTS, max_cases=plan.cohort.max_cases
        ),
        epsilon_cap=plan.privacy.epsilon_cap,
        metrics=[_figure(name) for name in plan.metrics],
        megabytes_leaving=megabytes_leaving(plan),
        aggregation=plan.aggregation.mode,
        privacy=plan.privacy.mechanism,
        cannot_take_part=None if refusal is None else refusal.code,
        obstacle=None if refusal is None else _sentence(refusal),
        approval=None if known.held is None else approval_view(known.held),
        changes=None if sight.former is None else changes_view(sight.former, plan),
        two_people=sight.two_people,
        first_yes=None if known.first_yes is None else first_yes_view(known.first_yes),
        stops=[stop_view(stop) for stop in known.stops],
        cohort=None if sight.cohort is None else _cohort_view(sight.cohort),
        runs=[],
    )


def _sentence(refusal: InstructionRefused) -> Words:
    return Words(en=obstacle_sentence(refusal, Language.EN), ko=obstacle_sentence(refusal, Language.KO))


def obstacle(
    plan: TrainingPlan, now: datetime, *, min_survivors: int, secure: bool = False
) -> InstructionRefused | None:
    """Why this node could not take part even with an approval; nothing when it can."""
    try:
        check_period(plan, now)
        check_schema(plan)
        check_acceptable(plan, min_survivors=min_survivors, secure=secure)
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
        epsilon_cap=approval.epsilon_cap,
        metrics=None if approval.metrics is None else list(approval.metrics),
        approved_at=approval.approved_at,
        expires_at=approval.expires_at,
        withdrawn_at=held.withdrawn_at,
        withdrawal_reason=held.withdrawal_reason,
    )


def former_offer(known: KnownOffer, offers: Iterable[KnownOffer]) -> KnownOffer | None:
    """The offer of the same partner for the same question that was approved here last, before this one if it was."""
    before = [
        other
        for other in offers
        if other.held is not None
        and other.offered.sha256 != known.offered.sha256
        and same_question(other.offered.plan, known.offered.plan)
        and (known.held is None or other.held.approval.approved_at < known.held.approval.approved_at)
    ]
    return max(before, key=_approved, default=None)


def _approved(known: KnownOffer) -> tuple[datetime, str]:
    given = datetime.min.replace(tzinfo=UTC) if known.held is None else known.held.approval.approved_at
    return given, known.offered.sha256


def changes_view(former: KnownOffer, plan: TrainingPlan) -> PlanChangesView | None:
    """What is otherwise than in the former plan, in both languages."""
    if former.held is None:
        return None
    approval, was = former.held.approval, former.offered.plan
    english, korean = (plan_changes(was, plan, language) for language in (Language.EN, Language.KO))
    return PlanChangesView(
        former_plan_id=was.plan_id,
        former_title=Words(en=was.title.en, ko=was.title.ko),
        approved_at=approval.approved_at,
        former_bounds=BoundsView(**approval.bounds.model_dump()),
        changes=[
            PlanChangeView(text=Words(en=en.text, ko=ko.text), weight=en.weight)
            for en, ko in zip(english, korean, strict=True)
        ],
    )


def first_yes_view(first: FirstYes) -> FirstYesView:
    """A first yes as people see it."""
    return FirstYesView(
        yes_id=first.yes_id,
        person_id=first.person_id,
        said_at=first.said_at,
        bounds=BoundsView(**first.wish.bounds.model_dump()),
        accepts_red_attack_light=first.wish.accepts_red_attack_light,
        epsilon_cap=first.wish.epsilon_cap,
        metrics=None if first.wish.metrics is None else list(first.wish.metrics),
        expires_at=first.wish.expires_at,
    )


def stop_view(stop: Stop) -> StopView:
    """A stop as people see it."""
    return StopView(
        office=stop.office, stopped_at=stop.stopped_at, lifted_at=stop.lifted_at, lift_reason=stop.lift_reason
    )


def _figure(name: MetricName) -> FigureView:
    return FigureView(name=name, text=Words(en=metric_words(name, Language.EN), ko=metric_words(name, Language.KO)))


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
