"""What DICOMweb refuses: each with its HTTP status, its code, and a sentence in Korean and English (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from node.deidentify.errors import FrameMissing, SandboxUnavailable, UnreadableImage
from node.ground.texts import Language
from node.ground.told import Told
from node.intake.errors import CleanMissing
from protocols.errors import ProblemType, Retry

_RETRY_SECONDS = 10


class DicomwebRefused(Told):
    """A request that is not answered as it asked."""

    status: ClassVar[int]
    retry: ClassVar[Retry] = Retry.AFTER_CHANGE


class NothingHere(DicomwebRefused):
    """There is no clean image of these UIDs, or no such frame or value in it."""

    status = 404
    text_key = "dicomweb.nothing_here"


class KeyUnknown(DicomwebRefused):
    """A search names a key or an attribute that this node does not match."""

    status = 400
    text_key = "dicomweb.key_unknown"


class ValueRefused(DicomwebRefused):
    """A parameter's value is not of its form."""

    status = 400
    text_key = "dicomweb.value_refused"


class NotAcceptable(DicomwebRefused):
    """None of the accepted media types and transfer syntaxes can be given."""

    status = 406
    text_key = "dicomweb.not_acceptable"


class FrameInseparable(DicomwebRefused):
    """The image cannot be decoded or its frames cannot be told apart."""

    status = 409
    text_key = "dicomweb.frame_inseparable"
    retry = Retry.NEVER


class MediaTypeRefused(DicomwebRefused):
    """What was sent is no multipart of DICOM files."""

    status = 415
    text_key = "dicomweb.media_type_refused"


class MultipartBroken(DicomwebRefused):
    """The multipart does not follow its own boundary."""

    status = 400
    text_key = "dicomweb.multipart_broken"


class BodyTooLarge(DicomwebRefused):
    """One request carries more than the node takes at once."""

    status = 413
    text_key = "dicomweb.body_too_large"


class SenderTooSlow(DicomwebRefused):
    """Nothing came for a while in the middle of a request."""

    status = 408
    text_key = "dicomweb.sender_too_slow"
    retry = Retry.LATER


class StoreBusy(DicomwebRefused):
    """Others are storing; or a picture cannot be prepared now."""

    status = 503
    text_key = "dicomweb.store_busy"
    retry = Retry.LATER


class DicomwebRoute(APIRoute):
    """A route whose refusals leave as problem documents."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, which translates refusals."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except DicomwebRefused as refusal:
                return respond(refusal)
            except (CleanMissing, FrameMissing):
                return respond(NothingHere())
            except UnreadableImage:
                return respond(FrameInseparable())
            except SandboxUnavailable:
                return respond(StoreBusy())

        return handler


def respond(refusal: DicomwebRefused) -> Response:
    """The problem document of a refusal."""
    problem = ProblemType(
        code=refusal.text_key.partition(".")[2].replace("_", "-"),
        status=refusal.status,
        title_en=refusal.public_text(Language.EN),
        title_ko=refusal.public_text(Language.KO),
        retry=refusal.retry,
    )
    headers = {"Retry-After": str(_RETRY_SECONDS)} if refusal.status == 503 else None
    return JSONResponse(
        problem.document(), status_code=refusal.status, headers=headers, media_type="application/problem+json"
    )
