"""What IT, stewards and auditors look up: intake, quarantine, the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from node.edges.web.parts import Parts
from node.edges.web.session import caller
from node.edges.web.views import View
from node.flows.audit_trail import latest_events
from node.ground.audit import ActorKind
from node.ground.texts import text

router = APIRouter(tags=["records"])
Limit = Annotated[int, Query(ge=1, le=1000)]


class IntakeView(View):
    """How many received images stand where."""

    received: int
    waiting: int
    clean: int
    quarantined: int


class QuarantinedView(View):
    """One image that could not be cleaned, and why."""

    image_id: str
    reason: str
    text: str
    at: datetime


class QuarantineView(View):
    """The latest quarantined images."""

    images: list[QuarantinedView]


class AuditEventView(View):
    """One act: identifiers and codes only."""

    at: datetime
    actor_kind: ActorKind
    actor_id: str
    action: str
    subject: str
    reason: str


class AuditView(View):
    """The latest acts, the newest first."""

    events: list[AuditEventView]


@router.get("/api/intake")
def intake(parts: Parts) -> IntakeView:
    """The images by state."""
    return IntakeView.model_validate(parts.intake.counts())


@router.get("/api/quarantine")
def quarantine(request: Request, parts: Parts, limit: Limit = 200) -> QuarantineView:
    """The latest quarantined images, with the reason in the caller's language."""
    language = caller(request).language
    return QuarantineView(
        images=[
            QuarantinedView(image_id=one.image_id, reason=one.reason, text=text(one.reason, language), at=one.at)
            for one in parts.intake.quarantined(limit=limit)
        ]
    )


@router.get("/api/audit")
def audit(parts: Parts, limit: Limit = 200) -> AuditView:
    """The latest acts of people and processes."""
    return AuditView(
        events=[
            AuditEventView(
                at=event.at,
                actor_kind=event.actor.kind,
                actor_id=event.actor.actor_id,
                action=event.action,
                subject=event.subject,
                reason=event.reason,
            )
            for event in latest_events(parts.ward, limit)
        ]
    )
