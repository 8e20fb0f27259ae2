"""A steward's yes: checked against the plan, signed, held, and sent to the coordinator, in one transaction.

A yes to a private plan freezes, in the same transaction, the patients it trains on.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.flows.patients import PatientBudget
from node.flows.plan_book import KnownOffer, PlanBook
from node.flows.send import OwnSite, Sending, parcel_of, release
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.ids import new_id
from node.release.approvals import Act, HeldApproval, Standing, after, standing_of
from node.release.bounds import Terms, check_acceptable, check_bounds_within, check_period, check_schema
from node.release.gate import pass_gate
from node.release.outbox import Origin
from node.release.promise import Outgoing, Promise
from protocols.approvals import Approval, Bounds, Withdrawal
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

    def end(self, withdrawal: Withdrawal, event: AuditEvent) -> None:
        """The approval is withdrawn."""
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
class ApprovalWish:
    """What a steward signs: which offer, how far, until when, and whether a red attack light is accepted."""

    offer_sha256: str
    bounds: Bounds
    accepts_red_attack_light: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Stewardship:
    """What decisions about plans need."""

    site: OwnSite
    plans: PlanBook
    unit: DecisionUnit
    clock: Clock
    min_survivors: int
    patients: PatientBudget


def approve(desk: Stewardship, wish: ApprovalWish, person_id: str) -> Approval:
    """The approval, which holds from now on and is on its way to the coordinator.

    Raises:
        OfferUnknown: no such offer.
        ActRefused: the offer is approved already, or expired.
        PlanTaken: an approval of the same plan holds.
        InstructionRefused: this node cannot take part in such a plan; the leaf says why.
        GateRefused: the approval would go further than the plan.
    """
    now = desk.clock.now()
    known = desk.plans.offer(wish.offer_sha256)
    if known is None:
        raise OfferUnknown("no such offer")
    after(known.standing(now), Act.APPROVE)
    plan = known.offered.plan
    check_period(plan, now)
    check_schema(plan)
    check_acceptable(plan, min_survivors=desk.min_survivors)
    check_bounds_within(wish.bounds, plan)
    patients = desk.patients.bound_by(plan, rounds=wish.bounds.max_rounds)
    return _signed(desk, known, _approval(desk.site, known, wish, now), person_id, patients=patients)


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
    )


def _signed(
    desk: Stewardship, known: KnownOffer, approval: Approval, person_id: str, *, patients: frozenset[int] | None
) -> Approval:
    promise = Promise(desk.site.identity.public.raw, desk.site.site_id, Terms(known.offered, approval))
    passed = pass_gate(Outgoing(approval), promise, desk.site.identity)
    origin = Origin(plan_id=approval.plan_id, approval_id=approval.approval_id)
    parcel = parcel_of(passed, origin, approval.approved_at)
    with desk.unit.deciding() as door:
        _check_free(door.held_approval(approval.plan_id), known, approval.approved_at)
        door.hold(approval, decision(person_id, "plan.approved", approval.approval_id, approval.approved_at))
        if patients is not None:
            door.freeze(known.offered.plan, patients, approval.approved_at)
        release(door, parcel, needs_approval=passed.row.needs_approval, now=approval.approved_at)
    return approval


def _check_free(stored: HeldApproval | None, known: KnownOffer, now: datetime) -> None:
    if standing_of(stored, plan_expires_at=known.offered.plan.expires_at, now=now) is Standing.APPROVED:
        raise PlanTaken("an approval of this plan holds already")


def decision(person_id: str, action: str, approval_id: str, at: datetime) -> AuditEvent:
    """The audit event of a person's decision about an approval."""
    return AuditEvent(at=at, actor=Actor(ActorKind.PERSON, person_id), action=action, subject=f"approval:{approval_id}")
