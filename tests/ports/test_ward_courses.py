"""Courses and exams on SQLite and on PostgreSQL: versions, whose case is whose, one attempt at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fakes.course_acts import answered_right, labeler, learnt, passed, taught
from fakes.teaching import CODE, TASK, course_value
from fakes.ward_books import ACT, LICENCE, NOW, Originals, project, read_all, reader, said, viewer
from sqlalchemy import Engine

from node.flows import read
from node.flows.act import Act
from node.flows.courses import authored, confirm_certificate, open_course, take_gold, write_draft
from node.flows.exams import begin_exam, hand_in, look_at_results, own_results, result_of, say
from node.flows.fusing import set_gold
from node.flows.learning import check_showing, show_case
from node.flows.people import add_person, set_licence
from node.flows.projects import Reference
from node.ground.ids import new_id
from node.labeling.errors import ImageUnknown
from node.readers.errors import CertificateRefused
from node.readers.person import NewPerson
from node.readers.pledge import Certificate
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.teaching.course import CourseState
from node.teaching.errors import (
    CourseCasesShort,
    CourseNotReady,
    CourseRefused,
    CourseUnknown,
    ExamNotOpen,
    ExamOver,
    ExamUnknown,
)

DATABASE = Database.WARD
LATER = Act(ACT.by, NOW + timedelta(days=2))


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def test_versions_are_drafts_until_opened_and_an_open_one_never_changes(engine: Engine, ward: WardStore) -> None:
    taught(engine)
    found = authored(ward, CODE, ACT)
    assert (found.draft, found.open and found.open.version) == (None, 1)
    changed = write_draft(ward, course_value(minutes=50), ACT)
    again = write_draft(ward, course_value(minutes=55), ACT)
    assert (changed.draft and changed.draft.version, again.draft and again.draft.version) == (2, 2)
    assert again.open is not None
    assert again.open.content.exam.minutes == 30
    assert open_course(ward, CODE, None, ACT).open is not None
    with ward.reading() as work:
        kept = [(one.version, one.state, one.content.exam.minutes) for one in work.courses.all()]
    assert kept == [(1, CourseState.OPEN, 30), (2, CourseState.OPEN, 55)]
    with pytest.raises(CourseUnknown):
        open_course(ward, CODE, None, ACT)


def test_a_course_opens_only_with_the_gold_it_asks_for(engine: Engine, ward: WardStore) -> None:
    project_id = project(engine, films=4)
    set_gold(ward, Originals(), project_id, [Reference("1.2.1", "present"), Reference("1.2.2", "absent")], ACT)
    write_draft(ward, course_value(), ACT)
    take_gold(ward, CODE, project_id, ACT)
    with pytest.raises(CourseNotReady) as refused:
        open_course(ward, CODE, None, ACT)
    assert refused.value.short == [("abnormal", "absent", 0, 2), ("abnormal", "present", 0, 2)]
    with pytest.raises(CourseRefused):
        take_gold(ward, "chest-film", project_id, ACT)
    with pytest.raises(CourseNotReady):
        open_course(ward, "chest-film", None, ACT)


def test_who_was_shown_a_case_is_never_given_it_to_read_and_the_other_way_round(
    engine: Engine, ward: WardStore
) -> None:
    taught(engine, films=14)
    before = reader(ward, "before")
    read_all(ward, before, lambda _: "present")
    with pytest.raises(CourseCasesShort):
        show_case(ward, before.person_id, CODE, "bad", ACT)
    fresh = labeler(ward)
    learnt(ward, fresh)
    attempt_id = begin_exam(ward, fresh, CODE, ACT).attempt.attempt_id
    with ward.reading() as work:
        asked = {item.case_id for item in work.exams.items(attempt_id) if item.case_id}
        practised = work.course_answers.cases_shown(fresh.person_id)
        assert not asked & practised
        assert {case for case, people in work.teaching_cases.shown().items() if fresh.person_id in people} == (
            asked | practised
        )


def test_cases_shown_in_a_course_are_left_out_of_the_learners_worklist(engine: Engine, ward: WardStore) -> None:
    project_id = taught(engine)
    person = add_person(ward, NewPerson("learns", frozenset({Role.READER})), ACT, person_id=new_id())
    learnt(ward, person)
    with ward.reading() as work:
        shown = work.course_answers.cases_shown(person.person_id)
    verified = set_licence(ward, person.person_id, LICENCE, ACT)
    given = read_all(ward, verified, lambda _: "present")
    with ward.reading() as work:
        everything = work.project_cases.case_ids(project_id)
    assert len(shown) == 2
    assert set(given) == everything - shown


def test_two_windows_begin_one_exam(engine: Engine, ward: WardStore) -> None:
    taught(engine)
    person = labeler(ward)
    learnt(ward, person)
    with ThreadPoolExecutor(4) as pool:
        sheets = list(pool.map(lambda _: begin_exam(ward, person, CODE, ACT), range(4)))
    assert len({sheet.attempt.attempt_id for sheet in sheets}) == 1


def test_an_exam_ends_at_its_time_with_what_was_said_until_then(engine: Engine, ward: WardStore) -> None:
    taught(engine)
    person = labeler(ward)
    learnt(ward, person)
    attempt = begin_exam(ward, person, CODE, ACT).attempt
    answered_right(ward, person, attempt.attempt_id)
    late = Act(ACT.by, attempt.ends_at)
    with pytest.raises(ExamOver):
        say(ward, person.person_id, attempt.attempt_id, (1, "yes"), late.now)
    with pytest.raises(ExamOver):
        hand_in(ward, person.person_id, attempt.attempt_id, late)
    result = result_of(ward, person.person_id, attempt.attempt_id, late)
    assert (result.attempt.passed, result.attempt.finished_at) == (True, attempt.ends_at)
    with ward.reading() as work:
        (held,) = work.certificates.all()
    assert (held.person_id, held.task, held.course, held.course_version) == (person.person_id, TASK, CODE, 1)


def test_a_failed_exam_gives_nothing_and_may_be_begun_again_later(engine: Engine, ward: WardStore) -> None:
    taught(engine, films=20)
    person = labeler(ward)
    learnt(ward, person)
    attempt_id = begin_exam(ward, person, CODE, ACT).attempt.attempt_id
    answered_right(ward, person, attempt_id, but=2)
    assert not hand_in(ward, person.person_id, attempt_id, ACT).attempt.passed
    with ward.reading() as work:
        assert work.certificates.all() == []
    with pytest.raises(ExamNotOpen):
        begin_exam(ward, person, CODE, ACT)
    again = begin_exam(ward, person, CODE, LATER).attempt.attempt_id
    with ward.reading() as work:
        cases = [{one.case_id for one in work.exams.items(name) if one.case_id} for name in (attempt_id, again)]
    assert not cases[0] & cases[1]


def test_probation_ends_by_a_trainers_word_or_takes_the_certificate_with_it(engine: Engine, ward: WardStore) -> None:
    taught(engine, probation_days=10)
    person = labeler(ward)
    learnt(ward, person)
    passed(ward, person)
    with ward.reading() as work:
        on_day = [work.certificates.open_tasks(NOW + timedelta(days=n)).get(person.person_id) for n in (10, 11)]
    assert on_day == [frozenset({TASK}), None]
    confirm_certificate(ward, person.person_id, TASK, ACT)
    with ward.reading() as work:
        assert work.certificates.open_tasks(NOW + timedelta(days=90)) == {person.person_id: frozenset({TASK})}
        assert work.certificates.open_tasks(NOW + timedelta(days=91)) == {}
    with pytest.raises(CertificateRefused):
        confirm_certificate(ward, person.person_id, TASK, ACT)


def test_a_new_version_may_ask_everybody_to_qualify_anew_by_a_day(engine: Engine, ward: WardStore) -> None:
    project_id = taught(engine, films=20)
    person = labeler(ward)
    learnt(ward, person)
    passed(ward, person)
    with pytest.raises(ExamNotOpen):
        begin_exam(ward, person, CODE, LATER)
    write_draft(ward, course_value(), ACT)
    take_gold(ward, CODE, project_id, ACT)
    until = (NOW + timedelta(days=7)).date()
    with pytest.raises(CourseRefused):
        open_course(ward, CODE, NOW.date() - timedelta(days=1), ACT)
    open_course(ward, CODE, until, ACT)
    with ward.reading() as work:
        assert [one.valid_until for one in work.certificates.all()] == [until]
        events = [(one.action, one.subject) for one in work.audit.latest(4)]
    assert events.count(("certificate.shortened", f"person:{person.person_id}")) == 1
    with pytest.raises(ExamNotOpen):
        begin_exam(ward, person, CODE, LATER)


def test_an_attempt_is_its_persons_alone(engine: Engine, ward: WardStore) -> None:
    taught(engine)
    person, other = labeler(ward), labeler(ward, "other")
    learnt(ward, person)
    sheet = begin_exam(ward, person, CODE, ACT)
    attempt_id = sheet.attempt.attempt_id
    for asked in (
        lambda: hand_in(ward, other.person_id, attempt_id, ACT),
        lambda: say(ward, other.person_id, attempt_id, (1, "yes"), NOW),
        lambda: result_of(ward, other.person_id, attempt_id, ACT),
    ):
        with pytest.raises(ExamUnknown):
            asked()
    pictured = next(one for one in sheet.questions if one.images)
    image = (pictured.images[0].image_id, 1)
    check_showing(ward, person.person_id, pictured.showing_id, image=image, now=NOW)
    for who, at in ((other, NOW), (person, sheet.attempt.ends_at)):
        with pytest.raises(ImageUnknown):
            check_showing(ward, who.person_id, pictured.showing_id, image=image, now=at)
    assert own_results(ward, other.person_id, ACT).results == []


def test_a_trainers_look_shows_results_and_gold_since_and_is_told_to_the_person(
    engine: Engine, ward: WardStore
) -> None:
    taught(engine)
    person = labeler(ward)
    learnt(ward, person)
    attempt_id = passed(ward, person)
    seen = look_at_results(ward, person.person_id, LATER)
    assert [one.attempt.attempt_id for one in seen.results] == [attempt_id]
    assert seen.gold == {}
    assert own_results(ward, person.person_id, LATER).looks == [LATER.now]
    with ward.reading() as work:
        trail = {event.action: event for event in work.audit.latest(20)}
    assert trail["exam.results-seen"].subject == f"person:{person.person_id}"
    assert (trail["exam.ended"].subject, trail["exam.ended"].reason) == (f"course:{CODE}", "")


def test_gold_read_since_the_certificate_stands_in_a_trainers_look(engine: Engine, ward: WardStore) -> None:
    taught(engine)
    person = reader(ward, "reads")
    with ward.writing() as work:
        event = ACT.event("certificate.issued", f"person:{person.person_id}", TASK)
        held = Certificate(person.person_id, TASK, "trainer", NOW, NOW.date() + timedelta(days=30))
        work.certificates.issue(held, event)
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    read.submit(ward, viewer(person), sheet.assignment.assignment_id, said("present"), NOW)
    assert look_at_results(ward, person.person_id, LATER).gold[TASK].of == 1
