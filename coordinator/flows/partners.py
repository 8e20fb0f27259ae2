"""Partners and their plans: added by the operator, submitted by the partner, offered to the hospitals."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pydantic import ValidationError

from coordinator.flows.books import Books, UnitOfWork
from coordinator.flows.roster import vouched_sites
from coordinator.ground.audit import OPERATOR, Actor, ActorKind, AuditEvent
from coordinator.ground.face import Face
from coordinator.ground.faults import faults
from coordinator.ground.ids import new_id
from coordinator.ground.told import Told
from coordinator.membership.partner import Partner, PartnerExists, PartnerUnknown, read_partner_key
from coordinator.offers.offer import CheckedPlan, Offer, make_offer
from coordinator.offers.plan import PlanReason, PlanRefused, check_plan, read_plan
from coordinator.rounds.starting import starting_weights
from protocols.cards import PartnerCard
from protocols.errors import SignatureRefused
from protocols.models import model_digest
from protocols.plans import TrainingPlan
from protocols.signing import Purpose, unseal_any


class PartnerInvalid(Told):
    """A partner's card cannot hold the name."""

    text_key = "refusals.partner-invalid"


def add_partner(work: UnitOfWork, face: Face, name: str, key_text: str, *, now: datetime) -> PartnerCard:
    """The card to hand to a new partner. Raises: PartnerKeyRefused, PartnerExists, PartnerInvalid."""
    key = read_partner_key(key_text)
    partner = Partner(new_id(), name, key.raw, added_at=now)
    try:
        card = card_of(face, partner)
    except ValidationError as error:
        raise PartnerInvalid(faults=faults(error)) from None
    with work.writing() as books:
        if any(name == held.partner_name or key == held.identity for held in books.partners.all()):
            raise PartnerExists(partner=name)
        books.partners.add(partner, AuditEvent(now, OPERATOR, "partner.added", f"partner:{partner.partner_id}"))
    return card


def card_of(face: Face, partner: Partner) -> PartnerCard:
    """The card of a partner; it holds no secret and can be printed again."""
    return PartnerCard(
        coordinator_name=face.name,
        coordinator_key=face.identity.public.raw,
        address=face.address,
        authority_pem=face.authority_pem,
        partner_id=partner.partner_id,
        partner_name=partner.partner_name,
    )


def submit_plan(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> Offer:
    """The offer of a partner's sealed plan; the same bytes sent again give the same offer.

    Raises:
        PartnerUnknown: not sealed by a partner.
        PlanRefused: with every reason.
    """
    with work.reading() as books:
        partner = _sender(books, sealed)
    plan = read_plan(sealed, partner)
    digest = hashlib.sha256(sealed).hexdigest()
    with work.reading() as books:
        earlier = books.plans.find(plan.plan_id)
        vouched = len(vouched_sites(books, face, plan))
    if earlier is not None and earlier.plan_sha256 == digest:
        return earlier
    check_plan(plan, partner, now=now, vouched=vouched)
    checked = CheckedPlan(plan, sealed, digest, _starting_digest(plan))
    offer = make_offer(checked, partner, face.identity, now=now)
    with work.writing() as books:
        if books.plans.find(plan.plan_id) is not None:
            raise PlanRefused(PlanReason.PLAN_EXISTS)
        actor = Actor(ActorKind.PARTNER, partner.partner_id)
        books.plans.add(offer, AuditEvent(now, actor, "plan.offered", f"plan:{plan.plan_id}"))
    return offer


def _sender(books: Books, sealed: bytes) -> Partner:
    try:
        signer = unseal_any(sealed, Purpose.PLAN).signer
    except SignatureRefused:
        raise PlanRefused(PlanReason.UNREADABLE) from None
    for partner in books.partners.all():
        if partner.identity == signer:
            return partner
    raise PartnerUnknown("the plan is not sealed by a partner of this coordinator")


def _starting_digest(plan: TrainingPlan) -> str:
    seed = plan.starting_weights.seed
    if seed is None:
        raise PlanRefused(PlanReason.SEED_MISSING)
    return model_digest(plan.model.tensors, starting_weights(plan.model.tensors, seed))
