"""Patients whose images are used for nothing: numbers of the hospital come in, counts go out and never numbers."""

from __future__ import annotations

from fastapi import APIRouter, Request

from node.edges.web.bodies import ExclusionBody, LiftingBody
from node.edges.web.parts import Parts
from node.edges.web.session import caller
from node.edges.web.views import View
from node.flows.act import act_of
from node.flows.exclude import exclude, lift
from node.intake.exclusion import LIFTED_FOR, ExclusionKind, LiftReason

router = APIRouter(tags=["exclusions"])


class ExclusionKindView(View):
    """One kind: how many numbers stand, whom of them the node knows, and for which reasons it ends."""

    kind: ExclusionKind
    numbers: int
    patients: int
    images: int
    reasons: list[LiftReason]


class ExclusionsView(View):
    """Every kind."""

    kinds: list[ExclusionKindView]


class ListTakenView(View):
    """What became of a list."""

    changed: int
    unchanged: int


class ListLiftedView(View):
    """What became of a list whose exclusions end: images that come back, and images whose bytes are gone for good."""

    changed: int
    unchanged: int
    again: int
    gone: int


@router.get("/api/exclusions")
def exclusions(parts: Parts) -> ExclusionsView:
    """How many patients are excluded for what."""
    counts = {one.kind: one for one in parts.exclusions.rows.count()}
    return ExclusionsView(
        kinds=[
            ExclusionKindView(
                kind=kind,
                numbers=counts[kind].numbers if kind in counts else 0,
                patients=counts[kind].patients if kind in counts else 0,
                images=counts[kind].images if kind in counts else 0,
                reasons=sorted(LIFTED_FOR[kind]),
            )
            for kind in ExclusionKind
        ]
    )


@router.post("/api/exclusions")
def add(body: ExclusionBody, request: Request, parts: Parts) -> ListTakenView:
    """The patients are excluded from now on."""
    act = act_of(caller(request).person_id, parts.clock.now())
    taken = exclude(parts.exclusions, body.numbers, body.kind, act)
    return ListTakenView(changed=taken.changed, unchanged=taken.unchanged)


@router.post("/api/exclusions/lifting")
def end(body: LiftingBody, request: Request, parts: Parts) -> ListLiftedView:
    """The patients are no longer excluded for this kind."""
    act = act_of(caller(request).person_id, parts.clock.now())
    taken = lift(parts.exclusions, body.numbers, body.kind, body.reason, act)
    return ListLiftedView(changed=taken.changed, unchanged=taken.unchanged, again=taken.again, gone=taken.gone)
