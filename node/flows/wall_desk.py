"""The desk inside the wall process: approvals and withdrawals signed here, everything else only shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.flows.approve import ApprovalWish, OfferUnknown, PlanTaken, Stewardship, approve
from node.flows.cohort import CohortBook
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.desk_ports import ContactSeen, LedgerBook, OutboxSeen, RootsSeen, VerdictsSeen
from node.flows.plan_book import KnownOffer
from node.flows.plan_views import PlanSight, approval_view, plan_detail, plan_view, run_view
from node.flows.sight_views import federation_view, latest_root, ledger_check, ledger_row_view, verdict_view
from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FederationView,
    LedgerPage,
    PlanDetail,
    PlanView,
    VerdictView,
    WithdrawalForm,
)
from node.flows.withdraw import withdraw
from node.ground.membership import Membership
from node.release.approvals import ActRefused, HeldApproval
from node.release.ledger import export_line
from node.release.refusals import GateRefused, InstructionRefused, NoRoomForNoise, OutsideApproval
from protocols.approvals import Bounds
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


@dataclass(frozen=True, slots=True)
class DeskMember:
    """What a node that joined has besides: membership, the right to sign, and whom to tell of a decision."""

    membership: Membership
    stewardship: Stewardship
    permits: Callable[[TrainingPlan], bool]
    """Whether a project of this hospital permits the plan's partner."""
    approved: Callable[[str], None]
    withdrawn: Callable[[str], None]


class InnerDesk:
    """Implements `WallDesk`. Without a membership it only shows."""

    def __init__(self, own_fingerprint: str, sight: DeskSight, member: DeskMember | None) -> None:
        self._own_fingerprint = own_fingerprint
        self._sight = sight
        self._member = member

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
        )
        detail = plan_detail(known, sight, member.stewardship.clock.now())
        runs = [run_view(run) for run in self._sight.contact.runs() if run.plan_id == plan_id]
        return detail.model_copy(update={"runs": runs})

    def approve(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> ApprovalView:
        """The approval, which holds from now on. Raises: DeskRefused."""
        member = self._joined()
        bounds = Bounds(
            max_rounds=form.max_rounds,
            max_attempts_per_round=form.max_attempts_per_round,
            max_cases=form.max_cases,
        )
        wish = ApprovalWish(offer_sha256, bounds, form.accepts_red_attack_light, form.expires_at)
        try:
            given = approve(member.stewardship, wish, person_id)
        except (OfferUnknown, ActRefused, PlanTaken, InstructionRefused) as refusal:
            raise _refused(refusal) from None
        member.approved(given.plan_id)
        return approval_view(HeldApproval(given))

    def withdraw(self, offer_sha256: str, form: WithdrawalForm, *, person_id: str) -> ApprovalView:
        """The approval, which no longer holds. Raises: DeskRefused."""
        member = self._joined()
        try:
            said = withdraw(member.stewardship, offer_sha256, form.reason, person_id=person_id)
        except (OfferUnknown, ActRefused, InstructionRefused) as refusal:
            raise _refused(refusal) from None
        member.withdrawn(said.plan_id)
        held = self._known(member, offer_sha256).held
        if held is None:
            raise DeskRefused(DeskProblem.OFFER_UNKNOWN)
        return approval_view(held)

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

    def _joined(self) -> DeskMember:
        if self._member is None:
            raise DeskRefused(DeskProblem.NOT_JOINED)
        return self._member

    def _known(self, member: DeskMember, offer_sha256: str) -> KnownOffer:
        known = member.stewardship.plans.offer(offer_sha256)
        if known is None:
            raise DeskRefused(DeskProblem.OFFER_UNKNOWN)
        return known


def _refused(refusal: OfferUnknown | ActRefused | PlanTaken | InstructionRefused) -> DeskRefused:
    match refusal:
        case OfferUnknown():
            return DeskRefused(DeskProblem.OFFER_UNKNOWN)
        case ActRefused():
            return DeskRefused(DeskProblem.STANDING_REFUSED, refusal.standing.value)
        case PlanTaken():
            return DeskRefused(DeskProblem.PLAN_TAKEN)
        case NoRoomForNoise():
            return DeskRefused(DeskProblem.CANNOT_TAKE_PART, refusal.code.value)
        case GateRefused() | OutsideApproval():
            return DeskRefused(DeskProblem.OUTSIDE_PLAN, refusal.code.value)
        case InstructionRefused():
            return DeskRefused(DeskProblem.CANNOT_TAKE_PART, refusal.code.value)
