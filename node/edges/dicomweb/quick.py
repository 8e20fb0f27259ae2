"""One frame on the shortest way: for requests that the guard let in, before the application looks for their route.

Answers on the thread of the event loop, and therefore only what needs no waiting: the row as the database has it now,
the bytes where the system keeps them in memory. They are read once, into the body they leave in. Whatever else is
asked, would be refused, or must first be written into the audit trail, is left to the route.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from node.edges.dicomweb import multipart
from node.edges.dicomweb.framing import FrameForm, form_of, spans_of
from node.edges.dicomweb.media import RELATED
from node.edges.dicomweb.parts import PREFIX, RETRIEVED, DicomwebParts, subject_of
from node.edges.dicomweb.refusals import DicomwebRefused
from node.flows.image_search import HeldImage, Place
from node.ground.at_once import NotAtOnce
from node.intake.errors import CleanMissing

_Scope = MutableMapping[str, Any]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Shortcut = Callable[[_Scope, _Send], Awaitable[bool]]
_FRAME: Final = PREFIX + "/studies/{study_uid}/series/{series_uid}/instances/{instance_uid}/frames/{frames}"
_LONGEST_NUMBER: Final = 7


def shortcuts(parts: DicomwebParts) -> Mapping[tuple[str, str], Shortcut]:
    """The routes that have a shorter way: method and template -> a call that answers, or says that it did not."""

    async def frame(scope: _Scope, send: _Send) -> bool:
        try:
            head, body = _frame(scope, parts)
        except (NotAtOnce, DicomwebRefused, CleanMissing):
            return False
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})
        return True

    return {("GET", _FRAME): frame}


def _frame(scope: _Scope, parts: DicomwebParts) -> tuple[list[tuple[bytes, bytes]], bytearray]:
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


def _cut(
    parts: DicomwebParts, image: HeldImage, number: int, form: FrameForm
) -> tuple[list[tuple[bytes, bytes]], bytearray]:
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
    return [(b"content-length", b"%d" % len(body)), (b"content-type", content_type.encode("ascii"))], body


def _accept(scope: _Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"accept":
            return str(value, "latin-1")
    return None
