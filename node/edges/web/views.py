"""What people get to see of people, field by field."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from node.flows.sign_in import SignedIn
from node.ground.texts import Language
from node.readers.person import Person
from node.readers.roles import Role, apart
from protocols.encoding import Base64


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


class StrokeKeyView(View):
    """The key under which a page keeps this person's unsaved work, 32 bytes in base64."""

    key: Base64


class LicenceView(View):
    """A verified licence as IT sees it; without numbers where a former release knew only that it had been seen."""

    licence_number: str
    specialty_number: str
    valid_until: date
    checked_by: str
    checked_at: datetime


class PersonView(View):
    """A person as IT sees one."""

    person_id: str
    name: str
    roles: list[Role]
    department: str | None
    language: Language
    active: bool
    licence: LicenceView | None
    subspecialty: str | None
    specialist_since: int | None
    apart: list[list[Role]]
    """Pairs of roles held from before that one person may not hold."""


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
        active=person.active,
        licence=None if person.licence is None else LicenceView.model_validate(person.licence),
        subspecialty=person.subspecialty,
        specialist_since=person.specialist_since,
        apart=sorted(sorted(pair) for pair in apart(person.roles)),
    )
