"""An offer: a partner's sealed plan and the digest of its starting weights, sealed by the coordinator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.membership.partner import Partner
from protocols.encoding import decode, encode
from protocols.plans import PlanOffer, TrainingPlan, offer_digest
from protocols.signing import Identity, Purpose, seal, unseal_any


@dataclass(frozen=True, slots=True)
class Offer:
    """One plan as it stands before the hospitals; nothing in it changes any more."""

    plan_id: str
    partner_id: str
    offer_sha256: str
    plan_sha256: str
    """Of the partner's sealed bytes: the same bytes sent twice are one plan."""
    sealed_offer: bytes
    starting_sha256: str
    offered_at: datetime
    expires_at: datetime

    @property
    def plan(self) -> TrainingPlan:
        """The plan inside; it was checked when the offer was made."""
        offer, _ = decode(unseal_any(self.sealed_offer, Purpose.OFFER).frame, PlanOffer)
        plan, _ = decode(unseal_any(offer.sealed_plan, Purpose.PLAN).frame, TrainingPlan)
        return plan


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A plan that passed every check, with the bytes it came in and the weights it begins with."""

    plan: TrainingPlan
    sealed: bytes
    sealed_sha256: str
    starting_sha256: str


def make_offer(checked: CheckedPlan, partner: Partner, identity: Identity, *, now: datetime) -> Offer:
    """The sealed offer of a plan that was checked."""
    message = PlanOffer(
        sealed_plan=checked.sealed,
        partner_key=partner.identity_key,
        starting_weights_sha256=checked.starting_sha256,
        offered_at=now,
    )
    sealed = seal(encode(message), identity, Purpose.OFFER)
    return Offer(
        plan_id=checked.plan.plan_id,
        partner_id=partner.partner_id,
        offer_sha256=offer_digest(sealed),
        plan_sha256=checked.sealed_sha256,
        sealed_offer=sealed,
        starting_sha256=checked.starting_sha256,
        offered_at=now,
        expires_at=checked.plan.expires_at,
    )
