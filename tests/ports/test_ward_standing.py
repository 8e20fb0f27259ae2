"""Licences, certificates, applications and departments, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from fakes.ward_books import ACT, LICENCE, NOW, reader
from sqlalchemy import Engine, text

from node.flows.people import add_person, set_licence
from node.ground.ids import new_id
from node.readers.application import ApplicationState, NewApplication
from node.readers.departments import Department
from node.readers.errors import ApplicationUnknown
from node.readers.licence import verified
from node.readers.person import NewPerson, Person
from node.readers.pledge import Certificate, Pledge
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
EVENT = ACT.event("test", "test")


@pytest.fixture
def ward(engine: Engine) -> WardStore:
    return WardStore(engine)


def stored(ward: WardStore, person_id: str) -> Person:
    with ward.reading() as work:
        return work.people.by_id(person_id)


def test_a_person_is_stored_with_all_that_was_verified(ward: WardStore) -> None:
    new = NewPerson(
        "one", frozenset({Role.READER}), "radiology", licence=LICENCE, subspecialty="thorax", specialist_since=2015
    )
    added = add_person(ward, new, ACT, person_id=new_id())
    assert stored(ward, added.person_id) == added
    assert added.licence == verified(LICENCE, by="test", now=NOW)
    assert set_licence(ward, added.person_id, None, ACT).licence is None
    assert stored(ward, added.person_id).licence is None


def test_a_flag_that_a_former_release_set_without_a_day_verifies_nobody(ward: WardStore, engine: Engine) -> None:
    person = reader(ward, "one")
    with engine.begin() as connection:
        connection.execute(text("UPDATE person SET licence_until = NULL"))
    assert stored(ward, person.person_id).licence is None


def test_a_pledge_is_stored(ward: WardStore) -> None:
    person = add_person(ward, NewPerson("lay", frozenset({Role.LABELER})), ACT, person_id=new_id())
    with ward.writing() as work:
        changed = Person(**{name: getattr(person, name) for name in person.__slots__} | {"pledge": Pledge(1, NOW)})
        work.credentials.change(changed, EVENT)
    assert stored(ward, person.person_id).pledge == Pledge(1, NOW)


def test_a_certificate_opens_its_task_until_its_day_and_a_newer_one_takes_its_place(ward: WardStore) -> None:
    person_id = reader(ward, "one").person_id
    with ward.writing() as work:
        for until in (NOW.date() - timedelta(days=1), NOW.date()):
            work.certificates.issue(Certificate(person_id, "task", "t", NOW, until), EVENT)
        assert work.certificates.open_tasks(NOW) == {person_id: frozenset({"task"})}
        assert work.certificates.open_tasks(NOW + timedelta(days=1)) == {}
        assert len(work.certificates.all()) == 1
        assert work.certificates.withdraw(person_id, "task", EVENT)
        assert not work.certificates.withdraw(person_id, "task", EVENT)


def test_an_application_waits_and_is_emptied_by_its_decision(ward: WardStore) -> None:
    said = NewApplication("이신청", "radiology", "1", "2", subspecialty="thorax", specialist_since=2010)
    application_id = new_id()
    with ward.writing() as work:
        work.applications.add(application_id, said, EVENT)
        assert work.applications.waiting() == 1
        assert [one.said for one in work.applications.all()] == [said]
        work.applications.decide(application_id, ApplicationState.REFUSED, EVENT)
        assert (work.applications.waiting(), list(work.applications.all())) == (0, [])
        decided = work.applications.by_id(application_id)
        assert (decided.state, decided.said.name, decided.said.licence_number) == (ApplicationState.REFUSED, "", "")
        with pytest.raises(ApplicationUnknown):
            work.applications.by_id(new_id())


def test_departments_of_the_house_are_loaded_and_renamed(ward: WardStore) -> None:
    with ward.writing() as work:
        work.departments.load([Department("oral", ko="가", en="a"), Department("oral", ko="나", en="b")], EVENT)
        work.departments.load([Department("dental", ko="다", en="c")], EVENT)
        assert [(one.code, one.ko) for one in work.departments.own()] == [("dental", "다"), ("oral", "나")]
