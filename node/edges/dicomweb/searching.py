"""QIDO-RS: search for studies, series and instances. Source: PS3.18 section 10.6."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from node.edges.dicomweb.answers import search_answer
from node.edges.dicomweb.media import JSON, Offer, chosen
from node.edges.dicomweb.parts import PREFIX, SEARCHED, DicomwebParts, Parts, accept_of, actor_of, base_of, subject_of
from node.edges.dicomweb.query import asked
from node.edges.dicomweb.refusals import DicomwebRoute
from node.flows.image_search import Level, Place

Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$")]
router = APIRouter(prefix=PREFIX, tags=["dicomweb"], route_class=DicomwebRoute, default_response_class=Response)
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {JSON: {}}, "description": "DICOM JSON Model objects."}
}
OFFERS: Final = (Offer(JSON), Offer("application/json"))


@router.get("/studies", responses=_ANSWER)
def search_studies(request: Request, parts: Parts) -> Response:
    """Studies that match."""
    return _search(request, parts, Level.STUDY, Place(""))


@router.get("/series", responses=_ANSWER)
def search_series(request: Request, parts: Parts) -> Response:
    """Series that match."""
    return _search(request, parts, Level.SERIES, Place(""))


@router.get("/instances", responses=_ANSWER)
def search_instances(request: Request, parts: Parts) -> Response:
    """Instances that match."""
    return _search(request, parts, Level.INSTANCE, Place(""))


@router.get("/studies/{study_uid}/series", responses=_ANSWER)
def search_series_of_study(study_uid: Uid, request: Request, parts: Parts) -> Response:
    """Series of a study that match."""
    return _search(request, parts, Level.SERIES, Place(study_uid))


@router.get("/studies/{study_uid}/instances", responses=_ANSWER)
def search_instances_of_study(study_uid: Uid, request: Request, parts: Parts) -> Response:
    """Instances of a study that match."""
    return _search(request, parts, Level.INSTANCE, Place(study_uid))


@router.get("/studies/{study_uid}/series/{series_uid}/instances", responses=_ANSWER)
def search_instances_of_series(study_uid: Uid, series_uid: Uid, request: Request, parts: Parts) -> Response:
    """Instances of a series that match."""
    return _search(request, parts, Level.INSTANCE, Place(study_uid, series_uid))


def _search(request: Request, parts: DicomwebParts, level: Level, place: Place) -> Response:
    chosen(accept_of(request), OFFERS, told=JSON)
    wanted = asked(level, place, request.query_params.multi_items())
    parts.looks.note(actor_of(request), SEARCHED, subject_of(place.study_uid))
    return search_answer(wanted, parts.index.search(wanted.search), base_of(request))
