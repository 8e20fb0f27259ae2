"""The desk inside the wall process: approvals and stops are signed here, everything else is only shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from node.flows.act import Act
from node.flows.approve import Stewardship, approve
from node.flows.cohort import CohortBook
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.desk_ports import ContactSeen, LedgerBook, OutboxSeen, RootsSeen, VerdictsSeen
from node.flows.desk_refusals import DECISION_REFUSALS, desk_refusal
from node.flows.ledger_views import LedgerPage
from node.flows.peer_desk import InnerPeerDesk
from node.flows.peers import Peers
from node.flows.plan_book import KnownOffer
from node.flows.plan_views import (
    PlanSight,
    approval_view,
    first_yes_view,
    former_offer,
    plan_detail,
    plan_view,
    run_view,
    stop_view,
)
from node.flows.second_yes import confirm, drop_first_yes, say_first_yes
from node.flows.secure_steps import enough_believed
from node.flows.sight_views import federation_view, latest_root, ledger_check, ledger_row_view, verdict_view
from node.flows.stop import StopParts, lift_stop, stop_plan
from node.flows.taking_part import NO_PART, PartSight, PartsSeen, taking_part
from node.flows.taking_part_views import TakingPartView
from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FederationView,
    FirstYesView,
    LiftForm,
    PlanDetail,
    PlanView,
    StopForm,
    StopView,
    VerdictView,
)
from node.ground.audit import Actor
from node.ground.membership import Membership
from node.release.approvals import HeldApproval
from node.release.ledger import export_line
from node.release.wish import ApprovalWish
from protocols.approvals import Approval, Bounds
from protocols.plans import TrainingPlan

PAGE_ENTRIES_MAX = 500


@dataclass(frozen=True, slots=True)
class DeskSight:
    """What the desk shows."""

    ledger: LedgerBook
    contact: ContactSeen
    outbox: OutboxSeen
    verdicts: VerdictsSeen
    cohorts: CohortBook
    roots: RootsSeen
    parts: PartsSeen


@dataclass(frozen=True, slots=True)
class DeskMember:
    """What a node that joined has besides: membership, the right to sign, and whom to tell of a decision."""

    membership: Membership
    stewardship: Stewardship
    stops: StopParts
    permits: Callable[[TrainingPlan], bool]
    """Whether a project of this hospital permits the plan's partner."""
    approved: Callable[[str], None]
    withdrawn: Callable[[str], None]
    peers: Peers


