"""STOW-RS: what arrives is received like a C-STORE, durable before it is answered. Source: PS3.18 section 10.5.

The body is read as it comes, one file at a time. Each file gets its own verdict in the answer; it will be seen here
only once it is clean, under new UIDs, so no address to retrieve it is given.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Any, Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.requests import ClientDisconnect

from node.deidentify.errors import UnreadableImage
from node.edges.dicomweb.answers import stored_answer
from node.edges.dicomweb.media import JSON, OBJECT, RELATED, parameters
from node.edges.dicomweb.multipart import Part, PartReader, boundary_of
from node.edges.dicomweb.parts import PREFIX, DicomwebParts, Parts, actor_of
from node.edges.dicomweb.refusals import (
    BodyTooLarge,
    DicomwebRoute,
    MediaTypeRefused,
    MultipartBroken,
    SenderTooSlow,
    StoreBusy,
)
from node.ground.audit import Actor
from node.ground.logs import log
from node.intake.errors import InstanceTooLarge, StoreFailed, StoreFull
from node.intake.part10 import MEDIA_DIRECTORY, FileBroken, is_dicom, opened
from node.intake.received import Instance, Outcome

MOST_MIB: Final = 8192
_MOST_PARTS: Final = 10_000
_SILENT_SECONDS: Final = 30
_LEAST_BYTES_A_SECOND: Final = 4096
_LONGEST_SECONDS: Final = 7200
_UID: Final = re.compile(r"[0-9.]{1,64}")
Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$")]
router = APIRouter(prefix=PREFIX, tags=["dicomweb"], route_class=DicomwebRoute, default_response_class=Response)
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {JSON: {}}, "description": "Every file is received."},
    202: {"content": {JSON: {}}, "description": "Some files are received, or some with a warning."},
    409: {"content": {JSON: {}}, "description": "No file is received."},
}


class Reason(IntEnum):
    """Why a file was not received, or with which warning. Source: PS3.18 tables I.2-1 and I.2-2."""

    OUT_OF_RESOURCES = 0xA700
    OTHER_STUDY = 0xA900
    CANNOT_UNDERSTAND = 0xC000
    SOP_CLASS_REFUSED = 0x0122
    OTHER_BYTES_WERE_RECEIVED = 0xB007
    """A warning, the nearest of the standard's: another file came under this UID before; this one is in quarantine."""


@dataclass(slots=True)
class Received:
    """What became of the files of one request."""

    stored: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    reasons: set[Reason] = field(default_factory=set)

    @property
    def count(self) -> int:
        """Files so far."""
        return len(self.stored) + len(self.failed) + len(self.others)

    @property
    def status(self) -> int:
        """The answer's HTTP status. Source: PS3.18 section 10.5.3."""
        if self.stored:
            return 202 if self.reasons else 200
        return 503 if self.reasons == {Reason.OUT_OF_RESOURCES} else 409


@router.post("/studies", responses=_ANSWER)
async def store(request: Request, parts: Parts) -> Response:
    """Every file of the body is received, or says why not."""
    return await _store(request, parts, "")


@router.post("/studies/{study_uid}", responses=_ANSWER)
async def store_to_study(study_uid: Uid, request: Request, parts: Parts) -> Response:
    """Every file of the body that belongs to this study, by its original UID, is received."""
    return await _store(request, parts, study_uid)


async def _store(request: Request, parts: DicomwebParts, study_uid: str) -> Response:
    sender = actor_of(request)
    if not parts.slots.acquire(blocking=False):
        raise StoreBusy
    received = Received()
    try:
        async for part in _parts(request, parts.receiving.max_file_bytes):
            if received.count >= _MOST_PARTS:
                raise BodyTooLarge(limit_mib=MOST_MIB)
            await run_sync(_receive, parts, part, sender, (received, study_uid))
    finally:
        parts.slots.release()
    if received.count == 0:
        raise MultipartBroken
    body = stored_answer(received.stored, received.failed, received.others)
    log().info("images stored over the web", count=len(received.stored), status=received.status)
    return Response(body, status_code=received.status, media_type=JSON)


