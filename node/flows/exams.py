"""A learner is examined: begins, answers, hands in; passing issues a certificate.

While an attempt runs nothing is told of what is true, by no route. Its verdict falls when it is handed in or when
somebody first asks after its time; a certificate holds from then. Cases follow with the next deal, never with the
verdict: it may fall in a question, and no worklist moves on a reader's act. Results are for the person alone, and for a
trainer, whose every look is in the audit trail and told to the person. The trail never says who passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from node.consensus.quality import Rate, wilson
from node.consensus.voted import said_to, voted_of
from node.flows.act import Act
from node.flows.learning import asked_of, open_course_of
from node.flows.ward import Ward, WardWork
from node.ground.ids import new_id
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseImage
from node.readers.person import Person
from node.readers.pledge import Certificate
from node.readers.roles import Role
from node.teaching.asking import Asked, asked_quiz
from node.teaching.course import KeptCourse
from node.teaching.drawing import Drawing
from node.teaching.errors import CourseAnswerRefused, ExamNotOpen, ExamOver, ExamRuns, ExamUnknown
from node.teaching.exam import Attempt, Closed, ExamItem, begun, check_may_begin, drawn
from node.teaching.figures import ExamFigures, figures_of, passes

RESULTS_SEEN = "exam.results-seen"


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """One thing asked, without what is true of it."""

    number: int
    showing_id: str
    asked: Asked
    drawing: Drawing | None
    images: tuple[CaseImage, ...]
    said: str | None


@dataclass(frozen=True, slots=True)
class ExamSheet:
    """An attempt that runs, as its person sees it."""

    attempt: Attempt
    questions: tuple[ExamQuestion, ...]


@dataclass(frozen=True, slots=True)
class ExamResult:
    """An attempt that is over."""

    attempt: Attempt
    figures: ExamFigures
    pass_mark: float
    asked: Mapping[str, Asked]
    """The words of everything voted on that it asked about."""


@dataclass(frozen=True, slots=True)
class OwnResults:
    """A person's results, and when trainers looked at them."""

    results: list[ExamResult]
    looks: list[datetime]


@dataclass(frozen=True, slots=True)
class SeenResults:
    """What a trainer sees of a person."""

    person: Person
    results: list[ExamResult]
    certificates: list[Certificate]
    gold: dict[str, Rate]
    """By task: right first readings of gold cases since the certificate was issued."""


def begin_exam(ward: Ward, person: Person, code: str, act: Act) -> ExamSheet:
    """An attempt that runs: a new one, or the one that runs already.

    Raises:
        CourseUnknown: no such course is open.
        ExamNotOpen: the modules are not done, it is too early, or not due.
        CourseCasesShort: there are too few cases this person may be asked.
    """
    with ward.writing() as work:
        work.exams.hold(person.person_id)
        attempts = _settled(work, person.person_id, act)
        running = [one for one in attempts if one.course == code and one.runs(act.now)]
        if running:
            return _sheet(work, running[0])
        found = open_course_of(work, person.person_id, code)
        if not found.learnt:
            raise ExamNotOpen(Closed.MODULES.value)
        content, version = found.kept.content, found.kept.version
        held = found.certificate is not None and found.certificate.holds(act.now)
        before = [one for one in attempts if one.course == code]
        certified = held if Role.LABELER in person.roles else None
        check_may_begin(content.exam, version, before, act.now, certified=certified)
        attempt = begun(new_id(), person.person_id, (content, version), act.now)
        shown = work.course_answers.cases_shown(person.person_id)
        cases = [one for one in work.teaching_cases.for_person(code, person.person_id) if one.case_id not in shown]
        items = drawn(content, attempt.attempt_id, cases, work.exams.given(person.person_id), new_id)
        work.exams.begin(attempt, items, act.event("exam.begun", f"course:{code}"))
        return _sheet(work, attempt)


def exam_sheet(ward: Ward, person_id: str, attempt_id: str, now: datetime) -> ExamSheet:
    """The person's attempt while it runs. Raises: ExamUnknown, ExamOver."""
    with ward.reading() as work:
        return _sheet(work, _running(work, person_id, attempt_id, now))


def say(ward: Ward, person_id: str, attempt_id: str, said: tuple[int, str], now: datetime) -> None:
    """This is the answer to an item, until another takes its place. `said`: number and option.

    Raises:
        ExamUnknown, ExamOver: there is no such attempt or item, or it is over.
        CourseAnswerRefused: the option is none of the item's.
    """
    number, option = said
    with ward.writing() as work:
        work.exams.hold(person_id)
        attempt = _running(work, person_id, attempt_id, now)
        asked = [one for one in _sheet(work, attempt).questions if one.number == number]
        if not asked:
            raise ExamUnknown
        if option not in {code for code, _ in asked[0].asked.options}:
            raise CourseAnswerRefused
        work.exams.say(attempt_id, number, option)


def hand_in(ward: Ward, person_id: str, attempt_id: str, act: Act) -> ExamResult:
    """The attempt is over, with its verdict. Raises: ExamUnknown, ExamOver."""
    with ward.writing() as work:
        work.exams.hold(person_id)
        attempt = _running(work, person_id, attempt_id, act.now)
        return _result(work, _finished(work, attempt, act.now, act))


def result_of(ward: Ward, person_id: str, attempt_id: str, act: Act) -> ExamResult:
    """The verdict of an attempt that is over. Raises: ExamUnknown, ExamRuns."""
    with ward.writing() as work:
        work.exams.hold(person_id)
        found = [one for one in _settled(work, person_id, act) if one.attempt_id == attempt_id]
        if not found:
            raise ExamUnknown
        if found[0].finished_at is None:
            raise ExamRuns
        return _result(work, found[0])