class InnerDesk:
    """Implements `WallDesk`. Without a membership it only shows."""

    def __init__(self, own_fingerprint: str, sight: DeskSight, member: DeskMember | None) -> None:
        self._own_fingerprint = own_fingerprint
        self._sight = sight
        self._member = member

    @property
    def peer_desk(self) -> InnerPeerDesk:
        """The part about other hospitals' keys."""
        return InnerPeerDesk(None if self._member is None else self._member.peers)

    def plans(self) -> list[PlanView]:
        """Every plan that was offered, the latest first."""
        if self._member is None:
            return []
        stewardship = self._member.stewardship
        return [plan_view(known, stewardship.clock.now()) for known in stewardship.plans.offers()]

    def plan(self, offer_sha256: str) -> PlanDetail:
        """One plan in words. Raises: DeskRefused."""
        member = self._joined()
        known = self._known(member, offer_sha256)
        plan, patients = known.offered.plan, member.stewardship.patients
        plan_id = plan.plan_id
        sight = PlanSight(
            member.membership.coordinator_name,
            member.stewardship.min_survivors,
            self._sight.cohorts.frozen(plan_id),
            patients.here(plan),
            patients.obstacle(plan),
            member.permits(plan),
            secure=enough_believed(member.peers, plan),
            two_people=member.stewardship.two_people,
            former=former_offer(known, member.stewardship.plans.offers()),
        )
        detail = plan_detail(known, sight, member.stewardship.clock.now())
        runs = [run_view(run) for run in self._sight.contact.runs() if run.plan_id == plan_id]
        return detail.model_copy(update={"runs": runs})

    def approve(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> ApprovalView:
        """The approval, which holds from now on. Raises: DeskRefused."""
        member = self._joined()
        return self._given(member, lambda: approve(member.stewardship, _wish(offer_sha256, form), person_id))

    def say_first_yes(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> FirstYesView:
        """The first yes, which waits for a second steward. Raises: DeskRefused."""
        member = self._joined()
        try:
            return first_yes_view(say_first_yes(member.stewardship, _wish(offer_sha256, form), person_id))
        except DECISION_REFUSALS as refusal:
            raise desk_refusal(refusal) from None

    def confirm(self, offer_sha256: str, yes_id: str, *, person_id: str) -> ApprovalView:
        """The approval that another steward wished for, which holds from now on. Raises: DeskRefused."""
        member = self._joined()
        return self._given(member, lambda: confirm(member.stewardship, offer_sha256, yes_id, person_id))

    def drop_first_yes(self, offer_sha256: str, yes_id: str, *, person_id: str) -> None:
        """The first yes waits no more. Raises: DeskRefused."""
        member = self._joined()
        try:
            drop_first_yes(member.stewardship, offer_sha256, yes_id, person_id)
        except DECISION_REFUSALS as refusal:
            raise desk_refusal(refusal) from None

    def stop(self, offer_sha256: str, form: StopForm, *, by: Actor) -> StopView:
        """The office's stop, which stands from now on. Raises: DeskRefused."""
        member = self._joined()
        try:
            stop = stop_plan(member.stops, offer_sha256, form.office, Act(by, member.stewardship.clock.now()))
        except DECISION_REFUSALS as refusal:
            raise desk_refusal(refusal) from None
        member.withdrawn(self._known(member, offer_sha256).offered.plan.plan_id)
        return stop_view(stop)

    def lift(self, offer_sha256: str, form: LiftForm, *, by: Actor) -> StopView:
        """The office's stop, which stands no more. Raises: DeskRefused."""
        member = self._joined()
        act = Act(by, member.stewardship.clock.now())
        try:
            return stop_view(lift_stop(member.stops, offer_sha256, form.office, form.reason, act))
        except DECISION_REFUSALS as refusal:
            raise desk_refusal(refusal) from None

    def federation(self) -> FederationView:
        """Whether and how this node belongs to a federation."""
        return federation_view(
            None if self._member is None else self._member.membership,
            self._own_fingerprint,
            self._sight.contact.contact(),
            runs=self._sight.contact.runs(),
            waiting=self._sight.outbox.undelivered(),
        )

    def ledger(self, after: int, limit: int) -> LedgerPage:
        """A page of what left."""
        rows = self._sight.ledger.page(after, min(limit, PAGE_ENTRIES_MAX))
        return LedgerPage(
            entries=[ledger_row_view(row) for row in rows],
            total=self._sight.ledger.head().number,
            check=ledger_check(self._sight.ledger) if after == 0 else None,
            root=latest_root(self._sight.roots) if after == 0 else None,
        )

    def ledger_lines(self, after: int, limit: int) -> list[str]:
        """Lines of the export, in order."""
        stored = self._sight.ledger.lines(after, min(limit, PAGE_ENTRIES_MAX))
        return [export_line(entry, entry_hash) for entry, entry_hash in stored]

    def verdicts(self) -> list[VerdictView]:
        """The benefit verdict of every run."""
        return [verdict_view(held) for held in self._sight.verdicts.verdicts()]

    def taking_part(self, patients: Collection[int]) -> TakingPartView:
        """What these patients, by the node's own numbers, had a part in."""
        if self._member is None:
            return NO_PART
        plans = self._member.stewardship.plans
        return taking_part(PartSight(self._sight.parts, self._sight.contact, plans), patients)

    def _given(self, member: DeskMember, give: Callable[[], Approval]) -> ApprovalView:
        try:
            given = give()
        except DECISION_REFUSALS as refusal:
            raise desk_refusal(refusal) from None
        member.approved(given.plan_id)
        return approval_view(HeldApproval(given))

    def _joined(self) -> DeskMember:
        if self._member is None:
            raise DeskRefused(DeskProblem.NOT_JOINED)
        return self._member

    def _known(self, member: DeskMember, offer_sha256: str) -> KnownOffer:
        known = member.stewardship.plans.offer(offer_sha256)
        if known is None:
            raise DeskRefused(DeskProblem.OFFER_UNKNOWN)
        return known


def _wish(offer_sha256: str, form: ApprovalForm) -> ApprovalWish:
    bounds = Bounds(
        max_rounds=form.max_rounds,
        max_attempts_per_round=form.max_attempts_per_round,
        max_cases=form.max_cases,
    )
    return ApprovalWish(
        offer_sha256,
        bounds,
        form.accepts_red_attack_light,
        form.expires_at,
        epsilon_cap=form.epsilon_cap,
        metrics=None if form.metrics is None else tuple(dict.fromkeys(form.metrics)),
    )
