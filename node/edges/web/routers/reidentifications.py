"""Re-identification: one person asks which patient a case is, another decides, the first reads the answer once."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request

from node.edges.web.bodies import ReidentificationBody, ReidentificationRefusalBody
from node.edges.web.parts import Parts
from node.edges.web.session import caller
from node.edges.web.views import View
from node.flows.act import Act, act_of
from node.flows.reidentify import StandingRequest, ask, decide, requests, show, withdraw
from node.intake.reidentification import AskReason, ReidentificationState, ReviewRefusal
from protocols.ids import Uuid

router = APIRouter(tags=["re-identification"])


class ReidentificationView(View):
    """One request: who asked and decided, why, and how it stands; never an identity."""

    request_id: str
    case_id: str
    reason: AskReason
    state: ReidentificationState
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    decided_by: str
    refused_for: ReviewRefusal | None
    mine: bool
    """Whether the person who looks is the one who asked."""


class ReidentificationsView(View):
    """Every request, the newest first."""

    requests: list[ReidentificationView]


class RequestMadeView(View):
    """The request that waits now."""

    request_id: str


class HospitalIdentityView(View):
    """What the hospital itself calls patient and study; answered once."""

    hospital_number: str
    """Empty where the image carried none."""
    issuer: str
    study_instance_uid: str


@router.get("/api/reidentifications")
def reidentifications(request: Request, parts: Parts) -> ReidentificationsView:
    """The requests and what became of them."""
    act = _act(request, parts)
    found = requests(parts.reidentify, act)
    return ReidentificationsView(requests=[_view(one, act.by.actor_id) for one in found])


@router.post("/api/reidentifications", status_code=201)
def make_request(body: ReidentificationBody, request: Request, parts: Parts) -> RequestMadeView:
    """The request waits for an ethics reviewer."""
    made = ask(parts.reidentify, body.case, body.reason, _act(request, parts))
    return RequestMadeView(request_id=made.request_id)


@router.post("/api/reidentifications/{request_id}/approval", status_code=204)
def approve(request_id: Uuid, request: Request, parts: Parts) -> None:
    """Whoever asked may read the answer once, within a day."""
    decide(parts.reidentify, request_id, None, _act(request, parts))


@router.post("/api/reidentifications/{request_id}/refusal", status_code=204)
def refuse(request_id: Uuid, body: ReidentificationRefusalBody, request: Request, parts: Parts) -> None:
    """The request is refused, also one that was approved and not read yet."""
    decide(parts.reidentify, request_id, body.reason, _act(request, parts))


@router.post("/api/reidentifications/{request_id}/withdrawal", status_code=204)
def take_back(request_id: Uuid, request: Request, parts: Parts) -> None:
    """The asker needs it no more."""
    withdraw(parts.reidentify, request_id, _act(request, parts))


@router.post("/api/reidentifications/{request_id}/answer")
def answer(request_id: Uuid, request: Request, parts: Parts) -> HospitalIdentityView:
    """The answer, now and never again; a POST, since it changes the request and must stand in no history."""
    found = show(parts.reidentify, request_id, _act(request, parts))
    return HospitalIdentityView(
        hospital_number=found.patient_id, issuer=found.issuer, study_instance_uid=found.study_uid
    )


def _act(request: Request, parts: Parts) -> Act:
    return act_of(caller(request).person_id, parts.clock.now())


def _view(one: StandingRequest, person_id: str) -> ReidentificationView:
    standing = one.request
    return ReidentificationView(
        request_id=standing.request_id,
        case_id=standing.case_id,
        reason=standing.reason,
        state=standing.state,
        asked_by=one.asked_by,
        asked_at=standing.asked_at,
        ends_at=standing.ends_at,
        decided_by=one.decided_by,
        refused_for=standing.refused_for,
        mine=standing.asked_by == person_id,
    )
