"""The ward on SQLite and on PostgreSQL: people, sessions, cases, audit, transactions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fakes.hospital import film
from fakes.ward_books import ACT, NOW, admit, project, read_all, reader
from sqlalchemy import Engine

from node.flows.people import login_code, set_active
from node.ground.ids import new_id
from node.ground.texts import Language
from node.labeling.errors import ProjectUnknown
from node.readers.errors import PersonUnknown
from node.readers.person import Person
from node.readers.roles import Role
from node.readers.session import Proof, Session, secret_digest
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def test_the_same_image_again_gives_the_same_case_and_one_study_is_one_case(engine: Engine) -> None:
    first, again, second_view = admit(engine, film(1), film(1), film(2, study_uid="2.25.1", view="LATERAL"))
    assert first == again == second_view


def test_another_modality_of_the_study_is_another_case(engine: Engine) -> None:
    first, other = admit(engine, film(1), film(2, study_uid="2.25.1", modality="CT"))
    assert first != other


def test_an_image_that_comes_after_its_case_was_put_into_a_project_opens_a_new_case(engine: Engine) -> None:
    project_id = project(engine, films=1)
    (late,) = admit(engine, film(9, study_uid="2.25.1"))
    with WardStore(engine).reading() as work:
        assert late not in work.project_cases.case_ids(project_id)
        assert work.cases.case_ids_of_images([film(9).image_id]) == {film(9).image_id: late}


def test_a_code_opens_once_and_only_before_it_expires(ward: WardStore) -> None:
    person = reader(ward, "one")
    for expiry_hours, expected in ((-1, None), (0, None), (1, person.person_id)):
        with ward.writing() as work:
            expires = NOW + timedelta(hours=expiry_hours)
            work.codes.add_code("d" * 64, person.person_id, expires, ACT.event("login-code.made", "person:x"))
        with ward.writing() as work:
            assert work.codes.use_code("d" * 64, NOW) == expected
            assert work.codes.use_code("d" * 64, NOW) is None


def test_of_many_who_use_a_code_at_once_one_gets_in(ward: WardStore) -> None:
    made = login_code(ward, reader(ward, "one").person_id, ACT, code="secret")

    def use(_number: int) -> str | None:
        with ward.writing() as work:
            return work.codes.use_code(secret_digest(made.code), NOW)

    with ThreadPoolExecutor(6) as pool:
        assert sum(found is not None for found in pool.map(use, range(6))) == 1


def test_a_session_runs_until_its_end_and_ends_with_its_person(ward: WardStore) -> None:
    person = reader(ward, "one")
    session = Session("s" * 64, person, Proof.CODE, NOW + timedelta(hours=1))
    with ward.writing() as work:
        work.sessions.open_session(session, ACT.event("session.opened", "person:x"))
    with ward.reading() as work:
        assert work.sessions.find_session("s" * 64, NOW) == session
        assert work.sessions.find_session("s" * 64, NOW + timedelta(hours=1)) is None
    set_active(ward, person.person_id, ACT, active=False)
    with ward.reading() as work:
        assert work.sessions.find_session("s" * 64, NOW) is None


def test_attempts_are_counted_and_forgiven(ward: WardStore) -> None:
    with ward.writing() as work:
        assert work.attempts.attempts("key") is None
        work.attempts.charge("key", NOW)
        work.attempts.charge("key", NOW + timedelta(seconds=5))
        found = work.attempts.attempts("key")
        assert found is not None
        assert (found.failures, found.last_at) == (2, NOW + timedelta(seconds=5))
        work.attempts.forgive("key")
        assert work.attempts.attempts("key") is None


def test_who_or_what_is_unknown_is_refused(ward: WardStore) -> None:
    with ward.reading() as work:
        with pytest.raises(PersonUnknown):
            work.people.by_id(new_id())
        with pytest.raises(ProjectUnknown):
            work.projects.by_id(new_id())
    with ward.writing() as work, pytest.raises(ProjectUnknown):
        work.deals.held_for_deal(new_id())


def test_every_act_leaves_its_audit_event_with_identifiers_only(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "김영상")
    project(engine, films=1, reads=1)
    read_all(ward, person, lambda _: "present")
    with ward.reading() as work:
        events = work.audit.latest(50)
    assert {
        "person.added",
        "case.admitted",
        "project.made",
        "project.cases-added",
        "project.opened",
        "project.dealt",
        "case.assigned",
        "reading.submitted",
        "case.closed",
    } <= {event.action for event in events}
    assert "김영상" not in repr(events)


def test_an_error_inside_a_transaction_undoes_all_of_it(ward: WardStore) -> None:
    def half_way() -> None:
        with ward.writing() as work:
            new = Person(new_id(), "half", frozenset({Role.READER}), None, Language.KO, active=True)
            work.people.add(new, ACT.event("person.added", "person:x"))
            work.people.by_id(new_id())

    with pytest.raises(PersonUnknown):
        half_way()
    with ward.reading() as work:
        assert work.people.by_name("half") is None
        assert work.audit.latest(5) == []
