"""Courses, their gold cases, and what learners answered in modules, in one transaction of the ward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from node.flows.course_ports import CourseAnswer
from node.ground.audit import AuditEvent
from node.storage.audit import record
from node.storage.ward_course_tables import (
    course,
    course_answer,
    course_case,
    course_practice,
    exam_attempt,
    exam_item,
)
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_tables import assignment, audit, case_image
from node.teaching.course import Course, CourseState, KeptCourse
from node.teaching.errors import CourseUnknown
from node.teaching.gold import TeachingCase, Use


@dataclass(frozen=True, slots=True)
class CourseRows:
    """The courses of one transaction."""

    connection: Connection

    def all(self) -> list[KeptCourse]:
        """Every version, by code, the oldest first."""
        rows = self.connection.execute(select(course).order_by(course.c.code, course.c.version))
        return [_course(row) for row in rows]

    def of(self, code: str, version: int) -> KeptCourse:
        """The version. Raises: CourseUnknown."""
        one = (course.c.code == code, course.c.version == version)
        row = self.connection.execute(select(course).where(*one)).one_or_none()
        if row is None:
            raise CourseUnknown
        return _course(row)

    def draft(self, content: Course, event: AuditEvent) -> KeptCourse:
        """This is the course's draft: the one that is there is written anew, otherwise the next version is begun."""
        opened = select(func.max(course.c.version)).where(
            course.c.code == content.code, course.c.state == CourseState.OPEN.value
        )
        version = (self.connection.scalar(opened) or 0) + 1
        self.connection.execute(delete(course).where(course.c.code == content.code, course.c.version == version))
        made = KeptCourse(content, version, CourseState.DRAFT, event.actor.actor_id, event.at)
        values = {"code": content.code, "version": version, "content": content.model_dump_json()}
        by = {"state": made.state.value, "by_id": made.by, "at": made.at}
        self.connection.execute(insert(course).values(**values, **by))
        record(self.connection, audit, event)
        return made

    def open(self, code: str, version: int, requalify_by: date | None, event: AuditEvent) -> None:
        """The draft is open, and never changes again."""
        one = update(course).where(course.c.code == code, course.c.version == version)
        values = {"state": CourseState.OPEN.value, "by_id": event.actor.actor_id, "at": event.at}
        self.connection.execute(one.values(requalify_by=requalify_by, **values))
        record(self.connection, audit, event)


@dataclass(frozen=True, slots=True)
class TeachingCaseRows:
    """The gold cases of courses, of one transaction."""

    connection: Connection

    def of_course(self, code: str) -> list[TeachingCase]:
        """Every case that is found today."""
        seen = (course_case.c.code == code, course_case.c.case_id.not_in(HIDDEN))
        ordered = select(course_case).where(*seen).order_by(course_case.c.case_id, course_case.c.voted)
        return [_case(row) for row in self.connection.execute(ordered)]

    def set(self, code: str, cases: Sequence[TeachingCase], event: AuditEvent) -> None:
        """Exactly these are the course's cases."""
        self.connection.execute(delete(course_case).where(course_case.c.code == code))
        if cases:
            self.connection.execute(insert(course_case), [{**asdict(one), "code": code} for one in cases])
        practised = {one.case_id for one in cases if one.use is Use.PRACTICE} - self.practised(code)
        if practised:
            rows = [{"code": code, "case_id": case_id} for case_id in sorted(practised)]
            self.connection.execute(insert(course_practice), rows)
        record(self.connection, audit, event)

    def practised(self, code: str) -> frozenset[str]:
        """Every case that was ever for practice in the course, whether it is one of its cases today or not."""
        of_course = select(course_practice.c.case_id).where(course_practice.c.code == code)
        return frozenset(self.connection.scalars(of_course))

    def for_person(self, code: str, person_id: str) -> list[TeachingCase]:
        """The course's cases on which the person never had a place, in whatever project."""
        place = assignment.c
        had = exists().where(place.case_id == course_case.c.case_id, place.person_id == person_id)
        seen = (course_case.c.code == code, course_case.c.case_id.not_in(HIDDEN), ~had)
        ordered = select(course_case).where(*seen).order_by(course_case.c.case_id, course_case.c.voted)
        return [_case(row) for row in self.connection.execute(ordered)]

    def shown(self) -> dict[str, frozenset[str]]:
        """Who was shown a case in a module or an exam, by case: none of them is given it to read."""
        in_modules = select(course_answer.c.case_id, course_answer.c.person_id)
        in_exams = select(exam_item.c.case_id, exam_attempt.c.person_id).join_from(exam_item, exam_attempt)
        found: dict[str, set[str]] = defaultdict(set)
        for shown in (
            in_modules.where(course_answer.c.case_id.is_not(None)),
            in_exams.where(exam_item.c.case_id.is_not(None)),
        ):
            for row in self.connection.execute(shown):
                found[row.case_id].add(row.person_id)
        return {case_id: frozenset(people) for case_id, people in found.items()}


@dataclass(frozen=True, slots=True)
class CourseAnswerRows:
    """What learners answered, of one transaction."""

    connection: Connection

    def of_person(self, person_id: str, code: str, version: int) -> dict[str, CourseAnswer]:
        """What the person was shown and said under the version, by item."""
        own = (course_answer.c.person_id == person_id, course_answer.c.code == code, course_answer.c.version == version)
        rows = self.connection.execute(select(course_answer).where(*own))
        return {row.item: CourseAnswer(row.item, row.showing_id, row.case_id, row.said, row.at) for row in rows}

    def cases_shown(self, person_id: str) -> frozenset[str]:
        """Every case of which a module told the person what is true, or is about to."""
        own = select(course_answer.c.case_id).where(course_answer.c.person_id == person_id)
        return frozenset(self.connection.scalars(own.where(course_answer.c.case_id.is_not(None))))

    def keep(self, person_id: str, course: tuple[str, int], answer: CourseAnswer) -> None:
        """The item stands so for the person."""
        code, version = course
        own = {"person_id": person_id, "code": code, "version": version, "item": answer.item}
        columns = (course_answer.c[name] == value for name, value in own.items())
        self.connection.execute(delete(course_answer).where(*columns))
        self.connection.execute(insert(course_answer).values(**own | asdict(answer)))

    def image_frames(self, person_id: str, showing_id: str, image_id: str) -> int | None:
        """How many frames the image has, when it belongs to what the person was shown; otherwise none."""
        of_case = case_image.c.case_id == course_answer.c.case_id
        own = (course_answer.c.showing_id == showing_id, course_answer.c.person_id == person_id)
        found = select(case_image.c.frames).join_from(course_answer, case_image, of_case)
        seen = course_answer.c.case_id.not_in(HIDDEN)
        return self.connection.scalar(found.where(*own, case_image.c.image_id == image_id, seen))


def _course(row: Row[Any]) -> KeptCourse:
    content = Course.model_validate_json(row.content)
    return KeptCourse(content, row.version, CourseState(row.state), row.by_id, row.at)


def _case(row: Row[Any]) -> TeachingCase:
    return TeachingCase(row.case_id, row.voted, row.known, Use(row.use))
