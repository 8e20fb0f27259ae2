"""Lay labelers: the pledge they sign, and the certificates a trainer issues."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Response

from node.edges.web.parts import Parts
from node.edges.web.people_bodies import CertificateBody, PledgeBody
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import certificates, labelers
from node.flows.act import act_of
from node.ground.texts import Language, text
from node.readers.person import Person
from node.readers.pledge import PLEDGE_VERSION, Certificate
from protocols.encoding import Code
from protocols.ids import Uuid
from protocols.labels import Bilingual

router = APIRouter(tags=["labelers"])


class PledgeView(View):
    """The pledge as it stands, and whether it was signed."""

    version: int
    text: Bilingual
    signed_at: datetime | None


class CertificateView(View):
    """One task open to a labeler."""

    task: str
    issued_at: datetime
    valid_until: date
    course: str | None
    """Whose exam was passed for it; none where a trainer issued it."""
    probation_until: date | None
    """Its last day until a trainer has confirmed it."""
    last_day: date
    """The day it ends as it stands."""


class CertificatesView(View):
    """Every own certificate."""

    certificates: list[CertificateView]


class LabelerView(View):
    """A labeler as the trainer sees one."""

    person_id: str
    name: str
    active: bool
    pledged: bool
    certificates: list[CertificateView]


class LabelersView(View):
    """Every labeler."""

    labelers: list[LabelerView]


@router.get("/api/pledge")
def pledge(session: SignedInSession) -> PledgeView:
    """The text to sign, in both languages."""
    words = Bilingual(ko=text("readers.pledge", Language.KO), en=text("readers.pledge", Language.EN))
    signed = session.person.pledge
    current = signed is not None and signed.version == PLEDGE_VERSION
    return PledgeView(
        version=PLEDGE_VERSION, text=words, signed_at=signed.signed_at if signed is not None and current else None
    )


@router.put("/api/pledge", status_code=204)
def sign(body: PledgeBody, session: SignedInSession, parts: Parts) -> None:
    """The labeler has signed; 409 when the text has another version meanwhile."""
    act = act_of(session.person.person_id, parts.clock.now())
    labelers.sign_pledge(parts.ward, session.person.person_id, body.version, act)


@router.get("/api/certificates/own")
def own_certificates(session: SignedInSession, parts: Parts) -> CertificatesView:
    """Every certificate of the labeler."""
    found = certificates.own_certificates(parts.teaching, session.person.person_id)
    return CertificatesView(certificates=[CertificateView.model_validate(one) for one in found])


@router.get("/api/certificates/own/{task}/file", response_class=Response)
def own_certificate_file(task: Code, session: SignedInSession, parts: Parts) -> Response:
    """The own certificate as a signed file, for another hospital."""
    person_id, now = session.person.person_id, parts.clock.now()
    file = certificates.own_certificate_file(parts.teaching, person_id, task, now)
    headers = {"Content-Disposition": f'attachment; filename="certificate-{task}.imurs"'}
    return Response(file, media_type="application/octet-stream", headers=headers)


@router.get("/api/labelers")
def all_labelers(parts: Parts) -> LabelersView:
    """Every labeler with the own certificates."""
    return LabelersView(labelers=[_labeler(one.person, one.certificates) for one in labelers.labelers(parts.ward)])


@router.put("/api/labelers/{person_id}/certificates/{task}")
def issue(
    person_id: Uuid, task: Code, body: CertificateBody, session: SignedInSession, parts: Parts
) -> CertificateView:
    """The task is open to the labeler until the end of the day."""
    act = act_of(session.person.person_id, parts.clock.now())
    issued = labelers.issue_certificate(parts.ward, person_id, task, body.valid_until, act)
    return CertificateView.model_validate(issued)


@router.delete("/api/labelers/{person_id}/certificates/{task}", status_code=204)
def withdraw(person_id: Uuid, task: Code, session: SignedInSession, parts: Parts) -> None:
    """The task is no longer open to the labeler."""
    act = act_of(session.person.person_id, parts.clock.now())
    labelers.withdraw_certificate(parts.ward, person_id, task, act)


def _labeler(person: Person, certificates: tuple[Certificate, ...]) -> LabelerView:
    return LabelerView(
        person_id=person.person_id,
        name=person.name,
        active=person.active,
        pledged=person.pledge is not None and person.pledge.version == PLEDGE_VERSION,
        certificates=[CertificateView.model_validate(one) for one in certificates],
    )
