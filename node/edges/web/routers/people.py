"""People, as IT adds them, verifies them and lets them in; departments."""

from __future__ import annotations

from fastapi import APIRouter

from node.edges.web.parts import Parts
from node.edges.web.people_bodies import DepartmentsBody, LicenceBody, NewPersonBody, StandingBody
from node.edges.web.session import SignedInSession
from node.edges.web.views import DepartmentsView, DepartmentView, LoginCodeView, PeopleView, PersonView, person_view
from node.flows import people
from node.flows.act import act_of
from node.ground.ids import new_id, new_secret
from node.readers.departments import Department, department_list
from node.readers.licence import NewLicence
from node.readers.person import NewPerson
from protocols.ids import Uuid

router = APIRouter(tags=["people"])


@router.get("/api/people")
def everyone(parts: Parts) -> PeopleView:
    """All people of this node."""
    return PeopleView(people=[person_view(person) for person in people.everyone(parts.ward)])


@router.post("/api/people", status_code=201)
def add_person(body: NewPersonBody, session: SignedInSession, parts: Parts) -> PersonView:
    """A new person, who still needs a log-in code."""
    new = NewPerson(
        name=body.name,
        roles=body.roles,
        department=body.department,
        language=body.language,
        licence=None if body.licence is None else _licence(body.licence),
        subspecialty=body.subspecialty,
        specialist_since=body.specialist_since,
    )
    act = act_of(session.person.person_id, parts.clock.now())
    return person_view(people.add_person(parts.ward, new, act, person_id=new_id()))


@router.put("/api/people/{person_id}/standing")
def set_standing(person_id: Uuid, body: StandingBody, session: SignedInSession, parts: Parts) -> PersonView:
    """The person is active or not; cases are dealt anew."""
    act = act_of(session.person.person_id, parts.clock.now())
    return person_view(people.set_active(parts.ward, person_id, act, active=body.active))


@router.put("/api/people/{person_id}/licence")
def verify_licence(person_id: Uuid, body: LicenceBody, session: SignedInSession, parts: Parts) -> PersonView:
    """Whoever asks has held the numbers against the originals; cases are dealt anew."""
    act = act_of(session.person.person_id, parts.clock.now())
    return person_view(people.set_licence(parts.ward, person_id, _licence(body), act))


@router.delete("/api/people/{person_id}/licence")
def withdraw_licence(person_id: Uuid, session: SignedInSession, parts: Parts) -> PersonView:
    """The licence is not verified any more; cases are dealt anew."""
    act = act_of(session.person.person_id, parts.clock.now())
    return person_view(people.set_licence(parts.ward, person_id, None, act))


@router.post("/api/people/{person_id}/login-code", status_code=201)
def make_login_code(person_id: Uuid, session: SignedInSession, parts: Parts) -> LoginCodeView:
    """A one-time code for the person; an earlier one no longer works."""
    act = act_of(session.person.person_id, parts.clock.now())
    made = people.login_code(parts.ward, person_id, act, code=new_secret())
    return LoginCodeView(code=made.code, expires_at=made.expires_at)


@router.get("/api/departments")
def all_departments(parts: Parts) -> DepartmentsView:
    """The specialties a reader or a project can belong to: the law's, then the hospital's own."""
    return _departments(people.all_departments(parts.ward))


@router.post("/api/departments")
def load_departments(body: DepartmentsBody, session: SignedInSession, parts: Parts) -> DepartmentsView:
    """The departments of the list are known too."""
    act = act_of(session.person.person_id, parts.clock.now())
    people.load_departments(parts.ward, department_list(body.list), act)
    return _departments(people.all_departments(parts.ward))


def _departments(found: list[Department]) -> DepartmentsView:
    return DepartmentsView(departments=[DepartmentView.model_validate(one) for one in found])


def _licence(body: LicenceBody) -> NewLicence:
    return NewLicence(body.licence_number, body.specialty_number, body.valid_until)
