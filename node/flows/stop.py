"""An office stops a plan, or lifts its own stop; both hold here at once, with who and when in the audit trail.

A stop ends the approval that holds, in the same transaction, and the coordinator is told by a withdrawal when the line
allows. A plan nobody approved can be stopped too: then nobody can. Whoever lifts a stop revives no approval.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from node.flows.act import Act
from node.flows.approve import OfferUnknown
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.plan_book import KnownOffer, PlanBook
from node.flows.send import OwnSite, Sending, parcel_of, release
from node.ground.audit import AuditEvent
from node.readers.roles import Role
from node.release.approvals import HeldApproval
from node.release.bounds import Terms
from node.release.gate import pass_gate
from node.release.outbox import Origin
from node.release.promise import Outgoing, Promise
from node.release.stops import REASON_OF, Office, Stop, StopLiftReason, check_may_lift, check_may_stop, standing_stops
from protocols.approvals import Withdrawal


class Stopping(Sending, Protocol):
    """A send's transaction that can also hold a stop."""

    def stops(self, plan_id: str) -> tuple[Stop, ...]:
        """Every stop of a plan, the oldest first."""
        ...

    def stop(self, plan_id: str, stop: Stop, event: AuditEvent) -> None:
        """The office's stop stands, and no first yes waits for a second."""
        ...

    def lift(self, plan_id: str, lifted: Stop, event: AuditEvent) -> None:
        """The office's stop stands no more."""
        ...

    def end(self, withdrawal: Withdrawal, event: AuditEvent) -> None:
        """The approval is withdrawn."""
        ...


class StopUnit(Protocol):
    """Opens transactions for stops."""

    def deciding(self) -> AbstractContextManager[Stopping]:
        """One transaction: everything in it holds, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class StopParts:
    """What stopping needs; nothing that could keep an office from it."""

    site: OwnSite
    plans: PlanBook
    unit: StopUnit


def check_office(office: Office, roles: Collection[Role]) -> None:
    """Return when the person holds the office: the partner is told by it who stopped the plan.

    Raises:
        DeskRefused: the person does not.
    """
    if Role(office.value) not in roles:
        raise DeskRefused(DeskProblem.OFFICE_NOT_YOURS)


def stop_plan(parts: StopParts, offer_sha256: str, office: Office, act: Act) -> Stop:
    """The office's stop; from this moment nothing leaves for the plan, and nobody approves it.

    Raises:
        OfferUnknown: no such offer.
        StoppedAlready: the office's stop stands.
    """
    plan_id = _known(parts, offer_sha256).offered.plan.plan_id
    stop = Stop(office, act.now)
    with parts.unit.deciding() as door:
        check_may_stop(door.stops(plan_id), office)
        held = door.held_approval(plan_id)
        door.stop(plan_id, stop, act.event("plan.stopped", f"plan:{plan_id}", office.value))
        if held is not None and _would_hold(held, act.now):
            _withdraw(parts, door, held, office, act)
    return stop


def lift_stop(parts: StopParts, offer_sha256: str, office: Office, reason: StopLiftReason, act: Act) -> Stop:
    """The office's stop, lifted; others' stops still stand, and a withdrawn approval stays withdrawn.

    Raises:
        OfferUnknown: no such offer.
        NotStopped: no stop of this office stands.
    """
    plan_id = _known(parts, offer_sha256).offered.plan.plan_id
    with parts.unit.deciding() as door:
        stops = door.stops(plan_id)
        check_may_lift(stops, office)
        (stop,) = (stop for stop in standing_stops(stops) if stop.office is office)
        lifted = replace(stop, lifted_at=act.now, lift_reason=reason)
        door.lift(plan_id, lifted, act.event("plan.lifted", f"plan:{plan_id}", f"{office.value}: {reason.value}"))
    return lifted


def _known(parts: StopParts, offer_sha256: str) -> KnownOffer:
    known = parts.plans.offer(offer_sha256)
    if known is None:
        raise OfferUnknown("no such offer")
    return known


def _would_hold(held: HeldApproval, now: datetime) -> bool:
    return held.withdrawn_at is None and now < held.approval.expires_at


def _withdraw(parts: StopParts, door: Stopping, held: HeldApproval, office: Office, act: Act) -> None:
    """The approval, perhaps of another offer of the plan, is withdrawn in the office's name."""
    approval = held.approval
    withdrawal = Withdrawal(
        approval_id=approval.approval_id,
        site_id=parts.site.site_id,
        plan_id=approval.plan_id,
        reason=REASON_OF[office],
        withdrawn_at=act.now,
    )
    terms = Terms(_known(parts, approval.offer_sha256).offered, approval)
    promise = Promise(parts.site.identity.public.raw, parts.site.site_id, terms)
    passed = pass_gate(Outgoing(withdrawal), promise, parts.site.identity)
    parcel = parcel_of(passed, Origin(plan_id=approval.plan_id, approval_id=approval.approval_id), act.now)
    door.end(withdrawal, act.event("plan.withdrawn", f"approval:{approval.approval_id}", office.value))
    release(door, parcel, needs_approval=passed.row.needs_approval, now=act.now)
