"""What the wall shows to people, as frozen values that travel over its socket and out of the page's API unchanged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from node.flows.desk_ports import VerdictState
from node.release.approvals import Standing
from node.release.plan_changes import Weight
from node.release.plan_words import Topic
from node.release.stops import Office, StopLiftReason
from node.training.benefit import Benefit, Unmeasurable
from protocols.approvals import WithdrawalReason
from protocols.enrolment import EnrolmentState
from protocols.errors import RefusalCode
from protocols.inbox import RunState
from protocols.plans import AggregationMode, MetricName, PrivacyMechanism


class View(BaseModel):
    """Something shown; never changed after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(View):
    """One text in both languages."""

    en: str
    ko: str


class PlanLineView(View):
    """One sentence or two about one topic of a plan, in both languages."""

    topic: Topic
    text: Words
    warns: bool


class RunView(View):
    """How the coordinator says a run stands."""

    run_id: str
    plan_id: str
    state: RunState
    rounds_done: int


class BoundsView(View):
    """How far an approval goes."""

    max_rounds: int
    max_attempts_per_round: int
    max_cases: int


class ApprovalView(View):
    """An approval this hospital gave."""

    approval_id: str
    bounds: BoundsView
    accepts_red_attack_light: bool
    epsilon_cap: float | None
    metrics: list[MetricName] | None
    approved_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    withdrawal_reason: WithdrawalReason | None


class FirstYesView(View):
    """A steward's wish that waits for a second steward, who confirms exactly this."""

    yes_id: str
    person_id: str
    said_at: datetime
    bounds: BoundsView
    accepts_red_attack_light: bool
    epsilon_cap: float | None
    metrics: list[MetricName] | None
    expires_at: datetime


class StopView(View):
    """One office's stop of a plan; it stands until that office has lifted it."""

    office: Office
    stopped_at: datetime
    lifted_at: datetime | None
    lift_reason: StopLiftReason | None


class CohortView(View):
    """What a plan trains on here."""

    cases: int
    training_cases: int
    rows_sha256: str
    frozen_at: datetime


class PlanView(View):
    """One plan in a list."""

    offer_sha256: str
    plan_id: str
    title: Words
    partner_name: str
    standing: Standing
    stopped_by: list[Office]
    """The offices whose stop of the plan stands; while there is one, nothing leaves for it and nobody approves it."""
    rounds: int
    received_at: datetime
    expires_at: datetime


class FigureView(View):
    """A figure that may leave."""

    name: MetricName
    text: Words


class PlanChangeView(View):
    """One change of a plan, in both languages, and whether it loosens what was approved."""

    text: Words
    weight: Weight


class PlanChangesView(View):
    """What is otherwise than in the plan of this partner for this question that was approved here last."""

    former_plan_id: str
    former_title: Words
    approved_at: datetime
    former_bounds: BoundsView
    """How far the approval then went, which may be less far than its plan."""
    changes: list[PlanChangeView]


class PlanDetail(View):
    """One plan in words, what may be approved, and what was."""

    plan: PlanView
    words: str
    """Eight words of the offer's digest, to be compared by voice."""
    lines: list[PlanLineView]
    widest: BoundsView
    epsilon_cap: float | None
    """What the plan may spend of a patient at most; an approval may say less."""
    metrics: list[FigureView]
    """The figures the plan asks for; an approval may leave out some."""
    megabytes_leaving: float
    aggregation: AggregationMode
    privacy: PrivacyMechanism
    cannot_take_part: RefusalCode | None
    """Why this node could not take part even with an approval; nothing when it can."""
    obstacle: Words | None
    """The same as a sentence, which may say more than the code that would leave."""
    approval: ApprovalView | None
    changes: PlanChangesView | None
    """Against the former plan; nothing where none was approved here before."""
    two_people: bool
    """An approval here counts only once a second steward confirmed it."""
    first_yes: FirstYesView | None
    stops: list[StopView]
    """Every stop of the plan, the oldest first, lifted ones too."""
    cohort: CohortView | None
    runs: list[RunView]


class FederationView(View):
    """Whether and how this node belongs to a federation."""

    joined: bool
    site_id: str | None
    coordinator_name: str | None
    coordinator_fingerprint: str | None
    own_fingerprint: str
    enrolment: EnrolmentState | None
    reached_at: datetime | None
    failing_since: datetime | None
    failures: int
    problem: str
    waiting_to_send: int
    summary: Words
    runs: list[RunView]


class VerdictView(View):
    """Whether the shared model of a run serves this hospital better than its own."""

    run_id: str
    plan_id: str
    state: VerdictState
    asked_at: datetime
    reached_at: datetime | None
    benefit: Benefit | None
    reason: Unmeasurable | None
    cases: int | None
    patients: int | None
    own_auc: float | None
    federated_auc: float | None
    low: float | None
    high: float | None
    smallest_detectable: float | None


class ApprovalForm(View):
    """What a steward signs."""

    max_rounds: Annotated[int, Field(ge=1, le=10_000)]
    max_attempts_per_round: Annotated[int, Field(ge=1, le=100)] = 3
    max_cases: Annotated[int, Field(ge=1, le=10_000_000)]
    accepts_red_attack_light: bool = False
    expires_at: datetime
    epsilon_cap: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """Less epsilon a patient than the plan's, where it is private; nothing keeps the plan's."""
    metrics: Annotated[list[MetricName], Field(max_length=16)] | None = None
    """Fewer figures than the plan's; nothing keeps the plan's, an empty list lets none leave."""


class StopForm(View):
    """In the name of which office a plan is stopped."""

    office: Office


class LiftForm(View):
    """Which office lifts its own stop, and why."""

    office: Office
    reason: StopLiftReason
