"""A trainer writes a course, takes gold cases for it, opens a version, and ends a probation.

A version is opened only when the hospital has as many gold cases as it asks for. Gold is taken from a project of the
course's task, as its lead named it; the trainer sees how many there are of what, and no case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from node.flows.act import Act
from node.flows.deal_out import deal_out_open_projects
from node.flows.ward import Ward, WardWork
from node.labeling.schema_shelf import schemas
from node.readers.errors import CertificateRefused
from node.teaching.course import Course, CourseState, KeptCourse
from node.teaching.course_shelf import shipped_courses
from node.teaching.errors import CourseNotReady, CourseRefused, CourseUnknown
from node.teaching.gold import Need, check_asked, needs, shared_out
from protocols.labels import LabelSchema


@dataclass(frozen=True, slots=True)
class AuthoredCourse:
    """A course as its trainers see it: the draft, the latest open version, and what the draft needs."""

    draft: KeptCourse | None
    """None where everything written is open. A shipped course that nobody touched is version 0, by nobody."""
    open: KeptCourse | None
    needs: tuple[Need, ...]

    @property
    def newest(self) -> Course:
        """What is written last."""
        found = self.draft or self.open
        if found is None:
            raise CourseUnknown
        return found.content


@dataclass(frozen=True, slots=True)
class GoldSource:
    """A project of a course's task, and how many gold cases its lead named."""

    project_id: str
    title: str
    cases: int


def authored_courses(ward: Ward, act: Act) -> list[AuthoredCourse]:
    """Every course of the node and every shipped one, by code."""
    with ward.reading() as work:
        codes = sorted({*shipped_courses(), *(one.content.code for one in work.courses.all())})
        return [_authored(work, code, act) for code in codes]


def authored(ward: Ward, code: str, act: Act) -> AuthoredCourse:
    """The course. Raises: CourseUnknown."""
    with ward.reading() as work:
        return _authored(work, code, act)


def gold_sources(ward: Ward, code: str, act: Act) -> list[GoldSource]:
    """The projects that the course's gold can be taken from, the newest first. Raises: CourseUnknown."""
    with ward.reading() as work:
        task = _authored(work, code, act).newest.task
        of_task = [project for project in work.projects.all() if project.schema_code == task]
        gold = {one.project_id: work.fusions.gold(one.project_id) for one in of_task}
    return [
        GoldSource(one.project_id, one.title, len({case for case, _ in gold[one.project_id]}))
        for one in of_task
        if gold[one.project_id]
    ]


def write_draft(ward: Ward, content: Course, act: Act) -> AuthoredCourse:
    """This is the course's draft now; an open version stays as it is.

    Raises:
        CourseRefused: the node does not know the task, or its schema does not vote on what the course asks.
    """
    check_asked(content, task_schema(content.task))
    with ward.writing() as work:
        work.courses.draft(content, act.event("course.written", f"course:{content.code}"))
        return _authored(work, content.code, act)


def take_gold(ward: Ward, code: str, project_id: str, act: Act) -> AuthoredCourse:
    """The project's gold cases are the course's, for practice and for the exam.

    Raises:
        CourseUnknown, ProjectUnknown: there is none such.
        CourseRefused: the project is about another task.
    """
    with ward.writing() as work:
        course = _authored(work, code, act).newest
        if work.projects.by_id(project_id).schema_code != course.task:
            raise CourseRefused("the project is about another task")
        cases = shared_out(course, work.fusions.gold(project_id), work.teaching_cases.practised(code))
        work.teaching_cases.set(code, cases, act.event("course.gold-taken", f"course:{code}", f"{len(cases)}"))
        return _authored(work, code, act)


def open_course(ward: Ward, code: str, requalify_by: date | None, act: Act) -> AuthoredCourse:
    """The draft is what learners take; with a day, certificates of the task hold until then at most.

    Raises:
        CourseUnknown: there is no such course, or no draft of it.
        CourseNotReady: it has too few gold cases.
        CourseRefused: the day has passed.
    """
    if requalify_by is not None and requalify_by < act.now.date():
        raise CourseRefused("the day has passed")
    with ward.writing() as work:
        found = _authored(work, code, act)
        if found.draft is None:
            raise CourseUnknown
        short = [one for one in found.needs if not one.met]
        if short:
            raise CourseNotReady([_missing(one) for one in short])
        draft = found.draft
        if draft.version == 0:
            draft = work.courses.draft(draft.content, act.event("course.written", f"course:{code}"))
        work.courses.open(code, draft.version, requalify_by, act.event("course.opened", f"course:{code}"))
        if requalify_by is not None:
            _shorten(work, draft.content.task, requalify_by, act)
        return _authored(work, code, act)


def confirm_certificate(ward: Ward, person_id: str, task: str, act: Act) -> None:
    """The labeler's probation is over: the certificate holds until its own last day.

    Raises:
        CertificateRefused: there is no certificate on probation for the task.
    """
    event = act.event("certificate.confirmed", f"person:{person_id}", task)
    with ward.writing() as work:
        if not work.certificates.confirm(person_id, task, event):
            raise CertificateRefused
        deal_out_open_projects(work, act)


def task_schema(task: str) -> LabelSchema:
    """The newest schema of the task. Raises: CourseRefused where the node has none."""
    versions = {version: schema for (code, version), schema in schemas().items() if code == task}
    if not versions:
        raise CourseRefused("no such task on this node")
    return versions[max(versions)]


def _shorten(work: WardWork, task: str, until: date, act: Act) -> None:
    """Certificates of the task hold until that day at most; whose does so is in the audit trail, one by one."""
    people = [one.person_id for one in work.certificates.all() if one.task == task and one.valid_until > until]
    events = [act.event("certificate.shortened", f"person:{person_id}", task) for person_id in people]
    if events:
        work.certificates.shorten(task, until, events)


def _authored(work: WardWork, code: str, act: Act) -> AuthoredCourse:
    versions = [one for one in work.courses.all() if one.content.code == code]
    opened = [one for one in versions if one.state is CourseState.OPEN]
    drafts = [one for one in versions if one.state is CourseState.DRAFT]
    shipped = shipped_courses().get(code)
    if not versions and shipped is None:
        raise CourseUnknown
    if not versions and shipped is not None:
        drafts = [KeptCourse(shipped, 0, CourseState.DRAFT, "", act.now)]
    draft, latest = drafts[-1] if drafts else None, opened[-1] if opened else None
    newest = draft or latest
    asked = () if newest is None else tuple(needs(newest.content, work.teaching_cases.of_course(code)))
    return AuthoredCourse(draft, latest, asked)


def _missing(need: Need) -> tuple[str, str, int, int]:
    practice, exam = need.practice - need.practice_found, need.exam - need.exam_found
    return need.voted, need.known, max(0, practice), max(0, exam)
