"""People join, get log-in codes, and gain or lose the right to read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from node.flows.act import Act
from node.flows.deal_out import deal_out_open_projects
from node.flows.ward import Ward
from node.readers.departments import check_department
from node.readers.errors import NameTaken
from node.readers.person import NewPerson, Person
from node.readers.roles import Role, check_roles_separate
from node.readers.session import CODE_LIFETIME, secret_digest


@dataclass(frozen=True, slots=True)
class LoginCode:
    """A code that opens one session; shown once, kept as a digest only."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What IT may change of a person."""

    active: bool
    licence_verified: bool


def add_person(ward: Ward, new: NewPerson, act: Act, *, person_id: str) -> Person:
    """The person is known; a reader with a verified licence has places in every open project.

    Raises:
        NameTaken, RolesConflict, DepartmentUnknown: the person cannot be added so.
    """
    check_roles_separate(new.roles)
    check_department(new.department)
    with ward.writing() as work:
        if work.people.by_name(new.name) is not None:
            raise NameTaken
        work.people.add(person_id, new, act.event("person.added", f"person:{person_id}"))
        if Role.READER in new.roles and new.licence_verified:
            deal_out_open_projects(work, act)
        return work.people.by_id(person_id)


def login_code(ward: Ward, person_id: str, act: Act, *, code: str) -> LoginCode:
    """The person can sign in with the code once within a day; an earlier code no longer works.

    Raises:
        PersonUnknown: there is none such.
    """
    expires_at = act.now + CODE_LIFETIME
    with ward.writing() as work:
        work.people.by_id(person_id)
        event = act.event("login-code.made", f"person:{person_id}")
        work.codes.add_code(secret_digest(code), person_id, expires_at, event)
    return LoginCode(code, expires_at)


def everyone(ward: Ward) -> list[Person]:
    """All people, by name."""
    with ward.reading() as work:
        return list(work.people.all())


def set_standing(ward: Ward, person_id: str, standing: Standing, act: Act) -> Person:
    """The person is active or not, verified or not; sessions of the inactive have ended, and cases are dealt anew.

    Raises:
        PersonUnknown: there is none such.
    """
    with ward.writing() as work:
        person = work.people.by_id(person_id)
        changed = replace(person, active=standing.active, licence_verified=standing.licence_verified)
        work.credentials.change(changed, act.event("person.changed", f"person:{person_id}"))
        if not changed.active:
            work.sessions.end_sessions_of(person_id)
        if changed != person and Role.READER in person.roles:
            deal_out_open_projects(work, act)
        return changed
