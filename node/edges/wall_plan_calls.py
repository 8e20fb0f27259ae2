"""The calls at the wall's socket about plans: what a hospital says to one, and in whose name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from node.edges.wall_calls import Arguments, Call, Nothing
from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FirstYesView,
    LiftForm,
    PlanDetail,
    PlanView,
    StopForm,
    StopView,
)
from node.ground.audit import Actor, ActorKind


class ByWhom(Arguments):
    """Who acts; a process that the kernel vouches for says it truly."""

    kind: ActorKind
    actor_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]

    def actor(self) -> Actor:
        """As the audit trail names them."""
        return Actor(self.kind, self.actor_id)


def by_whom(actor: Actor) -> ByWhom:
    """An actor as a call carries it."""
    return ByWhom(kind=actor.kind, actor_id=actor.actor_id)


class OneOffer(Arguments):
    """Which offer."""

    offer_sha256: str


class ApproveOffer(Arguments):
    """Which offer, what is signed, by whom."""

    offer_sha256: str
    form: ApprovalForm
    person_id: str


class OneYes(Arguments):
    """Which offer's first yes, and who answers it."""

    offer_sha256: str
    yes_id: str
    person_id: str


class StopOffer(Arguments):
    """Which offer, in the name of which office, by whom."""

    offer_sha256: str
    form: StopForm
    by: ByWhom


class LiftOffer(Arguments):
    """Which offer's stop, which office, why, by whom."""

    offer_sha256: str
    form: LiftForm
    by: ByWhom


PLAN_CALLS: Mapping[str, Call] = MappingProxyType(
    {
        "plans": Call(Nothing, lambda desk, _: desk.plans(), TypeAdapter(list[PlanView])),
        "plan": Call(OneOffer, lambda desk, said: desk.plan(said.offer_sha256), TypeAdapter(PlanDetail)),
        "approve": Call(
            ApproveOffer,
            lambda desk, said: desk.approve(said.offer_sha256, said.form, person_id=said.person_id),
            TypeAdapter(ApprovalView),
        ),
        "say_first_yes": Call(
            ApproveOffer,
            lambda desk, said: desk.say_first_yes(said.offer_sha256, said.form, person_id=said.person_id),
            TypeAdapter(FirstYesView),
        ),
        "confirm": Call(
            OneYes,
            lambda desk, said: desk.confirm(said.offer_sha256, said.yes_id, person_id=said.person_id),
            TypeAdapter(ApprovalView),
        ),
        "drop_first_yes": Call(
            OneYes,
            lambda desk, said: desk.drop_first_yes(said.offer_sha256, said.yes_id, person_id=said.person_id),
            TypeAdapter(None),
        ),
        "stop": Call(
            StopOffer,
            lambda desk, said: desk.stop(said.offer_sha256, said.form, by=said.by.actor()),
            TypeAdapter(StopView),
        ),
        "lift": Call(
            LiftOffer,
            lambda desk, said: desk.lift(said.offer_sha256, said.form, by=said.by.actor()),
            TypeAdapter(StopView),
        ),
    }
)
