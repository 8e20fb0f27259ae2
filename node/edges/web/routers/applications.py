"""Specialists who ask to read here: anybody on the hospital's network may ask, IT decides."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request

from node.edges.web.parts import Parts
from node.edges.web.people_bodies import ApplicationBody, RefusalBody, TakingBody
from node.edges.web.session import SignedInSession, address_of
from node.edges.web.views import LoginCodeView, PersonView, View, person_view
from node.flows import applications
from node.flows.act import Act, act_of
from node.ground.audit import Actor, ActorKind
from node.ground.ids import new_id, new_secret
from node.readers.application import Application, NewApplication
from protocols.ids import Uuid

router = APIRouter(tags=["applications"])
_PAGE = Actor(ActorKind.NODE, "page")


class ApplicationView(View):
    """One application as IT sees it."""

    application_id: str
    name: str
    department: str
    licence_number: str
    specialty_number: str
    subspecialty: str | None
    specialist_since: int | None
    sent_at: datetime


class ApplicationsView(View):
    """The applications that wait, the oldest first."""

    applications: list[ApplicationView]


class TakenView(View):
    """The new reader, and the code that lets them in once."""

    person: PersonView
    login_code: LoginCodeView


@router.post("/api/applications", status_code=202)
def apply(body: ApplicationBody, request: Request, parts: Parts) -> None:
    """The application waits for IT; nothing is told of who is known here."""
    act, said = Act(_PAGE, parts.clock.now()), NewApplication(**body.model_dump())
    applications.apply(parts.ward, said, act, application_id=new_id(), address=address_of(request))


@router.get("/api/applications")
def waiting(parts: Parts) -> ApplicationsView:
    """What IT has to decide."""
    return ApplicationsView(applications=[_view(one) for one in applications.waiting(parts.ward)])


@router.post("/api/applications/{application_id}/taking", status_code=201)
def take(application_id: Uuid, body: TakingBody, session: SignedInSession, parts: Parts) -> TakenView:
    """Whoever asks has held the numbers against the originals: the applicant is a reader."""
    act = act_of(session.person.person_id, parts.clock.now())
    issued = applications.Issued(new_id(), new_secret())
    taken = applications.take(parts.ward, application_id, body.valid_until, act, issued=issued)
    return TakenView(person=person_view(taken.person), login_code=LoginCodeView.model_validate(taken.code))


@router.post("/api/applications/{application_id}/refusal", status_code=204)
def refuse(application_id: Uuid, body: RefusalBody, session: SignedInSession, parts: Parts) -> None:
    """The application is refused, and what was written in it is gone."""
    act = act_of(session.person.person_id, parts.clock.now())
    applications.refuse(parts.ward, application_id, body.reason, act)


def _view(one: Application) -> ApplicationView:
    said = one.said
    return ApplicationView(
        application_id=one.application_id,
        name=said.name,
        department=said.department,
        licence_number=said.licence_number,
        specialty_number=said.specialty_number,
        subspecialty=said.subspecialty,
        specialist_since=said.specialist_since,
        sent_at=one.sent_at,
    )
