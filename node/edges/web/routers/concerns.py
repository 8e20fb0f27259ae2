"""The two buttons on every case, and the pages of those who answer them."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from node.edges.web.bodies import ClosingBody, ConcernBody
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession, SignedInViewer
from node.edges.web.views import View
from node.flows import concerns
from node.flows.act import act_of
from node.ground.ids import new_id
from node.labeling.blinding import Viewer
from node.labeling.concern import ConcernKind, ConcernOutcome, alarms
from node.readers.roles import Role
from protocols.ids import Uuid

router = APIRouter(tags=["concerns"])


class ConcernView(View):
    """One concern, without who raised it."""

    concern_id: str
    kind: ConcernKind
    case_id: str
    raised_at: datetime
    alarm: bool
    images_held_at: datetime | None
    outcome: ConcernOutcome | None
    closed_at: datetime | None


class ConcernsView(View):
    """Concerns, the newest first."""

    concerns: list[ConcernView]


class OpenCountView(View):
    """How many concerns of a kind stand open, and how many for too long."""

    kind: ConcernKind
    open: int
    alarming: int


class OpenCountsView(View):
    """Open concerns by kind."""

    kinds: list[OpenCountView]


class AlikeSeriesView(View):
    """A series cleaned by the same rule."""

    study_uid: str
    series_uid: str
    images: int


class AlikeView(View):
    """The series to look at after an incident."""

    series: list[AlikeSeriesView]


@router.post("/api/assignments/{assignment_id}/concern", status_code=204)
def press(assignment_id: Uuid, body: ConcernBody, viewer: SignedInViewer, parts: Parts) -> None:
    """The concern is recorded; of a visible identity the case is gone with it, and its images are set aside."""
    now = parts.clock.now()
    concerns.raise_concern(parts.ward, viewer, assignment_id, concerns.Press(body.kind, new_id()), now)
    if body.kind is ConcernKind.IDENTITY_VISIBLE:
        concerns.settle_incidents(parts.ward, parts.incidents, now)


@router.get("/api/concerns")
def all_concerns(viewer: SignedInViewer, parts: Parts) -> ConcernsView:
    """The concerns that are the viewer's to answer."""
    now = parts.clock.now()
    found = concerns.concerns(parts.ward, _kinds(viewer))
    return ConcernsView(
        concerns=[
            ConcernView(
                concern_id=one.concern_id,
                kind=one.kind,
                case_id=one.case_id,
                raised_at=one.raised_at,
                alarm=alarms(one, now),
                images_held_at=one.images_held_at,
                outcome=one.outcome,
                closed_at=one.closed_at,
            )
            for one in found
        ]
    )


@router.get("/api/concerns/open")
def open_counts(parts: Parts) -> OpenCountsView:
    """How many concerns stand open; those that alarm are counted apart."""
    counts = concerns.open_counts(parts.ward, parts.clock.now())
    return OpenCountsView(kinds=[OpenCountView.model_validate(count) for count in counts])


@router.post("/api/concerns/{concern_id}/closing", status_code=204)
def close(concern_id: Uuid, body: ClosingBody, session: SignedInSession, viewer: SignedInViewer, parts: Parts) -> None:
    """The concern is closed with this outcome."""
    act = act_of(session.person.person_id, parts.clock.now())
    concerns.close_concern(parts.ward, concern_id, concerns.Closing(body.outcome, _kinds(viewer)), act)


@router.get("/api/concerns/{concern_id}/alike")
def alike(concern_id: Uuid, parts: Parts) -> AlikeView:
    """The series that were cleaned by the same rule as an incident's images."""
    found = concerns.cleaned_alike(parts.ward, parts.incidents.alike, concern_id)
    return AlikeView(series=[AlikeSeriesView.model_validate(one) for one in found])


def _kinds(viewer: Viewer) -> frozenset[ConcernKind]:
    kinds = {Role.CLINICIAN: ConcernKind.NEEDS_ATTENTION, Role.STEWARD: ConcernKind.IDENTITY_VISIBLE}
    return frozenset(kind for role, kind in kinds.items() if role in viewer.roles)
