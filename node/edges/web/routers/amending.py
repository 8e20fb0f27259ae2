"""A reading seen again by its reader, said anew, proven by the auditor, and destroyed by the data steward."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header

from node.edges.web.bodies import AmendmentBody, DestructionBody
from node.edges.web.parts import Parts
from node.edges.web.reading_views import ReadingView
from node.edges.web.session import SignedInSession, SignedInViewer
from node.edges.web.views import View
from node.flows.act import act_of
from node.flows.amend import AmendedSubmission, amend, own_reading
from node.flows.destroy_readings import destroy_readings, prove_readings
from node.flows.read import Submission
from node.ground.ids import new_id
from node.ground.texts import Language, text
from node.labeling.chain import DestroyReason, Destruction
from node.labeling.errors import ChainBroken
from node.labeling.reading import ReadingContent
from protocols.ids import Uuid
from protocols.labels import Bilingual

router = APIRouter(tags=["reading"])
IdempotencyKey = Annotated[str | None, Header(pattern=r"^[A-Za-z0-9._-]{8,64}$")]


class OwnReadingView(View):
    """The reader's own reading, as it was said last."""

    reading_id: str
    submitted_at: datetime
    content: ReadingContent


class DestroyedView(View):
    """One reading whose body is gone, in a sentence."""

    number: int
    at: datetime
    by: str
    reason: DestroyReason
    text: Bilingual


class ReadingProofView(View):
    """What the chain of readings proves; `broken_at` names the first entry that is not as it was chained."""

    readings: int
    entry_hash: str
    broken_at: int | None
    destroyed: list[DestroyedView]


@router.get("/api/assignments/{assignment_id}/reading")
def reading(assignment_id: Uuid, viewer: SignedInViewer, parts: Parts) -> OwnReadingView:
    """The reader's own reading of the case."""
    found = own_reading(parts.ward, viewer, assignment_id)
    return OwnReadingView(reading_id=found.reading_id, submitted_at=found.submitted_at, content=found.content)


@router.post("/api/assignments/{assignment_id}/amendment", status_code=201)
def amend_reading(
    assignment_id: Uuid,
    body: AmendmentBody,
    viewer: SignedInViewer,
    parts: Parts,
    idempotency_key: IdempotencyKey = None,
) -> ReadingView:
    """The reading said anew; both are kept."""
    amended = AmendedSubmission(Submission(new_id(), body.content, idempotency_key), body.reason)
    return ReadingView(reading_id=amend(parts.ward, viewer, assignment_id, amended, parts.clock.now()))


@router.post("/api/cases/{case_id}/readings/destruction", status_code=204)
def destroy(case_id: Uuid, body: DestructionBody, session: SignedInSession, parts: Parts) -> None:
    """No text of any reading of the case is left; the chain says when, by whom and why."""
    act = act_of(session.person.person_id, parts.clock.now())
    destroy_readings(parts.ward, parts.holds, case_id, body.reason, act)


@router.get("/api/readings/proof")
def proof(parts: Parts) -> ReadingProofView:
    """Whether every reading is as it was submitted, and which were destroyed."""
    try:
        proven = prove_readings(parts.ward)
    except ChainBroken as broken:
        return ReadingProofView(readings=0, entry_hash="", broken_at=broken.number, destroyed=[])
    return ReadingProofView(
        readings=proven.head.number,
        entry_hash=proven.head.entry_hash,
        broken_at=None,
        destroyed=[_destroyed(number, told) for number, told in proven.destroyed],
    )


def _destroyed(number: int, told: Destruction) -> DestroyedView:
    words = {"day": told.at.date().isoformat(), "person": told.by}
    sentence = {
        language.value: text(f"labeling.destroyed_{told.reason.value.replace('-', '_')}", language, **words)
        for language in Language
    }
    return DestroyedView(number=number, at=told.at, by=told.by, reason=told.reason, text=Bilingual(**sentence))
