"""Exams: begun, answered, handed in; results for the own eyes, and for a trainer whose look is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path

from node.edges.web.bodies import Body
from node.edges.web.exam_views import (
    ExamResultView,
    ExamSheetView,
    RightShareView,
    exam_result_view,
    exam_sheet_view,
    share_view,
)
from node.edges.web.parts import Parts
from node.edges.web.routers.labelers import CertificateView
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import exams
from node.flows.act import act_of
from protocols.encoding import Code
from protocols.ids import Uuid

router = APIRouter(tags=["exams"])
Number = Annotated[int, Path(ge=1, le=10_000)]


class ExamAnswerBody(Body):
    """The option that was chosen."""

    option: Code


class OwnResultsView(View):
    """The own results, and when trainers looked at them."""

    results: list[ExamResultView]
    looks: list[datetime]


class ExaminedView(View):
    """Somebody who began an exam."""

    person_id: str
    name: str
    attempts: int


class ExaminedPeopleView(View):
    """Everybody who began one."""

    people: list[ExaminedView]


class TaskGoldView(View):
    """How first readings of gold cases of a task stand since its certificate was issued."""

    task: str
    rate: RightShareView


class PersonResultsView(View):
    """What a trainer sees of a person."""

    person_id: str
    name: str
    results: list[ExamResultView]
    certificates: list[CertificateView]
    gold: list[TaskGoldView]


@router.post("/api/courses/{code}/exam")
def begin(code: Code, session: SignedInSession, parts: Parts) -> ExamSheetView:
    """An exam that runs: a new one, or the own one that runs already; 409 says why none can be begun."""
    act = act_of(session.person.person_id, parts.clock.now())
    return exam_sheet_view(exams.begin_exam(parts.ward, session.person, code, act))


@router.get("/api/exams/own")
def own_results(session: SignedInSession, parts: Parts) -> OwnResultsView:
    """Every own result, the latest first."""
    act = act_of(session.person.person_id, parts.clock.now())
    found = exams.own_results(parts.ward, session.person.person_id, act)
    return OwnResultsView(results=[exam_result_view(one) for one in found.results], looks=found.looks)


@router.get("/api/exams/{attempt_id}")
def sheet(attempt_id: Uuid, session: SignedInSession, parts: Parts) -> ExamSheetView:
    """The own exam while it runs; 409 once it is over."""
    return exam_sheet_view(exams.exam_sheet(parts.ward, session.person.person_id, attempt_id, parts.clock.now()))


@router.put("/api/exams/{attempt_id}/items/{number}", status_code=204)
def say(attempt_id: Uuid, number: Number, body: ExamAnswerBody, session: SignedInSession, parts: Parts) -> None:
    """This is the answer, until another takes its place; nothing is told of it."""
    said = (number, body.option)
    exams.say(parts.ward, session.person.person_id, attempt_id, said, parts.clock.now())


@router.post("/api/exams/{attempt_id}/handing-in")
def hand_in(attempt_id: Uuid, session: SignedInSession, parts: Parts) -> ExamResultView:
    """The exam is over, with its verdict."""
    act = act_of(session.person.person_id, parts.clock.now())
    return exam_result_view(exams.hand_in(parts.ward, session.person.person_id, attempt_id, act))


@router.get("/api/exams/{attempt_id}/result")
def result(attempt_id: Uuid, session: SignedInSession, parts: Parts) -> ExamResultView:
    """The verdict on an own exam that is over; 409 while it runs."""
    act = act_of(session.person.person_id, parts.clock.now())
    return exam_result_view(exams.result_of(parts.ward, session.person.person_id, attempt_id, act))


@router.get("/api/authoring/examined")
def examined(parts: Parts) -> ExaminedPeopleView:
    """Who began exams, and how many."""
    found = exams.examined_people(parts.ward)
    return ExaminedPeopleView(
        people=[ExaminedView(person_id=one.person_id, name=one.name, attempts=begun) for one, begun in found]
    )


@router.post("/api/authoring/examined/{person_id}/results")
def results_of(person_id: Uuid, session: SignedInSession, parts: Parts) -> PersonResultsView:
    """One person's results; the look is in the audit trail, and the person is told of it."""
    act = act_of(session.person.person_id, parts.clock.now())
    found = exams.look_at_results(parts.ward, person_id, act)
    return PersonResultsView(
        person_id=found.person.person_id,
        name=found.person.name,
        results=[exam_result_view(one) for one in found.results],
        certificates=[CertificateView.model_validate(one) for one in found.certificates],
        gold=[TaskGoldView(task=task, rate=share_view(rate)) for task, rate in sorted(found.gold.items())],
    )
