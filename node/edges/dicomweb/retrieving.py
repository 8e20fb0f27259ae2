"""WADO-RS: instances, metadata, frames, pictures and long values. Source: PS3.18 section 10.4.

Objects come as they are stored. A frame comes as it is stored or decoded to explicit little endian; where it stands in
the file is known from the header, so that its bytes are read and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse

from node.edges.dicomweb import multipart
from node.edges.dicomweb.answers import json_answer
from node.edges.dicomweb.drawing import FORMS, picture_of
from node.edges.dicomweb.framing import PIXELS, FrameForm, form_of, spans_of
from node.edges.dicomweb.media import EXPLICIT_LITTLE, FRAME_TYPES, JSON, OBJECT, OCTETS, RELATED, Offer, chosen
from node.edges.dicomweb.parts import PREFIX, RETRIEVED, DicomwebParts, Parts, accept_of, actor_of, base_of, subject_of
from node.edges.dicomweb.refusals import DicomwebRoute, NothingHere
from node.flows.image_search import HeldImage, Place

Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$")]
FrameList = Annotated[str, Path(pattern=r"^[1-9]\d{0,6}(,[1-9]\d{0,6}){0,199}$")]
ValuePath = Annotated[str, Path(pattern=r"^[0-9A-F]{8}(\.\d{1,6}\.[0-9A-F]{8}){0,32}$")]
router = APIRouter(prefix=PREFIX, tags=["dicomweb"], route_class=DicomwebRoute, default_response_class=Response)
_INSTANCE: Final = "/studies/{study_uid}/series/{series_uid}/instances/{instance_uid}"
_Responses: TypeAlias = dict[int | str, dict[str, Any]]
_OBJECTS: _Responses = {200: {"content": {RELATED: {}}, "description": "Clean DICOM files, one a part."}}
_OBJECT: _Responses = {200: {"content": {RELATED: {}, OBJECT: {}}, "description": "The clean DICOM file."}}
_METADATA: _Responses = {200: {"content": {JSON: {}}, "description": "DICOM JSON Model objects."}}
_FRAMES: _Responses = {200: {"content": {RELATED: {}, OCTETS: {}}, "description": "Frames, one a part."}}
_PICTURE: _Responses = {200: {"content": {"image/png": {}, "image/jpeg": {}}, "description": "The frame drawn."}}


# Async, so that FastAPI does not send it through a thread: that costs more than the value.
async def _instance(study_uid: Uid, series_uid: Uid, instance_uid: Uid) -> Place:
    return Place(study_uid, series_uid, instance_uid)


Instance = Annotated[Place, Depends(_instance)]


@router.get("/studies/{study_uid}", responses=_OBJECTS)
def retrieve_study(study_uid: Uid, request: Request, parts: Parts) -> Response:
    """Every instance of a study."""
    return _objects(request, parts, Place(study_uid))


@router.get("/studies/{study_uid}/series/{series_uid}", responses=_OBJECTS)
def retrieve_series(study_uid: Uid, series_uid: Uid, request: Request, parts: Parts) -> Response:
    """Every instance of a series."""
    return _objects(request, parts, Place(study_uid, series_uid))


@router.get(_INSTANCE, responses=_OBJECT)
def retrieve_instance(place: Instance, request: Request, parts: Parts) -> Response:
    """One instance."""
    return _objects(request, parts, place)


@router.get("/studies/{study_uid}/metadata", responses=_METADATA)
def study_metadata(study_uid: Uid, request: Request, parts: Parts) -> Response:
    """The metadata of every instance of a study."""
    return _metadata(request, parts, Place(study_uid))


@router.get("/studies/{study_uid}/series/{series_uid}/metadata", responses=_METADATA)
def series_metadata(study_uid: Uid, series_uid: Uid, request: Request, parts: Parts) -> Response:
    """The metadata of every instance of a series."""
    return _metadata(request, parts, Place(study_uid, series_uid))


@router.get(_INSTANCE + "/metadata", responses=_METADATA)
def instance_metadata(place: Instance, request: Request, parts: Parts) -> Response:
    """The metadata of one instance."""
    return _metadata(request, parts, place)


@router.get(_INSTANCE + "/frames/{frames}", responses=_FRAMES)
def retrieve_frames(place: Instance, frames: FrameList, request: Request, parts: Parts) -> Response:
    """Frames of an instance, numbered from 1."""
    image = _one(request, parts, place)
    numbers = [int(number) for number in frames.split(",")]
    if max(numbers) > image.frames:
        raise NothingHere
    return _frames(request, parts, image, numbers)


@router.get(_INSTANCE + "/rendered", responses=_PICTURE)
def render_instance(place: Instance, request: Request, parts: Parts) -> Response:
    """The first frame of an instance as a picture."""
    return _picture(request, parts, place, "1")


@router.get(_INSTANCE + "/frames/{frames}/rendered", responses=_PICTURE)
def render_frame(place: Instance, frames: FrameList, request: Request, parts: Parts) -> Response:
    """One frame as a picture."""
    return _picture(request, parts, place, frames)


@router.get(_INSTANCE + "/bulkdata/{path}", responses=_FRAMES)
def retrieve_value(place: Instance, path: ValuePath, request: Request, parts: Parts) -> Response:
    """One long value of an instance, as its metadata names it."""
    image = _one(request, parts, place)
    span = image.spans.get(path)
    if span is None:
        raise NothingHere
    if path == PIXELS and image.transfer_syntax_uid in FRAME_TYPES:
        return _frames(request, parts, image, list(range(1, image.frames + 1)))
    choice = chosen(accept_of(request), (Offer(OCTETS, EXPLICIT_LITTLE),), told=OCTETS)
    return _related([(OCTETS, parts.files.cut(image.image_id, [span]))], OCTETS, multiple=choice.multipart)


def _objects(request: Request, parts: DicomwebParts, place: Place) -> Response:
    images = _all(request, parts, place)
    syntaxes = {image.transfer_syntax_uid for image in images}
    choices = [chosen(accept_of(request), (Offer(OBJECT, syntax),), told=OBJECT) for syntax in sorted(syntaxes)]
    if place.instance_uid and not choices[0].multipart:
        return Response(parts.files.read(images[0].image_id), media_type=OBJECT)
    boundary = multipart.new_boundary()
    files = ((f"{OBJECT}; transfer-syntax={one.transfer_syntax_uid}", one.image_id) for one in images)
    read: Iterator[tuple[str, bytes]] = ((media_type, parts.files.read(image_id)) for media_type, image_id in files)
    return StreamingResponse(multipart.pieces(read, boundary), media_type=_related_type(OBJECT, boundary))


def _metadata(request: Request, parts: DicomwebParts, place: Place) -> Response:
    chosen(accept_of(request), (Offer(JSON), Offer("application/json")), told=JSON)
    found = parts.index.metadata(place)
    if not found:
        raise NothingHere
    parts.looks.note(actor_of(request), RETRIEVED, subject_of(place.study_uid))
    return json_answer(found, base_of(request))


def _frames(request: Request, parts: DicomwebParts, image: HeldImage, numbers: Sequence[int]) -> Response:
    form = form_of(accept_of(request), image)
    frames = [(form.said, _frame(parts, image, number, form)) for number in numbers]
    return _related(frames, form.media_type, multiple=form.multipart)


def _frame(parts: DicomwebParts, image: HeldImage, number: int, form: FrameForm) -> bytes:
    """A frame cut out of the file where it holds it in this form, and decoded where it does not."""
    spans = spans_of(image, number, form)
    if spans:
        return parts.files.cut(image.image_id, spans)
    return parts.pictures.frame(image.image_id, number).pixels


def _picture(request: Request, parts: DicomwebParts, place: Place, frames: str) -> Response:
    image = _one(request, parts, place)
    if "," in frames or int(frames) > image.frames:
        raise NothingHere
    choice = chosen(accept_of(request), FORMS, told="image/png, image/jpeg")
    picture = picture_of(choice.offer.media_type, request.query_params.multi_items())
    return Response(parts.pictures.render(image.image_id, int(frames), picture), media_type=choice.offer.media_type)


def _related(contents: Sequence[tuple[str, bytes]], media_type: str, *, multiple: bool) -> Response:
    if not multiple and len(contents) == 1:
        return Response(contents[0][1], media_type=media_type)
    boundary = multipart.new_boundary()
    return Response(multipart.whole(contents, boundary), media_type=_related_type(media_type, boundary))


def _related_type(media_type: str, boundary: str) -> str:
    return f'{RELATED}; type="{media_type}"; boundary={boundary}'


def _all(request: Request, parts: DicomwebParts, place: Place) -> Sequence[HeldImage]:
    """The images of a place, of which an entry says that they were looked at. Raises: NothingHere."""
    images = parts.index.held(place)
    if not images:
        raise NothingHere
    parts.looks.note(actor_of(request), RETRIEVED, subject_of(place.study_uid))
    return images


def _one(request: Request, parts: DicomwebParts, place: Place) -> HeldImage:
    return _all(request, parts, place)[0]
