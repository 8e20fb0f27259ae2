"""An offer opened: the coordinator's seal, the partner's seal inside it, and the plan as a value.

Whoever asks is not trusted to have checked before: a stored offer is opened by the same function as one that just came.
"""

from __future__ import annotations

from node.ground.errors import NodeError
from node.release.bounds import Offer
from protocols.encoding import decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.plans import PlanOffer, TrainingPlan, offer_digest
from protocols.signing import PublicIdentity, Purpose, unseal

OFFER_BYTES_MAX = 4 * 1_048_576


class OfferRefused(NodeError):
    """Bytes that are no offer of this coordinator around a plan of its partner."""


def open_offer(sealed: bytes, coordinator: PublicIdentity) -> Offer:
    """The offer and its plan, both seals verified.

    Raises:
        OfferRefused: another signer, changed bytes, or a plan that is no plan.
    """
    try:
        offer, rest = decode(unseal(sealed, coordinator, Purpose.OFFER), PlanOffer, max_bytes=OFFER_BYTES_MAX)
        frame = unseal(offer.sealed_plan, PublicIdentity(offer.partner_key), Purpose.PLAN)
        plan, more = decode(frame, TrainingPlan, max_bytes=OFFER_BYTES_MAX)
    except (SignatureRefused, FrameRefused) as reason:
        raise OfferRefused(str(reason)) from None
    if rest or more:
        raise OfferRefused("an offer carries no bytes beside its plan")
    return Offer(sha256=offer_digest(sealed), offer=offer, plan=plan)
