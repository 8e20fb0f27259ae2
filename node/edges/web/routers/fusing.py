"""How a project fuses its readings, its gold cases, and how well its readers agree; for its lead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from node.edges.web.bodies import FusionBody, GoldBody
from node.edges.web.fusion_views import (
    AgreementsView,
    FusedCasesView,
    FusionView,
    agreements_view,
    fused_case_view,
)
from node.edges.web.parts import Parts
from node.edges.web.reading_views import HoldoutView
from node.edges.web.session import SignedInSession, SignedInViewer
from node.flows import fuse_shapes, fusing, projects
from node.flows.act import act_of
from node.flows.agreeing import agreement_of
from protocols.ids import Uuid

router = APIRouter(tags=["fusing"])
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/api/projects/{project_id}/fusion")
def way_of_fusing(project_id: Uuid, parts: Parts) -> FusionView:
    """How the project's readings are fused."""
    return FusionView.model_validate(fusing.way_of(parts.ward, project_id))


@router.put("/api/projects/{project_id}/fusion")
def set_way_of_fusing(project_id: Uuid, body: FusionBody, session: SignedInSession, parts: Parts) -> FusionView:
    """Cases are fused so from now on; the readers are estimated anew from what is closed."""
    act = act_of(session.person.person_id, parts.clock.now())
    return FusionView.model_validate(fusing.set_way(parts.ward, project_id, body.method, act))


@router.put("/api/projects/{project_id}/gold")
def set_gold(project_id: Uuid, body: GoldBody, session: SignedInSession, parts: Parts) -> HoldoutView:
    """Exactly the named cases are gold: read like any other, their answer known."""
    references = [projects.Reference(row.sop_instance_uid, row.option) for row in body.rows]
    act = act_of(session.person.person_id, parts.clock.now())
    matched, unmatched = fusing.set_gold(parts.ward, parts.originals, project_id, references, act)
    return HoldoutView(matched=matched, unmatched=unmatched)


@router.get("/api/projects/{project_id}/agreement")
def agreement(project_id: Uuid, viewer: SignedInViewer, parts: Parts) -> AgreementsView:
    """How well the readers agree, up to last Monday; no cell of fewer than five readers."""
    return agreements_view(agreement_of(parts.ward, project_id, viewer, parts.clock.now()))


@router.get("/api/projects/{project_id}/shapes")
def fused_shapes(
    project_id: Uuid, viewer: SignedInViewer, parts: Parts, after: Uuid | None = None, limit: Limit = 50
) -> FusedCasesView:
    """What readers drew of closed cases, fused; none of a case the lead may come to read."""
    found = fuse_shapes.fused_cases(parts.ward, project_id, viewer, after_case_id=after or "", limit=limit)
    more = found[-1].case_id if len(found) == limit else None
    return FusedCasesView(cases=[fused_case_view(one) for one in found], next_after=more)
