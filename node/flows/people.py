"""People join, get log-in codes, and gain or lose the right to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from node.flows.act import Act
from node.flows.deal_out import deal_out_open_projects
from node.flows.ward import Ward, WardWork
from node.readers.departments import Department, check_department, known_departments
from node.readers.eligibility import may_read
from node.readers.errors import NameTaken, StandingRefused
from node.readers.licence import NewLicence, verified
from node.readers.person import NewPerson, Person, check_new
from node.readers.roles import Role, check_roles_separate
from node.readers.session import CODE_LIFETIME, secret_digest


@dataclass(frozen=True, slots=True)
class LoginCode:
    """A code that opens one session; shown once, kept as a digest only."""

    code: str
    expires_at: datetime


def add_person(ward: Ward, new: NewPerson, act: Act, *, person_id: str) -> Person:
    """The person is known; one who may read has places in every open project.

    Raises:
        NameTaken, RolesConflict, DepartmentUnknown, LicenceRefused, StandingRefused: the person cannot be added so.
    """
    with ward.writing() as work:
        return joined(work, new, act, person_id=person_id)


def joined(work: WardWork, new: NewPerson, act: Act, *, person_id: str) -> Person:
    """The person of `add_person`, inside a transaction."""
    check_roles_separate(new.roles)
    check_new(new)
    check_department(new.department, work.departments.own())
    if work.people.by_name(new.name) is not None:
        raise NameTaken
    added = Person(
        person_id=person_id,
        name=new.name,
        roles=new.roles,
        department=new.department,
        language=new.language,
        active=True,
        licence=None if new.licence is None else verified(new.licence, by=act.by.actor_id, now=act.now),
        subspecialty=new.subspecialty,
        specialist_since=new.specialist_since,
    )
    work.people.add(added, act.event("person.added", f"person:{person_id}"))
    if may_read(added, act.now):
        deal_out_open_projects(work, act)
    return added


def login_code(ward: Ward, person_id: str, act: Act, *, code: str) -> LoginCode:
    """The person can sign in with the code once within a day; an earlier code no longer works.

    Raises:
        PersonUnknown: there is none such.
    """
    with ward.writing() as work:
        return code_for(work, person_id, act, code=code)


def code_for(work: WardWork, person_id: str, act: Act, *, code: str) -> LoginCode:
    """The code of `login_code`, inside a transaction."""
    expires_at = act.now + CODE_LIFETIME
    work.people.by_id(person_id)
    event = act.event("login-code.made", f"person:{person_id}")
    work.codes.add_code(secret_digest(code), person_id, expires_at, event)
    return LoginCode(code, expires_at)


def everyone(ward: Ward) -> list[Person]:
    """All people, by name."""
    with ward.reading() as work:
        return list(work.people.all())


def set_active(ward: Ward, person_id: str, act: Act, *, active: bool) -> Person:
    """The person is active or not; sessions of the inactive have ended, and cases are dealt anew.

    Raises:
        PersonUnknown: there is none such.
    """
    with ward.writing() as work:
        person = work.people.by_id(person_id)
        if not active:
            work.sessions.end_sessions_of(person_id)
        return _changed(work, person, replace(person, active=active), "person.changed", act)


def set_licence(ward: Ward, person_id: str, licence: NewLicence | None, act: Act) -> Person:
    """The licence is verified until its last day, or withdrawn; cases are dealt anew.

    Raises:
        PersonUnknown, LicenceRefused: there is no such person, or the licence is none.
        StandingRefused: the person does not read; a licence is kept of readers and adjudicators only.
    """
    with ward.writing() as work:
        person = work.people.by_id(person_id)
        if not person.roles & {Role.READER, Role.ADJUDICATOR}:
            raise StandingRefused
        checked = None if licence is None else verified(licence, by=act.by.actor_id, now=act.now)
        action = "licence.withdrawn" if checked is None else "licence.verified"
        return _changed(work, person, replace(person, licence=checked), action, act)


def all_departments(ward: Ward) -> list[Department]:
    """The law's departments, then those of this hospital."""
    with ward.reading() as work:
        return list(known_departments(work.departments.own()).values())


def load_departments(ward: Ward, added: Sequence[Department], act: Act) -> int:
    """People and projects may name these departments too; how many the node knows now."""
    with ward.writing() as work:
        work.departments.load(added, act.event("departments.loaded", "departments"))
        return len(known_departments(work.departments.own()))


def _changed(work: WardWork, before: Person, after: Person, action: str, act: Act) -> Person:
    work.credentials.change(after, act.event(action, f"person:{after.person_id}"))
    if may_read(before, act.now) or may_read(after, act.now):
        deal_out_open_projects(work, act)
    return after
