"""Whether an instruction stays inside the plan and its approval; checked on receipt of every message.

Nothing here asks a database or the line: plan, approval and the present moment come in as values.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from node.labeling.errors import SchemaUnknown as NoSuchSchema
from node.labeling.schema_shelf import schema_of
from node.release.asked import Asked, Exchange
from node.release.quantise import RangeNotProven, check_range
from node.release.refusals import (
    CohortTooSmall,
    ModelRefused,
    OutsideApproval,
    PlanExpired,
    RosterIncomplete,
    SchemaUnknown,
)
from node.release.secure.refusals import SecureRefused
from node.release.secure.words import check_fits, turns_of_plan
from node.release.tensors import check_manifest
from node.training.privacy import PrivacyMechanismUnavailable, check_mechanism
from protocols.approvals import Approval, Bounds
from protocols.masking import MEMBERS_MIN, most_members
from protocols.plans import AggregationMode, MetricName, PlanOffer, TrainingPlan
from protocols.sparse import SparseTerms, longest_mean

STARTING_NORM_MAX = 1_000.0
"""The largest Euclidean norm of starting weights this node accepts."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as it was offered: its digest, the coordinator's offer and the partner's plan, both seals verified."""

    sha256: str
    offer: PlanOffer
    plan: TrainingPlan


@dataclass(frozen=True, slots=True)
class Terms:
    """What one instruction is held against."""

    offered: Offer
    approval: Approval

    @property
    def plan(self) -> TrainingPlan:
        """The approved plan."""
        return self.offered.plan

    @property
    def metrics(self) -> tuple[MetricName, ...]:
        """The figures that may leave, in the plan's order: of its list those the approval left."""
        allowed = self.approval.metrics
        return tuple(name for name in self.plan.metrics if allowed is None or name in allowed)

    @property
    def capped(self) -> TrainingPlan:
        """The plan with the approval's epsilon in place of its own, where that is less."""
        own, cap = self.plan.privacy.epsilon_cap, self.approval.epsilon_cap
        if cap is None or own is None or own <= cap:
            return self.plan
        return self.plan.model_copy(update={"privacy": self.plan.privacy.model_copy(update={"epsilon_cap": cap})})


def check_acceptable(plan: TrainingPlan, *, min_survivors: int, secure: bool = False) -> None:
    """Return when this node can take part in such a plan at all; asked at approval and again on every message.

    `secure` says whether this node has what secure aggregation needs, the keys of enough hospitals among it.

    Raises:
        ArchitectureUnknown: the model is not one of the audited catalog, tensor by tensor.
        OutsideApproval: a privacy mechanism this node does not offer, secure aggregation of too few sites, or a
            fixed-point range that is not proven.
        RosterIncomplete: secure aggregation, and `secure` is not.
        SecureRefused: sums that fit no word, or a masked update that fits no frame.
    """
    check_manifest(plan.model)
    try:
        check_range(plan.update_norm_bound, plan.aggregation.scale_bits)
    except RangeNotProven as reason:
        raise OutsideApproval(str(reason)) from None
    try:
        check_mechanism(plan.privacy.mechanism.value)
    except PrivacyMechanismUnavailable as reason:
        raise OutsideApproval(str(reason)) from None
    if plan.aggregation.mode is AggregationMode.SECURE:
        _check_secure(plan, min_survivors=min_survivors, offered=secure)


def members_needed(plan: TrainingPlan) -> int:
    """How many hospitals' keys, its own included, a hospital must believe before it approves a secure plan."""
    return max(plan.quorum, MEMBERS_MIN)


def check_mode(plan: TrainingPlan, *, secure: bool) -> None:
    """Return when an instruction is of the plan's aggregation: nothing leaves in the clear where a mask was promised.

    Raises:
        OutsideApproval: it is not.
    """
    if (plan.aggregation.mode is AggregationMode.SECURE) != secure:
        raise OutsideApproval("the instruction is of another aggregation than the plan's")


def _check_secure(plan: TrainingPlan, *, min_survivors: int, offered: bool) -> None:
    if plan.quorum < min_survivors:
        raise OutsideApproval(f"secure aggregation of {plan.quorum} sites, this node asks for {min_survivors}")
    if not offered:
        raise RosterIncomplete("the keys of too few hospitals are believed here")
    most = most_members(plan.aggregation)
    if most < MEMBERS_MIN:
        raise OutsideApproval("no number of members fits the plan's threshold")
    check_fits(plan, members=most)


