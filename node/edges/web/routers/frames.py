"""Pixels of the case at hand, for its reader and for nobody else."""

from __future__ import annotations

from fastapi import APIRouter, Response

from node.edges.web.parts import Parts
from node.edges.web.plane_views import PlanesView, planes_view
from node.edges.web.session import SignedInViewer
from node.flows.planes import planes_of
from node.flows.read import check_frame
from protocols.ids import Uuid

router = APIRouter(tags=["frames"])
_FRAME = "/api/assignments/{assignment_id}/images/{image_id}/frames/{number}"


@router.get("/api/assignments/{assignment_id}/planes")
def planes(assignment_id: Uuid, viewer: SignedInViewer, parts: Parts) -> PlanesView:
    """Spacing, sides and windows of every image of the case, as far as its header says them."""
    return planes_view(planes_of(parts.ward, parts.headers, viewer, assignment_id))


@router.get(
    _FRAME,
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "Stored values, little endian, rows first."}
    },
)
def frame(assignment_id: Uuid, image_id: Uuid, number: int, viewer: SignedInViewer, parts: Parts) -> Response:
    """Stored values of frame `number`, counted from 1: little endian, [row, column] or [row, column, colour]."""
    stored = check_frame(parts.ward, viewer, assignment_id, image_id=image_id, number=number)
    found = parts.frames.frame(stored, number)
    headers = {
        "X-Rows": str(found.rows),
        "X-Columns": str(found.columns),
        "X-Samples": str(found.samples),
        "X-Bits-Allocated": str(found.bits_allocated),
        "X-Bits-Stored": str(found.bits_stored),
        "X-Signed": "true" if found.signed else "false",
        "X-Photometric": found.photometric,
    }
    return Response(found.pixels, media_type="application/octet-stream", headers=headers)


@router.get(
    _FRAME + "/preview.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The frame with its window applied."}},
)
def preview(assignment_id: Uuid, image_id: Uuid, number: int, viewer: SignedInViewer, parts: Parts) -> Response:
    """The frame as an 8 bit PNG."""
    stored = check_frame(parts.ward, viewer, assignment_id, image_id=image_id, number=number)
    return Response(parts.frames.preview(stored, number), media_type="image/png")
