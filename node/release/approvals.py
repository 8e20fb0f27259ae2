"""Where an offer stands with this hospital: the transition table, and the check every send repeats.

The table is the truth: `after` reads it, tests walk all of it. Expiry is read from the clock, never stored. A withdrawn
plan can be approved anew, with a new approval, once no office's stop stands (`stops`); what was spent under the old one
stays spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from node.ground.errors import NodeError
from node.release.refusals import ApprovalExpired, ApprovalMissing, ApprovalWithdrawn
from node.release.stops import Stop, check_not_stopped
from protocols.approvals import Approval, WithdrawalReason


class Standing(StrEnum):
    """Where an offer stands with this hospital."""

    OFFERED = "offered"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(StrEnum):
    """What can happen to it."""

    APPROVE = "approve"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


TRANSITIONS: Mapping[tuple[Standing, Act], Standing] = MappingProxyType(
    {
        (Standing.OFFERED, Act.APPROVE): Standing.APPROVED,
        (Standing.OFFERED, Act.EXPIRE): Standing.EXPIRED,
        (Standing.APPROVED, Act.WITHDRAW): Standing.WITHDRAWN,
        (Standing.APPROVED, Act.EXPIRE): Standing.EXPIRED,
        (Standing.WITHDRAWN, Act.APPROVE): Standing.APPROVED,
        (Standing.WITHDRAWN, Act.EXPIRE): Standing.EXPIRED,
    }
)


class ActRefused(NodeError):
    """The table has no such step: the offer stands where the act has no meaning."""

    def __init__(self, standing: Standing, act: Act) -> None:
        super().__init__(f"an offer that is {standing.value} cannot take: {act.value}")
        self.standing = standing
        self.act = act


@dataclass(frozen=True, slots=True)
class HeldApproval:
    """An approval this hospital gave, its withdrawal if there was one, and the plan's stops that stand."""

    approval: Approval
    withdrawn_at: datetime | None = None
    withdrawal_reason: WithdrawalReason | None = None
    stops: tuple[Stop, ...] = ()


def after(standing: Standing, act: Act) -> Standing:
    """Where the offer stands once the act is done.

    Raises:
        ActRefused: the act has no meaning there.
    """
    try:
        return TRANSITIONS[(standing, act)]
    except KeyError:
        raise ActRefused(standing, act) from None


def standing_of(held: HeldApproval | None, *, plan_expires_at: datetime, now: datetime) -> Standing:
    """Where an offer stands at a moment: what was stored, moved on by the clock."""
    if held is None:
        stored, expires_at = Standing.OFFERED, plan_expires_at
    else:
        stored = Standing.APPROVED if held.withdrawn_at is None else Standing.WITHDRAWN
        expires_at = held.approval.expires_at if held.withdrawn_at is None else plan_expires_at
    return after(stored, Act.EXPIRE) if now >= expires_at else stored


def in_force(held: HeldApproval | None, now: datetime) -> Approval:
    """The approval, which holds at this moment.

    Raises:
        ApprovalMissing: none was given.
        PlanStopped: an office's stop stands, whatever became of the approval.
        ApprovalWithdrawn: it was withdrawn.
        ApprovalExpired: its period is over.
    """
    if held is None:
        raise ApprovalMissing("no approval names this plan")
    check_not_stopped(held.stops)
    if held.withdrawn_at is not None:
        raise ApprovalWithdrawn(f"approval {held.approval.approval_id} was withdrawn")
    if now >= held.approval.expires_at:
        raise ApprovalExpired(f"approval {held.approval.approval_id} has expired")
    return held.approval