def check_schema(plan: TrainingPlan) -> None:
    """Return when this node holds the plan's label schema and its question.

    Raises:
        SchemaUnknown: it does not.
    """
    try:
        schema = schema_of(plan.cohort.schema_code, plan.cohort.schema_version)
    except NoSuchSchema:
        raise SchemaUnknown("the plan's label schema is not held here") from None
    question = schema.question(plan.cohort.question_code)
    if question is None:
        raise SchemaUnknown("the plan's label schema has no such question")
    if {option.target for option in question.options} - {0, 1, None}:
        raise SchemaUnknown("the plan's question is not one of absent or present, which is all this release learns")


def check_bounds_within(bounds: Bounds, plan: TrainingPlan) -> None:
    """Return when an approval's bounds go no further than the plan.

    Raises:
        OutsideApproval: they do.
    """
    if bounds.max_rounds > plan.rounds or bounds.max_cases > plan.cohort.max_cases:
        raise OutsideApproval("an approval never goes further than its plan")


def check_narrower(plan: TrainingPlan, *, epsilon_cap: float | None, metrics: Collection[MetricName] | None) -> None:
    """Return when an approval's epsilon and figures, where it names any, are within the plan's.

    Raises:
        OutsideApproval: they are not, or the plan has no epsilon.
    """
    own = plan.privacy.epsilon_cap
    if epsilon_cap is not None and own is None:
        raise OutsideApproval("a plan without a privacy mechanism has no epsilon to cap")
    if epsilon_cap is not None and own is not None and epsilon_cap > own:
        raise OutsideApproval("an approval never spends more epsilon than its plan")
    if metrics is not None and set(metrics) - set(plan.metrics):
        raise OutsideApproval("an approval never tells figures that its plan does not ask for")


def check_period(plan: TrainingPlan, now: datetime) -> None:
    """Return when the plan, its processing period and its board decision hold today.

    Raises:
        PlanExpired: one of them does not.
    """
    today = now.date()
    if now >= plan.expires_at:
        raise PlanExpired("the plan has expired")
    if not plan.processing_from <= today <= plan.processing_until:
        raise PlanExpired("today is outside the plan's processing period")
    if today > plan.board_decision.expires_on:
        raise PlanExpired("the board decision has expired")


def check_asked(asked: Asked, terms: Terms) -> None:
    """Return when round, attempt and, for round one, the model are those of plan and approval.

    Raises:
        OutsideApproval: another plan, or a round or an attempt too many.
        ModelRefused: round one does not start from the offered weights.
    """
    bounds = terms.approval.bounds
    if asked.plan_id != terms.plan.plan_id or terms.approval.offer_sha256 != terms.offered.sha256:
        raise OutsideApproval("the approval is for another plan")
    if asked.round > min(bounds.max_rounds, terms.plan.rounds):
        raise OutsideApproval(f"round {asked.round}, {bounds.max_rounds} are approved")
    if asked.attempt > bounds.max_attempts_per_round:
        raise OutsideApproval(f"attempt {asked.attempt}, {bounds.max_attempts_per_round} are approved")
    starts = asked.exchange is Exchange.TRAIN and asked.round == 1
    if starts and asked.model_sha256 != terms.offered.offer.starting_weights_sha256:
        raise ModelRefused("round 1 does not start from the offered weights")


def check_cohort(cases: int, terms: Terms) -> None:
    """Return when the cohort has at least the plan's and at most the approved number of cases.

    Raises:
        CohortTooSmall: fewer than the plan needs.
        OutsideApproval: more than approved.
    """
    if cases < terms.plan.cohort.min_cases:
        raise CohortTooSmall(f"{cases} cases, the plan needs {terms.plan.cohort.min_cases}")
    if cases > terms.approval.bounds.max_cases:
        raise OutsideApproval(f"{cases} cases, {terms.approval.bounds.max_cases} are approved")


def model_norm_bound(plan: TrainingPlan) -> float:
    """The largest norm a model of this plan can honestly have.

    An average of updates is no longer than the longest of them, so every round adds at most the update bound, in turns
    a multiple of it, or what the plan's server optimiser makes of that.
    """
    size = sum(math.prod(spec.shape) for spec in plan.model.tensors)
    step = plan.strategy.step_norm(size=size, mean_norm=longest_mean(plan))
    return STARTING_NORM_MAX + plan.rounds * step


def upload_bytes(plan: TrainingPlan) -> int:
    """Bytes of updates that leave over a whole plan at most: four for every number, every round; less in turns."""
    turns = turns_here(plan)
    if turns is not None:
        return turns.upload_bytes
    return 4 * plan.rounds * sum(math.prod(spec.shape) for spec in plan.model.tensors)


def turns_here(plan: TrainingPlan) -> SparseTerms | None:
    """How a plan's updates go in turns in a run of as few hospitals as it may have; nothing where they do not."""
    try:
        return turns_of_plan(plan, members=members_needed(plan))
    except SecureRefused:
        return None
