"""What people get to see of people, field by field."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from node.flows.sign_in import SignedIn
from node.ground.texts import Language
from node.readers.person import Person
from node.readers.roles import Role


class View(BaseModel):
    """A response's body."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, from_attributes=True)


class OwnPersonView(View):
    """The person who is signed in."""

    person_id: str
    display_name: str
    roles: list[Role]
    language: Language


class SessionView(View):
    """An open session and the token the page sends with every change."""

    person: OwnPersonView
    csrf: str


class PersonView(View):
    """A person as IT sees one."""

    person_id: str
    name: str
    roles: list[Role]
    department: str | None
    language: Language
    licence_verified: bool
    active: bool


class PeopleView(View):
    """Everyone."""

    people: list[PersonView]


class DepartmentView(View):
    """One specialty."""

    code: str
    ko: str
    en: str


class DepartmentsView(View):
    """Every specialty."""

    departments: list[DepartmentView]


class LoginCodeView(View):
    """A one-time code; it is shown here and nowhere else."""

    code: str
    expires_at: datetime


def session_view(signed_in: SignedIn) -> SessionView:
    """The session as its page sees it."""
    return SessionView(person=own_person_view(signed_in.session.person), csrf=signed_in.csrf)


def own_person_view(person: Person) -> OwnPersonView:
    """The person as they see themselves."""
    return OwnPersonView(
        person_id=person.person_id, display_name=person.name, roles=sorted(person.roles), language=person.language
    )


def person_view(person: Person) -> PersonView:
    """The person as IT sees them."""
    return PersonView(
        person_id=person.person_id,
        name=person.name,
        roles=sorted(person.roles),
        department=person.department,
        language=person.language,
        licence_verified=person.licence_verified,
        active=person.active,
    )
