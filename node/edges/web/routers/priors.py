"""The patient's earlier images beside the case at hand, for its reader and for nobody else."""

from __future__ import annotations

from fastapi import APIRouter, Response

from node.edges.web.frame_answer import frame_answer
from node.edges.web.parts import Parts
from node.edges.web.plane_views import PriorView, prior_view
from node.edges.web.session import SignedInViewer
from node.flows.planes import FramePlace
from node.flows.prior import check_prior_frame, planes_before, prior_of
from protocols.ids import Uuid

router = APIRouter(tags=["frames"])
_PRIOR = "/api/assignments/{assignment_id}/prior"


@router.get(_PRIOR)
def prior(assignment_id: Uuid, viewer: SignedInViewer, parts: Parts) -> PriorView:
    """The latest study before this one in the project; without images where there is none."""
    found = prior_of(parts.ward, parts.headers, viewer, assignment_id)
    return prior_view(found, {} if found is None else planes_before(parts.headers, found))


@router.get(
    _PRIOR + "/images/{image}/frames/{number}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "Values, little endian, rows first."}},
)
def prior_frame(*, assignment_id: Uuid, image: int, number: int, viewer: SignedInViewer, parts: Parts) -> Response:
    """Values of frame `number` of image `image` of the prior, both from 1, as the case's own frames are given."""
    place = FramePlace(assignment_id, str(image), number)
    stored = check_prior_frame(parts.ward, parts.headers, viewer, place)
    return frame_answer(parts.frames.shown(stored, number))
