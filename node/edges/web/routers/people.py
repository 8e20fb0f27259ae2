"""People, as IT adds them and lets them in."""

from __future__ import annotations

from fastapi import APIRouter

from node.edges.web.bodies import NewPersonBody, StandingBody
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.edges.web.views import DepartmentsView, DepartmentView, LoginCodeView, PeopleView, PersonView, person_view
from node.flows import people
from node.flows.act import act_of
from node.ground.ids import new_id, new_secret
from node.readers.departments import departments
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
    new = NewPerson(body.name, body.roles, body.department, body.language, body.licence_verified)
    act = act_of(session.person.person_id, parts.clock.now())
    return person_view(people.add_person(parts.ward, new, act, person_id=new_id()))


@router.put("/api/people/{person_id}/standing")
def set_standing(person_id: Uuid, body: StandingBody, session: SignedInSession, parts: Parts) -> PersonView:
    """The person is active or not, verified or not; cases are dealt anew."""
    standing = people.Standing(body.active, body.licence_verified)
    act = act_of(session.person.person_id, parts.clock.now())
    return person_view(people.set_standing(parts.ward, person_id, standing, act))


@router.post("/api/people/{person_id}/login-code", status_code=201)
def make_login_code(person_id: Uuid, session: SignedInSession, parts: Parts) -> LoginCodeView:
    """A one-time code for the person; an earlier one no longer works."""
    act = act_of(session.person.person_id, parts.clock.now())
    made = people.login_code(parts.ward, person_id, act, code=new_secret())
    return LoginCodeView(code=made.code, expires_at=made.expires_at)


@router.get("/api/departments")
def all_departments() -> DepartmentsView:
    """The specialties a reader or a project can belong to."""
    return DepartmentsView(departments=[DepartmentView.model_validate(one) for one in departments().values()])
