"""Which patient and study of the hospital a case is: asked by one person, approved by another, shown once to the first.

Each step and its audit entry are one transaction of the ward; entries hold identifiers and codes. The answer is read
from the sealed map between clean and original, which stays when received bytes are gone; it is opened before the
request is marked as shown, given out after, and kept nowhere: an answer that was lost on its way must be asked anew. A
case of an excluded patient is not here for anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from node.deidentify.project_key import ProjectNames
from node.flows.act import Act
from node.flows.clean_parts import ISSUER_OF_A_STUDY
from node.flows.ward import Ward, WardWork
from node.ground.audit import Actor, ActorKind
from node.intake.errors import SealBroken
from node.intake.reidentification import (
    MOST_OPEN,
    OPEN,
    AskReason,
    CaseNotHere,
    LinkMissing,
    Reidentification,
    RequestClosed,
    RequestStands,
    RequestUnknown,
    ReviewRefusal,
    Step,
    TooManyOpen,
    after,
    asked,
)
from node.intake.sealing import Sealer

_ASKED: Final = "reidentification.asked"
_ACTIONS: Final = {
    Step.APPROVE: "reidentification.approved",
    Step.REFUSE: "reidentification.refused",
    Step.WITHDRAW: "reidentification.withdrawn",
    Step.SHOW: "reidentification.shown",
    Step.LAPSE: "reidentification.lapsed",
}
_CLOCK: Final = Actor(ActorKind.NODE, "clock")
_PROJECT_NAME: Final = "C-"


@dataclass(frozen=True, slots=True)
class SealedLink:
    """The way from one clean image to the hospital's names, with the names of the places it was sealed for."""

    received_id: str
    patient_lookup: str = field(repr=False)
    sealed_image: bytes = field(repr=False)
    sealed_patient: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class HospitalIdentity:
    """What the hospital itself calls the patient and the study of a case; for one pair of eyes, once."""

    patient_id: str = field(repr=False)
    """Empty where the image carried none."""
    issuer: str = field(repr=False)
    study_uid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StandingRequest:
    """A request with the names of its people, for those who may see it."""

    request: Reidentification
    asked_by: str
    decided_by: str


class CaseNames(Protocol):
    """The node's cases; none of an excluded patient."""

    def has(self, case_id: str) -> bool:
        """Whether there is such a case."""
        ...

    def in_projects(self) -> Iterable[tuple[str, str]]:
        """Every project and case of it."""
        ...

    def image_id(self, case_id: str) -> str | None:
        """One image of the case; none where it is not here."""
        ...


class IdentityLinks(Protocol):
    """The encrypted map between clean and original."""

    def of(self, image_id: str) -> SealedLink | None:
        """The sealed link of a clean image; none where its patient is excluded. Raises: StoreFailed."""
        ...


@dataclass(frozen=True, slots=True)
class ReidentifyParts:
    """What re-identification is made of; `project_names` are those of a project."""

    ward: Ward
    cases: CaseNames
    links: IdentityLinks
    identities: Sealer
    project_names: Callable[[str], ProjectNames]
    new_id: Callable[[], str]


def ask(parts: ReidentifyParts, name: str, reason: AskReason, act: Act) -> Reidentification:
    """The request waits for another person; a case is named as this node does, or as an export of a project does.

    Raises:
        CaseNotHere: no case of this node has the name.
        RequestStands, TooManyOpen: there are open requests already.
    """
    _lapse(parts.ward, act.now)
    case_id = _case_named(parts, name)
    made = asked(parts.new_id(), case_id, reason, by=act.by.actor_id, now=act.now)
    with parts.ward.writing() as work:
        opened = [one for one in work.reidentifications.all() if one.state in OPEN]
        if any(one.case_id == case_id for one in opened):
            raise RequestStands("the case has an open request")
        if sum(one.asked_by == made.asked_by for one in opened) >= MOST_OPEN:
            raise TooManyOpen("too many open requests")
        work.reidentifications.add(made, act.event(_ASKED, _subject(made), reason.value))
    return made


def decide(parts: ReidentifyParts, request_id: str, refused_for: ReviewRefusal | None, act: Act) -> Reidentification:
    """The request is approved, or refused for that reason.

    Raises:
        RequestUnknown, OwnRequest, RequestLapsed, RequestClosed: this person cannot decide it now.
    """
    step = Step.APPROVE if refused_for is None else Step.REFUSE
    return _stepped(parts.ward, request_id, step, act, refused_for)


