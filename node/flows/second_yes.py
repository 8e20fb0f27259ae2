"""The two-person rule: one steward says a first yes, another one confirms it, and only then is anything signed.

Everything an approval is checked for is checked at the first yes, so that nobody is asked to confirm what cannot be
approved, and again at the second, because days may lie between.
"""

from __future__ import annotations

from node.flows.approve import Stewardship, admitted, approve, check_free, known_offer
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.release.stops import check_not_stopped
from node.release.wish import ApprovalWish, FirstYes, check_second, waiting_yes
from protocols.approvals import Approval


def say_first_yes(desk: Stewardship, wish: ApprovalWish, person_id: str) -> FirstYes:
    """The first yes, which waits for a second steward; an earlier one of the plan waits no more.

    Raises:
        OfferUnknown, ActRefused, PlanTaken, PlanStopped, InstructionRefused: as an approval is refused.
    """
    now = desk.clock.now()
    known = admitted(desk, wish, now).known
    plan_id = known.offered.plan.plan_id
    first = FirstYes(new_id(), wish, person_id, now)
    with desk.unit.deciding() as door:
        check_not_stopped(door.stops(plan_id))
        check_free(door.held_approval(plan_id), known, now)
        event = AuditEvent(now, Actor(ActorKind.PERSON, person_id), "plan.first-yes", f"plan:{plan_id}")
        door.keep_first_yes(plan_id, first, event)
    return first


def confirm(desk: Stewardship, offer_sha256: str, yes_id: str, person_id: str) -> Approval:
    """The approval that the first steward wished for, which holds from now on.

    Raises:
        FirstYesGone: it waits no more, or another one does.
        SecondYesIsYours: the first and the second steward are one person.
        OfferUnknown, ActRefused, PlanTaken, PlanStopped, InstructionRefused: as an approval is refused.
    """
    first = waiting_yes(known_offer(desk, offer_sha256).first_yes, yes_id)
    check_second(first, person_id)
    return approve(desk, first.wish, person_id, confirms=first)


def drop_first_yes(desk: Stewardship, offer_sha256: str, yes_id: str, person_id: str) -> None:
    """The first yes waits no more: taken back by whoever said it, or turned down by another steward.

    Raises:
        OfferUnknown: no such offer.
        FirstYesGone: it waits no more, or another one does.
    """
    plan_id, now = known_offer(desk, offer_sha256).offered.plan.plan_id, desk.clock.now()
    event = AuditEvent(now, Actor(ActorKind.PERSON, person_id), "plan.first-yes-dropped", f"plan:{plan_id}")
    with desk.unit.deciding() as door:
        waiting_yes(door.take_first_yes(plan_id, event), yes_id)
