"""What IT, stewards and auditors look up: intake and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from node.deidentify.policy import EDITION, in_words, method_codes
from node.edges.web.parts import AskedCommitment, Parts
from node.edges.web.views import View
from node.flows.audit_trail import latest_events
from node.ground.audit import ActorKind
from node.ground.texts import Language, text
from node.intake.commitment import CommitmentState
from protocols.labels import Bilingual

router = APIRouter(tags=["records"])
Limit = Annotated[int, Query(ge=1, le=1000)]


class IntakeView(View):
    """How many received images stand where."""

    received: int
    waiting: int
    clean: int
    quarantined: int


class CommitmentView(View):
    """One request for storage commitment: by whom, how it stands, and the reason of a refusal."""

    peer: str
    state: CommitmentState
    reason: Bilingual | None
    instances: int
    failed: int
    at: datetime


class CommitmentsView(View):
    """The latest requests, the newest first."""

    commitments: list[CommitmentView]


class MethodCodeView(View):
    """One code of the standard's method code sequence, as each clean file carries it."""

    code: str
    meaning: str


class DeidentificationView(View):
    """What the hospital chose of de-identification, in words, with the edition of the table and the codes written."""

    edition: str
    sentences: list[Bilingual]
    codes: list[MethodCodeView]


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


@router.get("/api/commitments")
def commitments(parts: Parts) -> CommitmentsView:
    """What peers asked this node to answer for in place of their own copies, and why it would not."""
    return CommitmentsView(commitments=[_commitment(one) for one in parts.commitments.latest()])


@router.get("/api/deidentification")
def deidentification(parts: Parts) -> DeidentificationView:
    """The site's policy as it is in force; it is changed in the node's configuration alone."""
    korean, english = (in_words(parts.policy, language) for language in (Language.KO, Language.EN))
    return DeidentificationView(
        edition=EDITION,
        sentences=[Bilingual(ko=ko, en=en) for ko, en in zip(korean, english, strict=True)],
        codes=[MethodCodeView(code=code, meaning=meaning) for code, meaning in method_codes(parts.policy)],
    )


@router.get("/api/audit")
def audit(parts: Parts, limit: Limit = 200) -> AuditView:
    """The latest acts in the ward, and of people in intake."""
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
            for event in latest_events(parts.ward, parts.intake, limit)
        ]
    )


def _commitment(one: AskedCommitment) -> CommitmentView:
    reason = None
    if one.reason:
        reason = Bilingual(ko=text(one.reason, Language.KO), en=text(one.reason, Language.EN))
    return CommitmentView(
        peer=one.peer, state=one.state, reason=reason, instances=one.instances, failed=one.failed, at=one.asked_at
    )
