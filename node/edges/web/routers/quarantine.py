"""Verdicts on images, and quarantine for its stewards: reasons, a picture as it was received, release, deletion."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from node.deidentify.verdict import PICTURES_CHANGED
from node.edges.web.bodies import DeletionBody, QuarantineReleaseBody
from node.edges.web.parts import Parts, QuarantinedImage, SettledImage
from node.edges.web.session import caller
from node.edges.web.views import View
from node.flows.act import act_of
from node.flows.quarantine import delete, open_frame, releasable, release
from node.ground.texts import Language, text
from protocols.ids import Uuid
from protocols.labels import Bilingual

router = APIRouter(tags=["quarantine"])


class QuarantinedView(View):
    """One image that was not cleaned, why, and whether a person may overrule it."""

    image_id: str
    reason: str
    text: Bilingual
    at: datetime
    releasable: bool


class QuarantineView(View):
    """The latest quarantined images."""

    images: list[QuarantinedView]


class ImageVerdict(StrEnum):
    """What became of an image: its pictures as they were, its pictures changed, or nothing for anybody to see."""

    CLEAN = "clean"
    CLEANED = "cleaned"
    QUARANTINED = "quarantined"


class ImageVerdictView(View):
    """One image: what was done to it, or why it is quarantined, each as one sentence."""

    image_id: str
    verdict: ImageVerdict
    sentences: list[Bilingual]
    at: datetime


class ImageVerdictsView(View):
    """The latest verdicts."""

    images: list[ImageVerdictView]


@router.get("/api/intake/verdicts")
def verdicts(parts: Parts, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> ImageVerdictsView:
    """The latest verdicts, the newest first."""
    return ImageVerdictsView(images=[_verdict(one) for one in parts.intake.settled(limit=limit)])


@router.get("/api/quarantine")
def quarantine(parts: Parts, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> QuarantineView:
    """The latest quarantined images, each with its reason in one sentence."""
    return QuarantineView(images=[_view(one) for one in parts.intake.quarantined(limit=limit)])


@router.get(
    "/api/quarantine/{image_id}/frames/{number}/preview.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The frame as it was received; X-Frames counts."}},
)
def preview(image_id: Uuid, number: int, request: Request, parts: Parts) -> Response:
    """One frame of the image as it was received; who looked at it, and when, is in the audit trail."""
    act = act_of(caller(request).person_id, parts.clock.now())
    opened = open_frame(parts.quarantine, image_id, number, act)
    return Response(opened.png, media_type="image/png", headers={"X-Frames": str(opened.frames)})


@router.post("/api/quarantine/{image_id}/release", status_code=204)
def release_image(image_id: Uuid, body: QuarantineReleaseBody, request: Request, parts: Parts) -> None:
    """The image goes back to de-identification, with this reason overruled by the person who asks."""
    act = act_of(caller(request).person_id, parts.clock.now())
    release(parts.quarantine, image_id, overruled=body.overrules, reason=body.reason, act=act)


@router.post("/api/quarantine/{image_id}/deletion", status_code=204)
def delete_image(image_id: Uuid, body: DeletionBody, request: Request, parts: Parts) -> None:
    """The image is gone for good."""
    act = act_of(caller(request).person_id, parts.clock.now())
    delete(parts.quarantine, image_id, reason=body.reason, act=act)


def _view(one: QuarantinedImage) -> QuarantinedView:
    return QuarantinedView(
        image_id=one.image_id,
        reason=one.reason,
        text=_sentence(one.reason),
        at=one.at,
        releasable=releasable(one.reason),
    )


def _verdict(one: SettledImage) -> ImageVerdictView:
    changed = not PICTURES_CHANGED.isdisjoint(one.done)
    verdict = ImageVerdict.CLEANED if changed else ImageVerdict.CLEAN
    keys = [f"deidentify.{step}" for step in one.done]
    if one.reason:
        verdict, keys = ImageVerdict.QUARANTINED, [one.reason]
    return ImageVerdictView(
        image_id=one.image_id, verdict=verdict, sentences=[_sentence(key) for key in keys], at=one.at
    )


def _sentence(text_key: str) -> Bilingual:
    return Bilingual(ko=text(text_key, Language.KO), en=text(text_key, Language.EN))
