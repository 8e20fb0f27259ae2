"""Courses, the gold they ask for, how an exam is drawn and when it may be begun: values alone."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from fakes.teaching import case_quiz, course_value, course_words, quiz
from fakes.ward_books import NOW
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from node.flows.courses import task_schema
from node.ground.ids import new_id
from node.teaching.asking import asked
from node.teaching.course import Course, ExamRules
from node.teaching.course_shelf import shipped_courses
from node.teaching.errors import CourseCasesShort, CourseRefused, ExamNotOpen
from node.teaching.exam import Attempt, ExamItem, begun, check_may_begin, drawn
from node.teaching.figures import figures_of, passes
from node.teaching.gold import TeachingCase, Use, check_asked, needs, shared_out

HANGUL = ("가", "힣")


def gold(*numbers: int) -> dict[tuple[str, str], str]:
    return {(f"case-{n}", "abnormal"): "present" if n % 2 else "absent" for n in numbers}


def bilingual(value: Any) -> list[dict[str, str]]:
    """Every text of a course's words."""
    if isinstance(value, dict):
        if set(value) == {"en", "ko"}:
            return [value]
        return [found for inner in value.values() for found in bilingual(inner)]
    return [found for inner in value for found in bilingual(inner)] if isinstance(value, list | tuple) else []


def test_the_shipped_course_is_text_drawings_quizzes_and_asks_for_gold_of_every_finding() -> None:
    course = shipped_courses()["chest-film"]
    check_asked(course, task_schema(course.task))
    kinds = Counter(block.kind for module in course.modules for block in module.blocks)
    assert kinds.keys() == {"text", "drawing", "quiz", "case"}
    wanted = needs(course, ())
    assert {one.voted for one in wanted} >= {"diagnoses/pneumonia", "diagnoses/tuberculosis", "diagnoses/no-finding"}
    assert all(one.practice >= 1 and one.exam >= 2 and not one.met for one in wanted)


def test_the_shipped_course_says_everything_in_both_languages() -> None:
    texts = bilingual(shipped_courses()["chest-film"].model_dump())
    assert len(texts) > 60
    assert all(any(HANGUL[0] <= letter <= HANGUL[1] for letter in one["ko"]) for one in texts)
    assert not any(any(HANGUL[0] <= letter <= HANGUL[1] for letter in one["en"]) for one in texts)


@pytest.mark.parametrize(
    "change",
    [
        {"modules": []},
        {"code": "With Spaces"},
        {"exam": course_words()["exam"] | {"minutes": 1}},
        {"exam": course_words()["exam"] | {"pass_mark": 0.1}},
        {"exam": course_words()["exam"] | {"quizzes": [quiz("first")]}},
        {"exam": course_words()["exam"] | {"quizzes": [], "cases": []}},
        {"modules": [{"code": "m", "title": {"en": "e", "ko": "k"}, "blocks": [quiz("q", right="maybe")]}]},
        {"modules": [{"code": "m", "title": {"en": "e"}, "blocks": [quiz("q")]}]},
    ],
)
def test_a_course_that_cannot_be_meant_so_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Course.model_validate(course_words() | change)


@pytest.mark.parametrize("known", ["maybe", "yes"])
def test_what_the_task_does_not_vote_on_is_not_asked(known: str) -> None:
    words = course_words()
    words["modules"][0]["blocks"].append(case_quiz("odd", known))
    with pytest.raises(CourseRefused):
        check_asked(Course.model_validate(words), task_schema("chest-film-abnormal"))
    with pytest.raises(CourseRefused):
        task_schema("no-such-task")


def test_one_option_of_several_is_asked_as_present_or_not_in_both_languages() -> None:
    found = asked(task_schema("chest-film-findings"), "diagnoses/pneumonia")
    assert [code for code, _ in found.options] == ["chosen", "not-chosen"]
    assert ("Pneumonia" in found.text.en, "폐렴" in found.text.ko) == (True, True)
    with pytest.raises(CourseRefused):
        asked(task_schema("chest-film-findings"), "findings")