async def _parts(request: Request, most_bytes: int) -> AsyncIterator[Part]:
    """The files of the body, each as soon as it is whole."""
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == OBJECT:
        held = bytearray()
        async for piece in _pieces(request):
            held += piece[: max(0, most_bytes + 1 - len(held))]
        yield Part(OBJECT, bytes(held[:most_bytes]), cut=len(held) > most_bytes)
        return
    boundary = boundary_of(content_type)
    if media_type != RELATED or boundary is None or parameters(content_type).get("type", OBJECT).lower() != OBJECT:
        raise MediaTypeRefused
    reader = PartReader(boundary, most_bytes)
    async for piece in _pieces(request):
        for part in reader.feed(piece):
            yield part
    if not reader.done:
        raise MultipartBroken


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises: SenderTooSlow, BodyTooLarge, MultipartBroken for a sender that hung up."""
    stream, count, began = request.stream(), 0, anyio.current_time()
    while True:
        piece = b""
        with anyio.move_on_after(_SILENT_SECONDS) as patience:
            try:
                piece = await anext(stream)
            except StopAsyncIteration:
                return
            except ClientDisconnect:
                raise MultipartBroken from None  # nobody hears it, and the log calls it no failure of the node
        if patience.cancelled_caught:
            raise SenderTooSlow(seconds=_SILENT_SECONDS)
        count += len(piece)
        seconds = anyio.current_time() - began
        if seconds > _LONGEST_SECONDS or count < (seconds - _SILENT_SECONDS) * _LEAST_BYTES_A_SECOND:
            raise SenderTooSlow(seconds=_SILENT_SECONDS)
        if count > MOST_MIB * 2**20:
            raise BodyTooLarge(limit_mib=MOST_MIB)
        yield piece


def _receive(parts: DicomwebParts, part: Part, sender: Actor, into: tuple[Received, str]) -> None:
    received, study_uid = into
    instance = _opened(part)
    if instance is None:
        received.others.append(Reason.CANNOT_UNDERSTAND)
        received.reasons.add(Reason.CANNOT_UNDERSTAND)
        return
    reason = _refusal(parts, part, instance, study_uid)
    if reason is None:
        reason = _received(parts, instance, sender)
    item: dict[str, Any] = {
        "00081150": {"vr": "UI", "Value": [instance.sop_class_uid]},
        "00081155": {"vr": "UI", "Value": [instance.sop_instance_uid]},
    }
    if reason is not None:
        received.reasons.add(reason)
    if reason is None or reason is Reason.OTHER_BYTES_WERE_RECEIVED:
        item["00081190"] = {"vr": "UR"}
        if reason is not None:
            item["00081196"] = {"vr": "US", "Value": [int(reason)]}
        received.stored.append(item)
    else:
        item["00081197"] = {"vr": "US", "Value": [int(reason)]}
        received.failed.append(item)


def _opened(part: Part) -> Instance | None:
    """The instance of a part; none where it is no DICOM file, or names itself in a way that cannot be repeated."""
    if part.media_type not in {"", OBJECT} or not is_dicom(part.contents):
        return None
    try:
        instance = opened(part.contents)
    except FileBroken:
        return None
    names = (instance.sop_class_uid, instance.sop_instance_uid)
    return instance if all(_UID.fullmatch(name) for name in names) else None


def _refusal(parts: DicomwebParts, part: Part, instance: Instance, study_uid: str) -> Reason | None:
    if part.cut:
        return Reason.CANNOT_UNDERSTAND
    if instance.sop_class_uid == MEDIA_DIRECTORY:
        return Reason.SOP_CLASS_REFUSED
    if not study_uid:
        return None
    try:
        return None if parts.studies.study_uid(part.contents) == study_uid else Reason.OTHER_STUDY
    except UnreadableImage:
        return Reason.CANNOT_UNDERSTAND


def _received(parts: DicomwebParts, instance: Instance, sender: Actor) -> Reason | None:
    try:
        outcome = parts.receiving.receive(instance, sender)
    except InstanceTooLarge:
        return Reason.CANNOT_UNDERSTAND
    except (StoreFull, StoreFailed):
        return Reason.OUT_OF_RESOURCES
    return Reason.OTHER_BYTES_WERE_RECEIVED if outcome is Outcome.CONFLICT else None
