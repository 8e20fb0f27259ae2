"""Trainers write courses, take gold cases for them, open versions, and end probations."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter

from node.edges.web.bodies import Body
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import courses
from node.flows.act import act_of
from node.flows.courses import AuthoredCourse
from node.flows.learning import asked_of
from node.teaching.course import Course
from node.teaching.gold import Need
from protocols.encoding import Code
from protocols.ids import Uuid
from protocols.labels import Bilingual

router = APIRouter(tags=["courses"])


class GoldSourceBody(Body):
    """The project whose gold cases are taken."""

    project_id: Uuid


class OpeningBody(Body):
    """Whether those who passed an earlier version have to qualify anew, and by when."""

    requalify_by: date | None = None


class NeedView(View):
    """What a course asks of gold cases, and what there is."""

    voted: str
    known: str
    text: Bilingual
    known_text: Bilingual
    practice: int
    exam: int
    practice_found: int
    exam_found: int
    met: bool


class AuthoredCourseView(View):
    """A course as its trainers see it."""

    code: str
    task: str
    title: Bilingual
    draft_version: int | None
    """None without a draft; 0 for a shipped course that nobody touched."""
    draft: Course | None
    open_version: int | None
    open: Course | None
    opened_at: datetime | None
    needs: list[NeedView]


class GoldSourceView(View):
    """A project of the course's task."""

    project_id: str
    title: str
    cases: int


class GoldSourcesView(View):
    """Every project that has gold for the course."""

    projects: list[GoldSourceView]


class AuthoredCoursesView(View):
    """Every course."""

    courses: list[AuthoredCourseView]


@router.get("/api/authoring/courses")
def all_courses(session: SignedInSession, parts: Parts) -> AuthoredCoursesView:
    """Every course of this node, and those it ships."""
    act = act_of(session.person.person_id, parts.clock.now())
    return AuthoredCoursesView(courses=[authored_view(one) for one in courses.authored_courses(parts.ward, act)])


@router.get("/api/authoring/courses/{code}")
def one_course(code: Code, session: SignedInSession, parts: Parts) -> AuthoredCourseView:
    """The course with draft, open version and what it needs."""
    act = act_of(session.person.person_id, parts.clock.now())
    return authored_view(courses.authored(parts.ward, code, act))


@router.get("/api/authoring/courses/{code}/gold")
def gold_sources(code: Code, session: SignedInSession, parts: Parts) -> GoldSourcesView:
    """The projects that gold can be taken from, with how many cases each has."""
    act = act_of(session.person.person_id, parts.clock.now())
    found = courses.gold_sources(parts.ward, code, act)
    return GoldSourcesView(projects=[GoldSourceView.model_validate(one) for one in found])


@router.put("/api/authoring/courses")
def write(body: Course, session: SignedInSession, parts: Parts) -> AuthoredCourseView:
    """The course's draft is this; an open version stays as it is."""
    act = act_of(session.person.person_id, parts.clock.now())
    return authored_view(courses.write_draft(parts.ward, body, act))


@router.post("/api/authoring/courses/{code}/gold")
def take_gold(code: Code, body: GoldSourceBody, session: SignedInSession, parts: Parts) -> AuthoredCourseView:
    """The project's gold cases are the course's, for practice and for the exam."""
    act = act_of(session.person.person_id, parts.clock.now())
    return authored_view(courses.take_gold(parts.ward, code, body.project_id, act))


@router.post("/api/authoring/courses/{code}/opening")
def open_version(code: Code, body: OpeningBody, session: SignedInSession, parts: Parts) -> AuthoredCourseView:
    """The draft is what learners take; 409 names the gold cases that are missing."""
    act = act_of(session.person.person_id, parts.clock.now())
    return authored_view(courses.open_course(parts.ward, code, body.requalify_by, act))


@router.post("/api/labelers/{person_id}/certificates/{task}/confirmation", status_code=204)
def confirm(person_id: Uuid, task: Code, session: SignedInSession, parts: Parts) -> None:
    """The labeler's probation is over."""
    act = act_of(session.person.person_id, parts.clock.now())
    courses.confirm_certificate(parts.ward, person_id, task, act)


def authored_view(found: AuthoredCourse) -> AuthoredCourseView:
    """A course as its trainers see it."""
    newest = found.newest
    return AuthoredCourseView(
        code=newest.code,
        task=newest.task,
        title=newest.title,
        draft_version=None if found.draft is None else found.draft.version,
        draft=None if found.draft is None else found.draft.content,
        open_version=None if found.open is None else found.open.version,
        open=None if found.open is None else found.open.content,
        opened_at=None if found.open is None else found.open.at,
        needs=[_need(newest, need) for need in found.needs],
    )


def _need(course: Course, need: Need) -> NeedView:
    words = asked_of(course, need.voted)
    return NeedView(
        voted=need.voted,
        known=need.known,
        text=words.text,
        known_text=words.words_of(need.known),
        practice=need.practice,
        exam=need.exam,
        practice_found=need.practice_found,
        exam_found=need.exam_found,
        met=need.met,
    )
