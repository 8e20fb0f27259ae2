"""Whose readings of a project came in from outside, for its lead; they come in at the shell."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from node.edges.web.parts import Parts
from node.edges.web.views import View
from node.flows.outside_sources import outside_sources
from protocols.ids import Uuid

router = APIRouter(tags=["projects"])


class OutsideSourceView(View):
    """One source, and how much it said; `gold` is what is known to be true."""

    source: str
    readers: int
    cases: int
    readings: int
    imported_at: datetime


class OutsideSourcesView(View):
    """The sources, by name."""

    sources: list[OutsideSourceView]


@router.get("/api/projects/{project_id}/outside-readings")
def sources_of(project_id: Uuid, parts: Parts) -> OutsideSourcesView:
    """Whose readings came in from outside."""
    found = outside_sources(parts.ward, project_id)
    return OutsideSourcesView(sources=[OutsideSourceView.model_validate(one) for one in found])
