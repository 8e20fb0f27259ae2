"""A hospital's approval of one offer as the coordinator holds it, and its withdrawal.

An approval that was withdrawn stays withdrawn: sending it again changes nothing. A withdrawal names the approval it
ends, so that an old one, replayed, cannot end a later approval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from coordinator.ground.errors import CoordinatorError
from coordinator.membership.site import Site
from coordinator.offers.offer import Offer
from protocols.approvals import Approval, Withdrawal, WithdrawalReason
from protocols.encoding import decode
from protocols.errors import ProtocolError
from protocols.plans import TrainingPlan
from protocols.signing import Purpose, unseal

_MAX_BYTES = 65_536


class ApprovalReason(StrEnum):
    """Why an approval or a withdrawal does not count."""

    UNREADABLE = "unreadable"
    OTHER_SITE = "other-site"
    OTHER_OFFER = "other-offer"
    BEYOND_PLAN = "beyond-plan"
    EXPIRED = "expired"
    APPROVAL_UNKNOWN = "approval-unknown"
    APPROVAL_REPEATS = "approval-repeats"


class ApprovalRefused(CoordinatorError):
    """An approval or withdrawal that does not count, with the reason."""

    def __init__(self, reason: ApprovalReason) -> None:
        super().__init__(f"approval refused: {reason.value}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HeldApproval:
    """One hospital's yes, and whether it still stands."""

    approval_id: str
    site_id: str
    plan_id: str
    offer_sha256: str
    max_rounds: int
    max_attempts: int
    max_cases: int
    accepts_red: bool
    approved_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_reason: WithdrawalReason | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether the hospital takes part at this moment."""
        return self.withdrawn_at is None and now < self.expires_at


def read_approval(sealed: bytes, site: Site) -> Approval:
    """The approval of the site's sealed bytes. Raises: ApprovalRefused."""
    try:
        approval, _ = decode(unseal(sealed, site.identity, Purpose.APPROVAL), Approval, max_bytes=_MAX_BYTES)
    except ProtocolError:
        raise ApprovalRefused(ApprovalReason.UNREADABLE) from None
    if approval.site_id != site.site_id:
        raise ApprovalRefused(ApprovalReason.OTHER_SITE)
    return approval


def read_withdrawal(sealed: bytes, site: Site) -> Withdrawal:
    """The withdrawal of the site's sealed bytes. Raises: ApprovalRefused."""
    try:
        withdrawal, _ = decode(unseal(sealed, site.identity, Purpose.WITHDRAWAL), Withdrawal, max_bytes=_MAX_BYTES)
    except ProtocolError:
        raise ApprovalRefused(ApprovalReason.UNREADABLE) from None
    if withdrawal.site_id != site.site_id:
        raise ApprovalRefused(ApprovalReason.OTHER_SITE)
    return withdrawal


def hold(approval: Approval, offer: Offer | None, *, now: datetime) -> HeldApproval:
    """The approval as held, once it names exactly this offer and goes no further than its plan.

    Raises:
        ApprovalRefused: for another offer, beyond the plan, or expired.
    """
    if offer is None or (approval.plan_id, approval.offer_sha256) != (offer.plan_id, offer.offer_sha256):
        raise ApprovalRefused(ApprovalReason.OTHER_OFFER)
    plan = offer.plan
    if approval.bounds.max_rounds > plan.rounds or approval.bounds.max_cases > plan.cohort.max_cases:
        raise ApprovalRefused(ApprovalReason.BEYOND_PLAN)
    if _spends_or_tells_more(approval, plan):
        raise ApprovalRefused(ApprovalReason.BEYOND_PLAN)
    if now >= approval.expires_at or now >= plan.expires_at:
        raise ApprovalRefused(ApprovalReason.EXPIRED)
    return HeldApproval(
        approval_id=approval.approval_id,
        site_id=approval.site_id,
        plan_id=approval.plan_id,
        offer_sha256=approval.offer_sha256,
        max_rounds=approval.bounds.max_rounds,
        max_attempts=approval.bounds.max_attempts_per_round,
        max_cases=approval.bounds.max_cases,
        accepts_red=approval.accepts_red_attack_light,
        approved_at=approval.approved_at,
        expires_at=approval.expires_at,
    )


def _spends_or_tells_more(approval: Approval, plan: TrainingPlan) -> bool:
    """Whether an approval names an epsilon or figures that its plan does not have."""
    own, cap = plan.privacy.epsilon_cap, approval.epsilon_cap
    return (cap is not None and (own is None or cap > own)) or bool(set(approval.metrics or ()) - set(plan.metrics))


def withdrawn(held: HeldApproval | None, withdrawal: Withdrawal, *, now: datetime) -> HeldApproval:
    """The approval withdrawn; one that was withdrawn before keeps its first moment and reason.

    Raises:
        ApprovalRefused: no approval of this site has this identifier.
    """
    named = (withdrawal.approval_id, withdrawal.site_id, withdrawal.plan_id)
    if held is None or (held.approval_id, held.site_id, held.plan_id) != named:
        raise ApprovalRefused(ApprovalReason.APPROVAL_UNKNOWN)
    if held.withdrawn_at is not None:
        return held
    return replace(held, withdrawn_at=now, withdrawn_reason=withdrawal.reason)
