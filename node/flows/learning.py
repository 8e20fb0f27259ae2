"""A learner goes through a course: sees its modules, answers, and is told at once what is right and why.

What is right is in nothing a learner is shown before the own answer is in. An image case is one on which the person
never had a place, and who was shown it is never given it to read (`flows.deal_out`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from node.flows.act import Act
from node.flows.course_ports import CourseAnswer
from node.flows.courses import task_schema
from node.flows.ward import Ward, WardWork
from node.ground.ids import new_id
from node.labeling.errors import ImageUnknown
from node.labeling.worklist import CaseImage
from node.readers.pledge import Certificate
from node.teaching.asking import Asked, asked
from node.teaching.course import CaseQuiz, Course, CourseState, Item, KeptCourse, LongText
from node.teaching.errors import CourseAnswerRefused, CourseCasesShort, CourseItemUnknown, CourseUnknown
from node.teaching.gold import Use, order


@dataclass(frozen=True, slots=True)
class OpenCourse:
    """A course as its learner finds it."""

    kept: KeptCourse
    answers: Mapping[str, CourseAnswer]
    certificate: Certificate | None
    """The person's for the course's task, whether it still holds or not."""

    @property
    def answered(self) -> int:
        """How many items the person has answered."""
        return sum(answer.said is not None for answer in self.answers.values())

    @property
    def learnt(self) -> bool:
        """True when everything in the modules is answered."""
        said = {item for item, answer in self.answers.items() if answer.said is not None}
        return all(item.code in said for item in self.kept.content.items())


@dataclass(frozen=True, slots=True)
class Showing:
    """An image case as it is shown."""

    showing_id: str
    asked: Asked
    images: tuple[CaseImage, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is told of an answer at once."""

    said: str
    right: str
    explanation: LongText


def open_courses(ward: Ward, person_id: str) -> list[OpenCourse]:
    """The newest open version of every course, by code."""
    with ward.reading() as work:
        newest = {one.content.code: one for one in work.courses.all() if one.state is CourseState.OPEN}
        return [_of_person(work, person_id, kept) for kept in newest.values()]


def course_of(ward: Ward, person_id: str, code: str) -> OpenCourse:
    """The newest open version. Raises: CourseUnknown."""
    with ward.reading() as work:
        return open_course_of(work, person_id, code)


def show_case(ward: Ward, person_id: str, code: str, item_code: str, act: Act) -> Showing:
    """The image case of an item; the same one whenever it is asked for.

    Raises:
        CourseUnknown, CourseItemUnknown: there is none such.
        CourseCasesShort: there is no case left that this person may be shown.
    """
    with ward.writing() as work:
        work.exams.hold(person_id)
        found = open_course_of(work, person_id, code)
        item = _item(found.kept.content, item_code)
        if not isinstance(item, CaseQuiz):
            raise CourseItemUnknown
        given = found.answers.get(item_code)
        if given is None or given.case_id is None:
            given = CourseAnswer(item_code, new_id(), _case_for(work, person_id, code, item), None, act.now)
            work.course_answers.keep(person_id, (code, found.kept.version), given)
        images = work.sheets.images_of(given.case_id or "")
    return Showing(given.showing_id, asked_of(found.kept.content, item.voted), tuple(images))


def answer(ward: Ward, person_id: str, code: str, said: tuple[str, str], act: Act) -> Feedback:
    """The item is answered, and what is right is told; the first answer stays. `said`: item and option.

    Raises:
        CourseUnknown, CourseItemUnknown: there is none such, or its case was not shown yet.
        CourseAnswerRefused: the option is none of the item's.
    """
    item_code, option = said
    with ward.writing() as work:
        work.exams.hold(person_id)
        found = open_course_of(work, person_id, code)
        item, given = _item(found.kept.content, item_code), found.answers.get(item_code)
        if isinstance(item, CaseQuiz) and given is None:
            raise CourseItemUnknown
        if given is None or given.said is None:
            if option not in options_of(found.kept.content, item):
                raise CourseAnswerRefused
            empty = CourseAnswer(item_code, new_id(), None, None, act.now)
            given = replace(given or empty, said=option, at=act.now)
            work.course_answers.keep(person_id, (code, found.kept.version), given)
    return feedback_on(item, given.said or "")


def check_showing(ward: Ward, person_id: str, showing_id: str, *, image: tuple[str, int], now: datetime) -> None:
    """Return when the person may see this frame of the image: of a module, or of an exam that runs.

    Raises:
        ImageUnknown: otherwise.
    """
    image_id, number = image
    with ward.reading() as work:
        frames = work.course_answers.image_frames(person_id, showing_id, image_id)
        if frames is None:
            frames = work.exams.image_frames(person_id, showing_id, image_id, now)
    if frames is None or not 1 <= number <= frames:
        raise ImageUnknown("no such image here")


def feedback_on(item: Item, said: str) -> Feedback:
    """What is told of an answer to an item."""
    right = item.known if isinstance(item, CaseQuiz) else item.right
    return Feedback(said, right, item.explanation)


def open_course_of(work: WardWork, person_id: str, code: str) -> OpenCourse:
    """The newest open version, inside a transaction. Raises: CourseUnknown."""
    opened = [one for one in work.courses.all() if one.content.code == code and one.state is CourseState.OPEN]
    if not opened:
        raise CourseUnknown
    return _of_person(work, person_id, opened[-1])


def options_of(content: Course, item: Item) -> tuple[str, ...]:
    """What can be said to an item."""
    if isinstance(item, CaseQuiz):
        return tuple(code for code, _ in asked_of(content, item.voted).options)
    return tuple(option.code for option in item.options)


def asked_of(content: Course, voted: str) -> Asked:
    """How the course asks about a case."""
    return asked(task_schema(content.task), voted)


def _of_person(work: WardWork, person_id: str, kept: KeptCourse) -> OpenCourse:
    code, task = kept.content.code, kept.content.task
    held = [one for one in work.certificates.all() if (one.person_id, one.task) == (person_id, task)]
    answers = work.course_answers.of_person(person_id, code, kept.version)
    return OpenCourse(kept, answers, held[0] if held else None)


def _item(content: Course, code: str) -> Item:
    found = content.item(code)
    if found is None:
        raise CourseItemUnknown
    return found


def _case_for(work: WardWork, person_id: str, code: str, item: CaseQuiz) -> str:
    shown = work.course_answers.cases_shown(person_id)
    fits = [
        one.case_id
        for one in work.teaching_cases.for_person(code, person_id)
        if one.use is Use.PRACTICE and (one.voted, one.known) == (item.voted, item.known) and one.case_id not in shown
    ]
    if not fits:
        raise CourseCasesShort("no case is left that this person may be shown")
    return min(fits, key=lambda case_id: order(person_id, case_id))
