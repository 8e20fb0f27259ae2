"""One frame, or the instances or metadata of one series, on the shortest way: for requests that the guard let in,
before the application looks for their route.

Answers on the thread of the event loop, and therefore only what needs no waiting: the row as the database has it now,
the bytes where the system keeps them in memory. They are read once, into the body they leave in. Whatever else is
asked, would be refused, or must first be written into the audit trail, is left to the route.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final

from starlette.requests import Request

from node.edges.dicomweb import multipart
from node.edges.dicomweb.answers import json_body
from node.edges.dicomweb.framing import FrameForm, form_of, spans_of
from node.edges.dicomweb.media import JSON, RELATED, chosen
from node.edges.dicomweb.parts import PREFIX, RETRIEVED, SEARCHED, DicomwebParts, Looks, base_of, subject_of
from node.edges.dicomweb.refusals import DicomwebRefused
from node.edges.dicomweb.searching import OFFERS
from node.flows.image_search import HeldImage, Place
from node.ground.at_once import NotAtOnce
from node.intake.errors import CleanMissing

_Scope = MutableMapping[str, Any]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Shortcut = Callable[[_Scope, _Send], Awaitable[bool]]
_Answer = tuple[list[tuple[bytes, bytes]], bytes | bytearray]
_SERIES: Final = PREFIX + "/studies/{study_uid}/series/{series_uid}"
_METADATA: Final = _SERIES + "/metadata"
_INSTANCES: Final = _SERIES + "/instances"
_FRAME: Final = _INSTANCES + "/{instance_uid}/frames/{frames}"
_LONGEST_NUMBER: Final = 7


def shortcuts(parts: DicomwebParts) -> Mapping[tuple[str, str], Shortcut]:
    """The routes that have a shorter way: method and template -> a call that answers, or says that it did not."""

    def short(answered: Callable[[_Scope, DicomwebParts], _Answer]) -> Shortcut:
        async def shortcut(scope: _Scope, send: _Send) -> bool:
            try:
                head, body = answered(scope, parts)
            except (NotAtOnce, DicomwebRefused, CleanMissing):
                return False
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": body})
            return True

        return shortcut

    return {
        ("GET", _FRAME): short(_frame),
        ("GET", _INSTANCES): short(_instances),
        ("GET", _METADATA): short(_metadata),
    }


def _instances(scope: _Scope, parts: DicomwebParts) -> _Answer:
    """The search for all instances of a series, without a key or a page."""
    return _objects(scope, parts.looks, SEARCHED, parts.quick.listed)


def _metadata(scope: _Scope, parts: DicomwebParts) -> _Answer:
    """The metadata of a series."""
    return _objects(scope, parts.looks, RETRIEVED, parts.quick.described)


def _objects(scope: _Scope, looks: Looks, action: str, found: Callable[[Place], Sequence[str | bytes]]) -> _Answer:
    _, _, _, _, study, _, series, _ = scope["path"].split("/")
    if scope.get("query_string"):
        raise NotAtOnce
    chosen(_accept(scope), OFFERS, told=JSON)
    if not looks.covered(scope["state"]["actor"], action, subject_of(study)):
        raise NotAtOnce
    body = json_body(found(Place(study, series)), base_of(Request(scope)))
    return _head(body, JSON), body


def _frame(scope: _Scope, parts: DicomwebParts) -> _Answer:
    _, _, _, _, study, _, series, _, instance, _, frames = scope["path"].split("/")
    if scope.get("query_string") or len(frames) > _LONGEST_NUMBER or not (frames.isascii() and frames.isdigit()):
        raise NotAtOnce
    image, number = parts.quick.held(Place(study, series, instance)), int(frames)
    if not 1 <= number <= image.frames or frames.startswith("0"):
        raise NotAtOnce
    if not parts.looks.covered(scope["state"]["actor"], RETRIEVED, subject_of(study)):
        raise NotAtOnce
    form = form_of(_accept(scope), image)
    return _cut(parts, image, number, form)


def _cut(parts: DicomwebParts, image: HeldImage, number: int, form: FrameForm) -> _Answer:
    spans = spans_of(image, number, form)
    if not spans:
        raise NotAtOnce
    if form.multipart:
        boundary = multipart.new_boundary()
        before = multipart.part_head(form.said, boundary)
        after = multipart.part_tail() + multipart.last_tail(boundary)
        content_type = f'{RELATED}; type="{form.media_type}"; boundary={boundary}'
    else:
        before = after = b""
        content_type = form.media_type
    body = parts.quick.cut(image.image_id, spans, before, after)
    return _head(body, content_type), body


def _head(body: bytes | bytearray, content_type: str) -> list[tuple[bytes, bytes]]:
    return [(b"content-length", b"%d" % len(body)), (b"content-type", content_type.encode("ascii"))]


def _accept(scope: _Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"accept":
            return str(value, "latin-1")
    return None