def withdraw(parts: ReidentifyParts, request_id: str, act: Act) -> Reidentification:
    """The asker took the request back. Raises: RequestUnknown, NotTheAsker, RequestLapsed, RequestClosed."""
    return _stepped(parts.ward, request_id, Step.WITHDRAW, act)


def show(parts: ReidentifyParts, request_id: str, act: Act) -> HospitalIdentity:
    """The answer, for its asker, now and never again.

    Raises:
        RequestUnknown, NotTheAsker, RequestLapsed, AnswerShown, RequestClosed: not now, or not for this person.
        CaseNotHere, LinkMissing: it cannot be answered; the request stands as it did.
    """
    _lapse(parts.ward, act.now)
    with parts.ward.reading() as work:
        standing = _request(work, request_id)
    after(standing, Step.SHOW, by=act.by.actor_id, now=act.now)
    answer = _opened(parts, standing.case_id)
    _stepped(parts.ward, request_id, Step.SHOW, act)
    return answer


def requests(parts: ReidentifyParts, act: Act) -> list[StandingRequest]:
    """Every request, the newest first, as it stands now."""
    _lapse(parts.ward, act.now)
    with parts.ward.reading() as work:
        names = {one.person_id: one.name for one in work.people.all()}
        return [
            StandingRequest(one, names.get(one.asked_by, ""), names.get(one.decided_by, ""))
            for one in work.reidentifications.all()
        ]


def _stepped(
    ward: Ward, request_id: str, step: Step, act: Act, refused_for: ReviewRefusal | None = None
) -> Reidentification:
    _lapse(ward, act.now)
    with ward.writing() as work:
        standing = _request(work, request_id)
        moved = after(standing, step, by=act.by.actor_id, now=act.now, refused_for=refused_for)
        event = act.event(_ACTIONS[step], _subject(moved), "" if refused_for is None else refused_for.value)
        if not work.reidentifications.move(moved, standing.state, event):
            raise RequestClosed("somebody was quicker")
    return moved


def _lapse(ward: Ward, now: datetime) -> None:
    """Requests whose time is over say so, in the table and in the audit trail."""
    with ward.reading() as work:
        overdue = [one for one in work.reidentifications.all() if one.state in OPEN and now >= one.ends_at]
    if not overdue:
        return
    by_clock = Act(_CLOCK, now)
    with ward.writing() as work:
        for one in overdue:
            lapsed = after(one, Step.LAPSE, by=_CLOCK.actor_id, now=now)
            work.reidentifications.move(lapsed, one.state, by_clock.event(_ACTIONS[Step.LAPSE], _subject(one)))


def _request(work: WardWork, request_id: str) -> Reidentification:
    found = work.reidentifications.by_id(request_id)
    if found is None:
        raise RequestUnknown("no such request")
    return found


def _case_named(parts: ReidentifyParts, name: str) -> str:
    if parts.cases.has(name):
        return name
    if name.startswith(_PROJECT_NAME):
        names: dict[str, ProjectNames] = {}
        for project_id, case_id in parts.cases.in_projects():
            if project_id not in names:
                names[project_id] = parts.project_names(project_id)
            if names[project_id].case(case_id) == name:
                return case_id
    raise CaseNotHere("no such case")


def _opened(parts: ReidentifyParts, case_id: str) -> HospitalIdentity:
    image_id = parts.cases.image_id(case_id)
    link = None if image_id is None else parts.links.of(image_id)
    if link is None:
        raise CaseNotHere("the case is not here any more")
    try:
        image = json.loads(parts.identities.open(link.sealed_image, bound_to=f"image:{link.received_id}"))
        patient = json.loads(parts.identities.open(link.sealed_patient, bound_to=f"patient:{link.patient_lookup}"))
    except SealBroken:
        raise LinkMissing("the link does not open") from None
    if patient["issuer"] == ISSUER_OF_A_STUDY:
        patient = {"issuer": "", "patient_id": ""}
    return HospitalIdentity(patient["patient_id"], patient["issuer"], image["study"])


def _subject(request: Reidentification) -> str:
    return f"reidentification:{request.request_id}"
