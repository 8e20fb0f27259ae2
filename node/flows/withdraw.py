"""A hospital's no after its yes: binding here at once, told to the coordinator when the line allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from node.flows.approve import OfferUnknown, Stewardship, decision
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.plan_book import KnownOffer
from node.flows.send import parcel_of, release
from node.readers.roles import Role
from node.release.approvals import Act, after
from node.release.bounds import Terms
from node.release.gate import pass_gate
from node.release.outbox import Origin
from node.release.promise import Outgoing, Promise
from node.release.refusals import ApprovalMissing
from protocols.approvals import Approval, Withdrawal, WithdrawalReason

REASON_OF: Mapping[Role, WithdrawalReason] = MappingProxyType(
    {
        Role.STEWARD: WithdrawalReason.STEWARD_REVOKED,
        Role.ETHICS: WithdrawalReason.ETHICS_SUSPENDED,
        Role.IT: WithdrawalReason.IT_STOPPED,
    }
)


def check_reason(reason: WithdrawalReason, roles: Collection[Role]) -> None:
    """Return when the reason is that of an office the person holds: the partner is told by it who stopped the plan.

    Raises:
        DeskRefused: it is another office's.
    """
    if reason not in {REASON_OF[role] for role in roles if role in REASON_OF}:
        raise DeskRefused(DeskProblem.REASON_NOT_YOURS)


def withdraw(desk: Stewardship, offer_sha256: str, reason: WithdrawalReason, *, person_id: str) -> Withdrawal:
    """The withdrawal; from this moment nothing more leaves for the plan.

    Raises:
        OfferUnknown: no such offer.
        ActRefused: the offer is not approved.
    """
    now = desk.clock.now()
    known = desk.plans.offer(offer_sha256)
    if known is None:
        raise OfferUnknown("no such offer")
    after(known.standing(now), Act.WITHDRAW)
    approval = _held(known)
    withdrawal = Withdrawal(
        approval_id=approval.approval_id,
        site_id=desk.site.site_id,
        plan_id=approval.plan_id,
        reason=reason,
        withdrawn_at=now,
    )
    promise = Promise(desk.site.identity.public.raw, desk.site.site_id, Terms(known.offered, approval))
    passed = pass_gate(Outgoing(withdrawal), promise, desk.site.identity)
    parcel = parcel_of(passed, Origin(plan_id=approval.plan_id, approval_id=approval.approval_id), now)
    with desk.unit.deciding() as door:
        door.end(withdrawal, decision(person_id, "plan.withdrawn", approval.approval_id, now))
        release(door, parcel, needs_approval=passed.row.needs_approval, now=now)
    return withdrawal


def _held(known: KnownOffer) -> Approval:
    if known.held is None:
        raise ApprovalMissing("no approval names this plan")
    return known.held.approval
