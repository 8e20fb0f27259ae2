"""The exam: which cases somebody is given, when one may be begun, and when it is over.

The cases are drawn from the course's exam cases: those the person was given least often come first, in an order that
only the attempt's own identifier knows. What is true is kept with the attempt when it begins and told to nobody while
it runs; afterwards its figures are told, and never the single case, because the next person is asked it too.
An attempt ends when it is handed in, or at its time; what was said until then counts, the rest is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.teaching.course import Course, ExamRules
from node.teaching.errors import CourseCasesShort, ExamNotOpen
from node.teaching.gold import TeachingCase, Use, order

REQUALIFIES_BEFORE: Final = timedelta(days=60)
"""So long before a certificate ends, its holder may be examined anew."""


@dataclass(frozen=True, slots=True)
class ExamItem:
    """One thing asked in an attempt, with what is true of it."""

    number: int
    showing_id: str
    known: str
    quiz: str | None = None
    case_id: str | None = None
    voted: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person's attempt at the exam of one version."""

    attempt_id: str
    person_id: str
    course: str
    version: int
    started_at: datetime
    ends_at: datetime
    finished_at: datetime | None = None
    passed: bool | None = None
    """None while it runs."""

    def runs(self, now: datetime) -> bool:
        """True while answers are taken."""
        return self.finished_at is None and now < self.ends_at


class Closed(StrEnum):
    """Why no exam can be begun."""

    MODULES = "modules"
    """Something in the modules is not answered yet."""
    TOO_EARLY = "too-early"
    """The last attempt failed a short while ago."""
    NOT_DUE = "not-due"
    """It was passed, and that still holds."""


def begun(attempt_id: str, person_id: str, course: tuple[Course, int], now: datetime) -> Attempt:
    """An attempt that runs from now."""
    content, version = course
    return Attempt(attempt_id, person_id, content.code, version, now, now + timedelta(minutes=content.exam.minutes))


def check_may_begin(
    rules: ExamRules, version: int, before: Sequence[Attempt], now: datetime, *, certified: bool | None
) -> None:
    """Return when another attempt may begin; `certified` is None for who needs no certificate.

    Raises:
        ExamNotOpen: too early after one that failed, or what was passed still holds.
    """
    ended = sorted((one for one in before if one.finished_at is not None), key=lambda one: one.finished_at or now)
    last = ended[-1] if ended else None
    if last is None or last.finished_at is None:
        return
    if not last.passed and now < last.finished_at + timedelta(hours=rules.retake_after_hours):
        raise ExamNotOpen(Closed.TOO_EARLY.value)
    ends = last.finished_at + timedelta(days=rules.valid_days)
    if last.passed and last.version == version and certified is not False and now < ends - REQUALIFIES_BEFORE:
        raise ExamNotOpen(Closed.NOT_DUE.value)


def drawn(
    course: Course, attempt_id: str, cases: Sequence[TeachingCase], given: Mapping[str, int], new_id: Callable[[], str]
) -> list[ExamItem]:
    """What an attempt asks, in its order; `given`: how often each case was given to the person.

    Raises:
        CourseCasesShort: there are not enough cases this person may be asked.
    """
    items = [ExamItem(0, new_id(), quiz.right, quiz=quiz.code) for quiz in course.exam.quizzes]
    taken: set[str] = set()
    for asked in course.exam.cases:
        pool = _pool(cases, (asked.voted, asked.known), taken)
        pool.sort(key=lambda case: (given.get(case, 0), order(attempt_id, case)))
        if len(pool) < asked.count:
            raise CourseCasesShort("not enough cases this person may be asked")
        chosen = pool[: asked.count]
        taken.update(chosen)
        items += [ExamItem(0, new_id(), asked.known, case_id=case, voted=asked.voted) for case in chosen]
    items.sort(key=lambda item: order(attempt_id, item.quiz or "", item.case_id or ""))
    return [replace(item, number=number) for number, item in enumerate(items, 1)]


def _pool(cases: Sequence[TeachingCase], known: tuple[str, str], taken: Collection[str]) -> list[str]:
    fits = (one for one in cases if one.use is Use.EXAM and (one.voted, one.known) == known)
    return [one.case_id for one in fits if one.case_id not in taken]
