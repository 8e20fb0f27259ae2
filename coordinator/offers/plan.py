"""A partner's sealed plan, read and checked. All reasons against a plan are given at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from coordinator.ground.errors import CoordinatorError
from coordinator.ground.told import Told
from coordinator.membership.partner import Partner
from protocols.encoding import decode
from protocols.errors import ProtocolError
from protocols.masking import MEMBERS_MIN, SURVIVORS_MIN, most_members
from protocols.models import Dtype, blob_bytes
from protocols.plans import AggregationMode, MetricName, TrainingPlan
from protocols.signing import Purpose, unseal
from protocols.sparse import SparseRefused, sparse_terms
from protocols.word_range import RangeNotProven, largest_weight, word_bits

MAX_PLAN_BYTES = 131_072
MAX_MODEL_BYTES = 120 * 1_048_576
"""With its instruction below the frame bound of a node's worker and of the engine (128 MiB)."""
_CLOCK_SKEW = timedelta(minutes=5)
_INT32_LIMIT = 2**31


class PlanReason(StrEnum):
    """Why a plan is refused; the texts are in `ground/texts/*/plans.toml`."""

    UNREADABLE = "unreadable"
    PARTNER_DIFFERS = "partner-differs"
    PLAN_EXPIRED = "plan-expired"
    NOT_YET_MADE = "not-yet-made"
    BOARD_DECISION_EXPIRED = "board-decision-expired"
    PROCESSING_ENDED = "processing-ended"
    COHORT_EMPTY = "cohort-empty"
    TENSORS_REPEAT = "tensors-repeat"
    TENSORS_NOT_FLOAT32 = "tensors-not-float32"
    MODEL_TOO_LARGE = "model-too-large"
    METRICS_MISSING = "metrics-missing"
    THRESHOLD_UNFIT = "threshold-unfit"
    """No number of members can have the plan's threshold, colluders and quorum."""
    TURNS_UNFIT = "turns-unfit"
    """Too few rounds or numbers, or too many members, for updates that go in turns."""
    ROSTER_INCOMPLETE = "roster-incomplete"
    """Too few hospitals vouch for each other's keys."""
    STARTING_FILE_UNAVAILABLE = "starting-file-unavailable"
    SEED_MISSING = "seed-missing"
    SCALE_TOO_FINE = "scale-too-fine"
    PLAN_EXISTS = "plan-exists"


class PlanRefused(CoordinatorError):
    """A plan that is not offered to hospitals, with every reason."""

    def __init__(self, *reasons: PlanReason) -> None:
        super().__init__("plan refused: " + ", ".join(reason.value for reason in reasons))
        self.reasons = reasons


class PlanUnknown(Told):
    """No plan has this identifier, or it is another partner's."""

    text_key = "refusals.plan-unknown"


def read_plan(sealed: bytes, partner: Partner) -> TrainingPlan:
    """The plan of the partner's sealed bytes.

    Raises:
        PlanRefused: unsigned, signed by another key, too large, or a field too many, too few or out of bounds.
    """
    try:
        if len(sealed) > MAX_PLAN_BYTES:
            raise PlanRefused(PlanReason.UNREADABLE)
        plan, blob = decode(unseal(sealed, partner.identity, Purpose.PLAN), TrainingPlan, max_bytes=MAX_PLAN_BYTES)
    except ProtocolError:
        raise PlanRefused(PlanReason.UNREADABLE) from None
    if blob:
        raise PlanRefused(PlanReason.UNREADABLE)
    return plan


def check_plan(plan: TrainingPlan, partner: Partner, *, now: datetime, vouched: int = 0) -> None:
    """Return when the plan can be offered. `vouched` hospitals believe each other's keys, for a secure plan.

    Raises:
        PlanRefused: with every reason against it.
    """
    reasons = (*_time_reasons(plan, partner, now), *_model_reasons(plan), *_round_reasons(plan))
    if plan.aggregation.mode is AggregationMode.SECURE:
        reasons = (*reasons, *_secure_reasons(plan, vouched))
    if reasons:
        raise PlanRefused(*reasons)


def _time_reasons(plan: TrainingPlan, partner: Partner, now: datetime) -> Iterator[PlanReason]:
    if (plan.partner_id, plan.partner_name) != (partner.partner_id, partner.partner_name):
        yield PlanReason.PARTNER_DIFFERS
    if now >= plan.expires_at:
        yield PlanReason.PLAN_EXPIRED
    if plan.created_at > now + _CLOCK_SKEW:
        yield PlanReason.NOT_YET_MADE
    if plan.board_decision.expires_on < now.date():
        yield PlanReason.BOARD_DECISION_EXPIRED
    if plan.processing_until < now.date():
        yield PlanReason.PROCESSING_ENDED


def _model_reasons(plan: TrainingPlan) -> Iterator[PlanReason]:
    specs = plan.model.tensors
    if len({spec.name for spec in specs}) != len(specs):
        yield PlanReason.TENSORS_REPEAT
    if any(spec.dtype is not Dtype.FLOAT32 for spec in specs):
        yield PlanReason.TENSORS_NOT_FLOAT32
    if blob_bytes(specs) > MAX_MODEL_BYTES:
        yield PlanReason.MODEL_TOO_LARGE
    if plan.starting_weights.origin == "file":
        yield PlanReason.STARTING_FILE_UNAVAILABLE
    elif plan.starting_weights.seed is None:
        yield PlanReason.SEED_MISSING


def _round_reasons(plan: TrainingPlan) -> Iterator[PlanReason]:
    if plan.cohort.min_cases > plan.cohort.max_cases:
        yield PlanReason.COHORT_EMPTY
    if not {MetricName.VALIDATION_AUC, MetricName.VALIDATION_LOSS} & set(plan.metrics):
        yield PlanReason.METRICS_MISSING
    if plan.update_norm_bound * 2**plan.aggregation.scale_bits >= _INT32_LIMIT:
        yield PlanReason.SCALE_TOO_FINE


def least_members(plan: TrainingPlan) -> int:
    """How many members an attempt at a round of a secure plan needs to its end."""
    asked = plan.aggregation
    return max(MEMBERS_MIN, plan.quorum, asked.threshold_t, asked.colluders_c + SURVIVORS_MIN)


def _secure_reasons(plan: TrainingPlan, vouched: int) -> Iterator[PlanReason]:
    most = most_members(plan.aggregation)
    if most < least_members(plan):
        yield PlanReason.THRESHOLD_UNFIT
        return
    if vouched < least_members(plan):
        yield PlanReason.ROSTER_INCOMPLETE
    yield from _range_reasons(plan, most)


def _range_reasons(plan: TrainingPlan, most: int) -> Iterator[PlanReason]:
    """Why sums of so many members' updates fit no word, or their updates no frame."""
    weights, scale_bits = most * largest_weight(plan.cohort.max_cases), plan.aggregation.scale_bits
    try:
        if sparse_terms(plan, members=most) is not None:
            return
        bits = word_bits(clip=plan.update_norm_bound, scale_bits=scale_bits, weights=weights)
    except SparseRefused:
        yield PlanReason.TURNS_UNFIT
        return
    except RangeNotProven:
        yield PlanReason.SCALE_TOO_FINE
        return
    if (blob_bytes(plan.model.tensors) // 4 + 1) * bits // 8 > MAX_MODEL_BYTES:
        yield PlanReason.MODEL_TOO_LARGE
