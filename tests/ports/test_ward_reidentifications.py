"""Requests for re-identification on SQLite and on PostgreSQL: kept, found, and moved once."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from fakes.hospital import film
from fakes.ward_books import ACT, NOW
from sqlalchemy import Engine

from node.flows.people import add_person
from node.ground.ids import new_id
from node.intake.reidentification import AskReason, ReidentificationState, ReviewRefusal, Step, after, asked
from node.readers.person import NewPerson
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_cases import WardAdmission
from node.storage.ward_exclusions import WardExclusions
from node.storage.ward_reidentifications import WardCaseNames
from node.storage.ward_store import WardStore

DATABASE = Database.WARD
NOBODY = str(UUID(int=9, version=4))


def test_a_request_is_kept_found_and_moved_once(engine: Engine) -> None:
    ward = WardStore(engine)
    case_id = WardAdmission(engine).admit(film(1), ACT.event("image.admitted", "image:1"))
    steward = add_person(ward, NewPerson("steward", frozenset({Role.STEWARD})), ACT, person_id=new_id())
    made = asked(new_id(), case_id, AskReason.WRONG_IMAGE, by=steward.person_id, now=NOW)
    newer = replace(made, request_id=new_id(), asked_at=NOW + timedelta(hours=1))
    event = ACT.event("reidentification.asked", "reidentification:1")
    refused = after(made, Step.REFUSE, by="reviewer", now=NOW, refused_for=ReviewRefusal.NOT_COVERED)
    with ward.writing() as work:
        for one in (made, newer):
            work.reidentifications.add(one, event)
    with ward.writing() as work:
        assert list(work.reidentifications.all()) == [newer, made]
        assert work.reidentifications.move(refused, ReidentificationState.ASKED, event)
        assert not work.reidentifications.move(refused, ReidentificationState.ASKED, event)
    with ward.reading() as work:
        assert work.reidentifications.by_id(made.request_id) == refused
        assert work.reidentifications.by_id(new_id()) is None
        assert len([one for one in work.audit.latest(50) if one.action == event.action]) == 3


def test_cases_of_excluded_patients_have_no_name_and_no_image(engine: Engine) -> None:
    first, second = (
        WardAdmission(engine).admit(film(number), ACT.event("image.admitted", f"image:{number}")) for number in (1, 2)
    )
    names = WardCaseNames(engine)
    assert (names.has(first), names.image_id(first)) == (True, film(1).image_id)
    WardExclusions(engine).set_excluded([1])
    assert (names.has(first), names.image_id(first)) == (False, None)
    assert (names.has(second), names.image_id(second)) == (True, film(2).image_id)
    assert (names.has(NOBODY), names.image_id(NOBODY), names.in_projects()) == (False, None, [])