def own_results(ward: Ward, person_id: str, act: Act) -> OwnResults:
    """Every verdict on the person, the latest first, and the looks at them."""
    with ward.writing() as work:
        work.exams.hold(person_id)
        ended = [one for one in _settled(work, person_id, act) if one.finished_at is not None]
        looks = work.audit.moments(RESULTS_SEEN, f"person:{person_id}")
        return OwnResults([_result(work, one) for one in ended], looks)


def examined_people(ward: Ward) -> list[tuple[Person, int]]:
    """Everybody who began an exam, by name, and how many they began; how those ended is a look of its own."""
    with ward.reading() as work:
        begun_by = work.exams.people()
        return [(one, begun_by[one.person_id]) for one in work.people.all() if one.person_id in begun_by]


def look_at_results(ward: Ward, person_id: str, act: Act) -> SeenResults:
    """A trainer sees one person's results; the look is audited. Raises: PersonUnknown."""
    with ward.writing() as work:
        person = work.people.by_id(person_id)
        work.exams.hold(person_id)
        work.audit.record(act.event(RESULTS_SEEN, f"person:{person_id}"))
        ended = [one for one in _settled(work, person_id, act) if one.finished_at is not None]
        held = [one for one in work.certificates.all() if one.person_id == person_id]
        return SeenResults(person, [_result(work, one) for one in ended], held, _gold(work, held, act.now))


def _settled(work: WardWork, person_id: str, act: Act) -> list[Attempt]:
    """The person's attempts; one whose time is over has its verdict."""
    return [
        one if one.finished_at is not None or one.runs(act.now) else _finished(work, one, one.ends_at, act)
        for one in work.exams.of_person(person_id)
    ]


def _finished(work: WardWork, attempt: Attempt, at: datetime, act: Act) -> Attempt:
    kept = work.courses.of(attempt.course, attempt.version)
    passed = passes(figures_of(work.exams.items(attempt.attempt_id)), kept.content.exam.pass_mark)
    ended = replace(attempt, finished_at=at, passed=passed)
    work.exams.finish(ended, act.event("exam.ended", f"course:{attempt.course}"))
    if passed and Role.LABELER in work.people.by_id(attempt.person_id).roles:
        _certify(work, ended, kept, act)
    return ended


def _certify(work: WardWork, attempt: Attempt, kept: KeptCourse, act: Act) -> None:
    exam, today = kept.content.exam, act.now.date()
    probation = today + timedelta(days=exam.probation_days) if exam.probation_days else None
    issued = Certificate(
        person_id=attempt.person_id,
        task=kept.content.task,
        issued_by=kept.by,
        issued_at=act.now,
        valid_until=today + timedelta(days=exam.valid_days),
        course=attempt.course,
        course_version=attempt.version,
        probation_until=probation,
    )
    work.certificates.issue(issued, act.event("certificate.issued", f"person:{attempt.person_id}", issued.task))


def _own(work: WardWork, person_id: str, attempt_id: str) -> Attempt:
    found = work.exams.by_id(attempt_id)
    if found is None or found.person_id != person_id:
        raise ExamUnknown
    return found


def _running(work: WardWork, person_id: str, attempt_id: str, now: datetime) -> Attempt:
    found = _own(work, person_id, attempt_id)
    if not found.runs(now):
        raise ExamOver
    return found


def _sheet(work: WardWork, attempt: Attempt) -> ExamSheet:
    kept = work.courses.of(attempt.course, attempt.version)
    items = work.exams.items(attempt.attempt_id)
    return ExamSheet(attempt, tuple(_question(work, kept, item) for item in items))


def _question(work: WardWork, kept: KeptCourse, item: ExamItem) -> ExamQuestion:
    quiz = kept.content.exam_quiz(item.quiz or "")
    asked = asked_quiz(quiz) if quiz is not None else asked_of(kept.content, item.voted or "")
    images = () if item.case_id is None else tuple(work.sheets.images_of(item.case_id))
    drawing = None if quiz is None else quiz.drawing
    return ExamQuestion(item.number, item.showing_id, asked, drawing, images, item.said)


def _result(work: WardWork, attempt: Attempt) -> ExamResult:
    content = work.courses.of(attempt.course, attempt.version).content
    figures = figures_of(work.exams.items(attempt.attempt_id))
    words = {voted: asked_of(content, voted) for voted, _ in figures.by_known}
    return ExamResult(attempt, figures, content.exam.pass_mark, words)


def _gold(work: WardWork, held: list[Certificate], now: datetime) -> dict[str, Rate]:
    found: dict[str, Rate] = {}
    for one in held:
        right = [said for task, said in _against_gold(work, one, now) if task == one.task]
        if right:
            found[one.task] = wilson(sum(right), len(right))
    return found


def _against_gold(work: WardWork, held: Certificate, now: datetime) -> list[tuple[str, bool]]:
    """Task, and whether gold says the same, of the person's first readings since the certificate was issued."""
    found = []
    for reading in work.contests.gold_read(held.person_id, held.issued_at, now):
        project, gold = work.projects.by_id(reading.project_id), work.fusions.gold(reading.project_id)
        for voted in voted_of(schema_of(project.schema_code, project.schema_version)):
            known, said = gold.get((reading.case_id, voted.name)), said_to(voted, reading)
            if known is not None and said and said[0] is not None:
                found.append((project.schema_code, said[0] == known))
    return found