def test_gold_is_shared_out_between_practice_and_exam_and_says_what_is_missing() -> None:
    cases = shared_out(course_value(), gold(1, 2, 3), ())
    found = {(one.known, one.practice_found, one.exam_found, one.met) for one in needs(course_value(), cases)}
    assert found == {("present", 1, 1, False), ("absent", 1, 0, False)}
    enough = shared_out(course_value(), gold(*range(1, 7)), ())
    assert all(one.met for one in needs(course_value(), enough))


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_a_case_that_was_for_practice_is_never_one_of_the_exam(first: set[int], second: set[int]) -> None:
    before = shared_out(course_value(), gold(*first), ())
    shown = {one.case_id for one in before if one.use is Use.PRACTICE}
    after = shared_out(course_value(), gold(*second), shown)
    assert not shown & {one.case_id for one in after if one.use is Use.EXAM}
    assert {one.case_id for one in after} == {f"case-{number}" for number in second}


def exam_cases(many: int) -> list[TeachingCase]:
    return [TeachingCase(case, "abnormal", known, Use.EXAM) for (case, _), known in gold(*range(1, many + 1)).items()]


def test_an_exam_asks_what_its_rules_say_each_case_once_and_those_given_least_first() -> None:
    numbers = count()
    cases = exam_cases(12)
    first = drawn(course_value(), new_id(), cases, {}, lambda: str(next(numbers)))
    assert [item.number for item in first] == [1, 2, 3, 4, 5]
    assert Counter(item.known for item in first) == {"present": 2, "absent": 2, "yes": 1}
    asked_before = {item.case_id: 1 for item in first if item.case_id}
    assert len(asked_before) == 4
    second = drawn(course_value(), new_id(), cases, asked_before, new_id)
    assert not asked_before.keys() & {item.case_id for item in second}


def test_an_exam_without_enough_cases_is_not_drawn_and_practice_is_none_of_them() -> None:
    short = [TeachingCase(one.case_id, one.voted, one.known, Use.PRACTICE) for one in exam_cases(12)]
    with pytest.raises(CourseCasesShort):
        drawn(course_value(), new_id(), short, {}, new_id)


def test_two_attempts_are_ordered_by_their_own_identifiers() -> None:
    orders = {
        tuple(item.case_id or "" for item in drawn(course_value(), f"attempt-{n}", exam_cases(4), {}, new_id))
        for n in range(12)
    }
    assert len(orders) > 3


RULES = ExamRules.model_validate(course_words(retake_after_hours=24)["exam"])
DAY = timedelta(days=1)


def ended(passed: bool, ago: timedelta, version: int = 1) -> Attempt:
    started = begun(new_id(), "p", (course_value(), version), NOW - ago)
    return Attempt(
        started.attempt_id, "p", started.course, version, started.started_at, started.ends_at, NOW - ago, passed
    )


@pytest.mark.parametrize(
    ("before", "certified", "why"),
    [
        ([], None, None),
        ([ended(False, DAY / 2)], None, "too-early"),
        ([ended(False, DAY)], None, None),
        ([ended(True, DAY)], True, "not-due"),
        ([ended(True, DAY)], None, "not-due"),
        ([ended(True, DAY)], False, None),
        ([ended(True, DAY, version=0)], True, None),
        ([ended(True, 29 * DAY)], True, "not-due"),
        ([ended(True, 30 * DAY)], True, None),
        ([ended(False, 3 * DAY), ended(True, 2 * DAY)], True, "not-due"),
        ([ended(True, 3 * DAY), ended(False, DAY / 2)], True, "too-early"),
    ],
)
def test_when_an_exam_may_be_begun(before: list[Attempt], certified: bool | None, why: str | None) -> None:
    """Certificates of these rules hold 90 days; the exam is due again 60 days before."""
    if why is None:
        check_may_begin(RULES, 1, before, NOW, certified=certified)
    else:
        with pytest.raises(ExamNotOpen) as refused:
            check_may_begin(RULES, 1, before, NOW, certified=certified)
        assert refused.value.why == why


def test_figures_have_wilsons_interval_and_what_was_not_answered_is_wrong() -> None:
    """Source of the interval: Wilson 1927; 4 of 5 right: 0.376 to 0.964."""
    said = ["present", "present", "absent", None]
    known = ["present", "present", "absent", "absent"]
    items = [
        ExamItem(n, str(n), k, case_id="c", voted="abnormal", said=s)
        for n, (k, s) in enumerate(zip(known, said, strict=True))
    ]
    found = figures_of([*items, ExamItem(9, "9", "yes", quiz="last", said="yes")])
    assert (found.overall.right, found.overall.of) == (4, 5)
    assert (round(found.overall.low, 3), round(found.overall.high, 3)) == (0.376, 0.964)
    assert found.by_known["abnormal", "absent"].share == 0.5
    assert found.quizzes is not None
    assert passes(found, 0.8)
    assert not passes(found, 0.81)
