"""Pixels of the case at hand, for its reader and for nobody else."""

from __future__ import annotations

from fastapi import APIRouter, Response

from node.edges.web.frame_answer import frame_answer
from node.edges.web.parts import Parts
from node.edges.web.plane_views import PlanesView, RegionBody, RegionView, planes_view, region_view
from node.edges.web.session import SignedInViewer
from node.flows.planes import FramePlace, Images, planes_of, statistics_of
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
    responses={200: {"content": {"application/octet-stream": {}}, "description": "Values, little endian, rows first."}},
)
def frame(assignment_id: Uuid, image_id: Uuid, number: int, viewer: SignedInViewer, parts: Parts) -> Response:
    """Values of frame `number`, counted from 1: little endian, [row, column] or [row, column, colour].

    Stored values, or where no straight window would show them right, baked ones: X-Baked, 0 black and 65535 white.
    """
    stored = check_frame(parts.ward, viewer, assignment_id, image_id=image_id, number=number)
    return frame_answer(parts.frames.shown(stored, number))


@router.get(
    _FRAME + "/preview.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The frame with its window applied."}},
)
def preview(assignment_id: Uuid, image_id: Uuid, number: int, viewer: SignedInViewer, parts: Parts) -> Response:
    """The frame as an 8 bit PNG."""
    stored = check_frame(parts.ward, viewer, assignment_id, image_id=image_id, number=number)
    return Response(parts.frames.preview(stored, number), media_type="image/png")


@router.post(_FRAME + "/statistics")
def region(
    *, assignment_id: Uuid, image_id: Uuid, number: int, body: RegionBody, viewer: SignedInViewer, parts: Parts
) -> RegionView:
    """How many pixels a shape has inside on this frame, and what their values come to."""
    place = FramePlace(assignment_id, image_id, number)
    return region_view(statistics_of(parts.ward, Images(parts.frames, parts.headers), viewer, place, body.shape))
