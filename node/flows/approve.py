"""A steward's yes: checked against the plan, signed, held, and sent to the coordinator, in one transaction.

A yes to a private plan freezes, in the same transaction, the patients it trains on. Where a hospital approves by two
people, this is the second one's act (`second_yes`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.flows.patients import PatientBudget
from node.flows.plan_book import KnownOffer, PlanBook
from node.flows.secure_steps import PeerBook, enough_believed
from node.flows.send import OwnSite, Sending, parcel_of, release
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.ids import new_id
from node.release.approvals import Act, HeldApproval, Standing, after, standing_of
from node.release.bounds import (
    Terms,
    check_acceptable,
    check_bounds_within,
    check_narrower,
    check_period,
    check_schema,
)
from node.release.checks import approves_what_was_offered
from node.release.gate import pass_gate
from node.release.outbox import Origin
from node.release.promise import Outgoing, Promise
from node.release.stops import Stop, check_not_stopped
from node.release.wish import ApprovalWish, FirstYes, SecondYesNeeded, waiting_yes
from protocols.approvals import Approval
from protocols.plans import TrainingPlan


class OfferUnknown(NodeError):
    """No offer of this digest was received."""


class PlanTaken(NodeError):
    """An approval of this plan holds already, perhaps of another offer; it would have to be withdrawn first."""


class Deciding(Sending, Protocol):
    """A send's transaction that can also hold a decision."""

    def hold(self, approval: Approval, event: AuditEvent) -> None:
        """The approval is the latest of its plan."""
        ...

    def stops(self, plan_id: str) -> tuple[Stop, ...]:
        """Every stop of a plan, the oldest first."""
        ...

    def keep_first_yes(self, plan_id: str, first: FirstYes, event: AuditEvent) -> None:
        """This first yes waits for a second, and no other of its plan."""
        ...

    def take_first_yes(self, plan_id: str, event: AuditEvent) -> FirstYes | None:
        """The first yes that waited, which waits no more; where there was none, nothing happened."""
        ...

    def freeze(self, plan: TrainingPlan, patients: frozenset[int], at: datetime) -> None:
        """The patients of a private plan are these; those frozen before stay."""
        ...


class DecisionUnit(Protocol):
    """Opens transactions for decisions."""

    def deciding(self) -> AbstractContextManager[Deciding]:
        """One transaction: everything in it holds, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Stewardship:
    """What decisions about plans need."""

    site: OwnSite
    plans: PlanBook
    unit: DecisionUnit
    clock: Clock
    min_survivors: int
    patients: PatientBudget
    peers: PeerBook | None = None
    """Whom this hospital believes; a node without it takes part in no secure plan."""
    two_people: bool = False
    """An approval counts only once a second steward confirmed it."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A wish that can be signed now: its offer, and the patients a private plan binds."""

    known: KnownOffer
    approval: Approval
    patients: frozenset[int] | None


def known_offer(desk: Stewardship, offer_sha256: str) -> KnownOffer:
    """The offer of this digest. Raises: OfferUnknown."""
    known = desk.plans.offer(offer_sha256)
    if known is None:
        raise OfferUnknown("no such offer")
    return known


def admitted(desk: Stewardship, wish: ApprovalWish, now: datetime) -> Admitted:
    """The wish, once everything is checked that can be checked before the transaction.

    Raises:
        OfferUnknown: no such offer.
        ActRefused: the offer is approved already, or expired.
        PlanStopped: an office's stop of the plan stands.
        InstructionRefused: this node cannot take part in such a plan; the leaf says why.
        GateRefused: the approval would go further than the plan.
    """
    known = known_offer(desk, wish.offer_sha256)
    after(known.standing(now), Act.APPROVE)
    check_not_stopped(known.stops)
    plan = known.offered.plan
    check_period(plan, now)
    check_schema(plan)
    check_acceptable(plan, min_survivors=desk.min_survivors, secure=enough_believed(desk.peers, plan))
    check_bounds_within(wish.bounds, plan)
    check_narrower(plan, epsilon_cap=wish.epsilon_cap, metrics=wish.metrics)
    patients = desk.patients.bound_by(plan, rounds=wish.bounds.max_rounds, epsilon_cap=wish.epsilon_cap)
    approval = _approval(desk.site, known, wish, now)
    approves_what_was_offered(Outgoing(approval), _promise(desk, known, approval))
    return Admitted(known, approval, patients)


def approve(desk: Stewardship, wish: ApprovalWish, person_id: str, *, confirms: FirstYes | None = None) -> Approval:
    """The approval, which holds from now on and is on its way to the coordinator.

    `confirms` is the first yes of another steward, where this hospital approves by two people.

    Raises:
        SecondYesNeeded: it does, and nobody said a first yes.
        FirstYesGone: the first yes waits no more.
        PlanTaken: an approval of the same plan holds.
        OfferUnknown, ActRefused, PlanStopped, InstructionRefused: as `admitted` says.
    """
    if desk.two_people and confirms is None:
        raise SecondYesNeeded("this hospital approves by two people")
    return _signed(desk, admitted(desk, wish, desk.clock.now()), person_id, confirms=confirms)


def _promise(desk: Stewardship, known: KnownOffer, approval: Approval) -> Promise:
    return Promise(desk.site.identity.public.raw, desk.site.site_id, Terms(known.offered, approval))


def _approval(site: OwnSite, known: KnownOffer, wish: ApprovalWish, now: datetime) -> Approval:
    return Approval(
        approval_id=new_id(),
        site_id=site.site_id,
        plan_id=known.offered.plan.plan_id,
        offer_sha256=known.offered.sha256,
        bounds=wish.bounds,
        accepts_red_attack_light=wish.accepts_red_attack_light,
        approved_at=now,
        expires_at=min(wish.expires_at, known.offered.plan.expires_at),
        epsilon_cap=wish.epsilon_cap,
        metrics=wish.metrics,
    )


def _signed(desk: Stewardship, given: Admitted, person_id: str, *, confirms: FirstYes | None) -> Approval:
    approval, at = given.approval, given.approval.approved_at
    passed = pass_gate(Outgoing(approval), _promise(desk, given.known, approval), desk.site.identity)
    origin = Origin(plan_id=approval.plan_id, approval_id=approval.approval_id)
    parcel = parcel_of(passed, origin, at)
    with desk.unit.deciding() as door:
        check_not_stopped(door.stops(approval.plan_id))
        check_free(door.held_approval(approval.plan_id), given.known, at)
        done = "plan.first-yes-dropped" if confirms is None else "plan.confirmed"
        first = door.take_first_yes(approval.plan_id, decision(person_id, done, approval.approval_id, at))
        if confirms is not None:
            waiting_yes(first, confirms.yes_id)
        door.hold(approval, decision(person_id, "plan.approved", approval.approval_id, at))
        if given.patients is not None:
            door.freeze(given.known.offered.plan, given.patients, at)
        release(door, parcel, needs_approval=passed.row.needs_approval, now=at)
    return approval


def check_free(stored: HeldApproval | None, known: KnownOffer, now: datetime) -> None:
    """Return when no approval of the plan holds. Raises: PlanTaken."""
    if standing_of(stored, plan_expires_at=known.offered.plan.expires_at, now=now) is Standing.APPROVED:
        raise PlanTaken("an approval of this plan holds already")


def decision(person_id: str, action: str, approval_id: str, at: datetime) -> AuditEvent:
    """The audit event of a person's decision about an approval."""
    return AuditEvent(at=at, actor=Actor(ActorKind.PERSON, person_id), action=action, subject=f"approval:{approval_id}")
