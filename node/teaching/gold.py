"""Gold cases for teaching: how many a course asks for, of what, and which of them are for practice or for the exam.

Practice tells the answer at once, so a case of practice is never one of the exam: neither now nor after the course was
changed. Which is which follows from the identifiers alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.consensus.voted import voted_of
from node.teaching.course import CaseQuiz, Course
from node.teaching.errors import CourseRefused
from protocols.labels import LabelSchema

Known = tuple[str, str]
"""What is voted on, and the option that is true."""


class Use(StrEnum):
    """What a case is for."""

    PRACTICE = "practice"
    EXAM = "exam"


@dataclass(frozen=True, slots=True)
class TeachingCase:
    """A gold case in a course."""

    case_id: str
    voted: str
    known: str
    use: Use


@dataclass(frozen=True, slots=True)
class Need:
    """What a course asks for of one answer, and what there is."""

    voted: str
    known: str
    practice: int
    exam: int
    practice_found: int = 0
    exam_found: int = 0

    @property
    def met(self) -> bool:
        """True when there are enough of both."""
        return self.practice_found >= self.practice and self.exam_found >= self.exam


def check_asked(course: Course, schema: LabelSchema) -> None:
    """Return when the schema votes on all that the course asks about cases. Raises: CourseRefused."""
    options = {voted.name: voted.options for voted in voted_of(schema)}
    asked = [(cases.voted, cases.known) for cases in course.exam.cases]
    asked += [(item.voted, item.known) for item in course.items() if isinstance(item, CaseQuiz)]
    if any(known not in options.get(voted, ()) for voted, known in asked):
        raise CourseRefused("the task's schema does not vote on this")


def needs(course: Course, cases: Sequence[TeachingCase]) -> list[Need]:
    """What the course asks for, in order, with what it has."""
    practice = Counter((item.voted, item.known) for item in course.items() if isinstance(item, CaseQuiz))
    exam = {(one.voted, one.known): one.count for one in course.exam.cases}
    found = Counter((one.voted, one.known, one.use) for one in cases)
    return [
        Need(
            *known,
            practice=practice[known],
            exam=exam.get(known, 0),
            practice_found=found[(*known, Use.PRACTICE)],
            exam_found=found[(*known, Use.EXAM)],
        )
        for known in sorted({*practice, *exam})
    ]


def shared_out(course: Course, gold: Mapping[tuple[str, str], str], practised: Collection[str]) -> list[TeachingCase]:
    """The gold cases that the course can use; `gold`: what is true by case and thing voted on.

    A case that was ever for practice (`practised`) stays so, in whatever it is known for.
    """
    shown = set(practised)
    found: list[TeachingCase] = []
    for need in needs(course, ()):
        known = [case for (case, voted), option in gold.items() if (voted, option) == (need.voted, need.known)]
        known.sort(key=lambda case: (case not in shown, order(course.code, case)))
        for place, case in enumerate(known):
            if place < need.practice:
                shown.add(case)
            found.append(TeachingCase(case, need.voted, need.known, Use.EXAM))
    return [
        TeachingCase(one.case_id, one.voted, one.known, Use.PRACTICE if one.case_id in shown else Use.EXAM)
        for one in found
    ]


def order(*parts: str) -> int:
    """A place that follows from these identifiers alone."""
    return int.from_bytes(hashlib.blake2b("/".join(parts).encode("utf-8"), digest_size=8).digest(), "big")
