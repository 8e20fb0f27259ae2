"""Attempts at exams, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from node.ground.audit import AuditEvent
from node.storage.audit import record
from node.storage.ward_course_tables import exam_attempt, exam_item
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_tables import audit, case_image, person
from node.teaching.exam import Attempt, ExamItem


@dataclass(frozen=True, slots=True)
class ExamRows:
    """The exams of one transaction."""

    connection: Connection

    def hold(self, person_id: str) -> None:
        """Nothing else begins or ends an exam of the person until the transaction ends."""
        self.connection.execute(select(person.c.person_id).where(person.c.person_id == person_id).with_for_update())

    def begin(self, attempt: Attempt, items: Sequence[ExamItem], event: AuditEvent) -> None:
        """The attempt runs, with these items."""
        values = asdict(attempt)
        self.connection.execute(insert(exam_attempt).values(code=values.pop("course"), **values))
        rows = [{**asdict(item), "attempt_id": attempt.attempt_id} for item in items]
        self.connection.execute(insert(exam_item), rows)
        record(self.connection, audit, event)

    def of_person(self, person_id: str) -> list[Attempt]:
        """Every attempt of the person, the latest first."""
        own = select(exam_attempt).where(exam_attempt.c.person_id == person_id)
        ordered = own.order_by(exam_attempt.c.started_at.desc(), exam_attempt.c.attempt_id)
        return [_attempt(row) for row in self.connection.execute(ordered)]

    def by_id(self, attempt_id: str) -> Attempt | None:
        """The attempt, or none."""
        row = self.connection.execute(select(exam_attempt).where(exam_attempt.c.attempt_id == attempt_id)).one_or_none()
        return None if row is None else _attempt(row)

    def items(self, attempt_id: str) -> list[ExamItem]:
        """What the attempt asks, in its order."""
        own = select(exam_item).where(exam_item.c.attempt_id == attempt_id).order_by(exam_item.c.number)
        return [_item(row) for row in self.connection.execute(own)]

    def given(self, person_id: str) -> dict[str, int]:
        """How often each case was in an attempt of the person."""
        counted = select(exam_item.c.case_id, func.count().label("times")).join_from(exam_item, exam_attempt)
        own = counted.where(exam_attempt.c.person_id == person_id, exam_item.c.case_id.is_not(None))
        return {row.case_id: row.times for row in self.connection.execute(own.group_by(exam_item.c.case_id))}

    def say(self, attempt_id: str, number: int, said: str) -> None:
        """This is the answer to the item now."""
        one = update(exam_item).where(exam_item.c.attempt_id == attempt_id, exam_item.c.number == number)
        self.connection.execute(one.values(said=said))

    def finish(self, ended: Attempt, event: AuditEvent) -> None:
        """The attempt is over, with its verdict."""
        one = update(exam_attempt).where(exam_attempt.c.attempt_id == ended.attempt_id)
        self.connection.execute(one.values(finished_at=ended.finished_at, passed=ended.passed))
        record(self.connection, audit, event)

    def people(self) -> dict[str, int]:
        """How many attempts each person began."""
        counted = select(exam_attempt.c.person_id, func.count().label("attempts"))
        return {row.person_id: row.attempts for row in self.connection.execute(counted.group_by("person_id"))}

    def image_frames(self, person_id: str, showing_id: str, image_id: str, now: datetime) -> int | None:
        """How many frames the image has, when it belongs to an item of an attempt of the person that runs."""
        found = (
            select(case_image.c.frames)
            .join_from(exam_item, exam_attempt)
            .join(case_image, case_image.c.case_id == exam_item.c.case_id)
            .where(exam_item.c.showing_id == showing_id, case_image.c.image_id == image_id)
            .where(exam_attempt.c.person_id == person_id, exam_attempt.c.finished_at.is_(None))
            .where(exam_attempt.c.ends_at > now, exam_item.c.case_id.not_in(HIDDEN))
        )
        return self.connection.scalar(found)


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        attempt_id=row.attempt_id,
        person_id=row.person_id,
        course=row.code,
        version=row.version,
        started_at=row.started_at,
        ends_at=row.ends_at,
        finished_at=row.finished_at,
        passed=row.passed,
    )


def _item(row: Row[Any]) -> ExamItem:
    return ExamItem(
        number=row.number,
        showing_id=row.showing_id,
        known=row.known,
        quiz=row.quiz,
        case_id=row.case_id,
        voted=row.voted,
        said=row.said,
    )
