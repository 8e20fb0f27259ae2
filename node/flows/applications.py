"""A specialist asks to read here from the page; IT takes or refuses. An invitation is IT adding a person itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from node.flows.act import Act
from node.flows.attempts import attempt_key, charged
from node.flows.people import LoginCode, code_for, joined
from node.flows.ward import Ward
from node.readers.application import (
    MOST_WAITING,
    Application,
    ApplicationState,
    NewApplication,
    RefusalReason,
    check_move,
)
from node.readers.departments import check_department
from node.readers.errors import ApplicationsFull
from node.readers.licence import NewLicence, verified
from node.readers.person import NewPerson, Person, check_new
from node.readers.roles import Role
from node.readers.throttle import FREE_PER_ADDRESS


@dataclass(frozen=True, slots=True)
class Taken:
    """Who came of an application, and the code that lets them in."""

    person: Person
    code: LoginCode


@dataclass(frozen=True, slots=True)
class Issued:
    """What taking an application makes: an identifier and a secret, new ones."""

    person_id: str
    code: str


def apply(ward: Ward, said: NewApplication, act: Act, *, application_id: str, address: str) -> None:
    """The application waits for IT; whether the name is known here is not told.

    Raises:
        DepartmentUnknown, LicenceRefused, StandingRefused: it cannot be meant so.
        ApplicationsFull: too many wait, or came from this address.
    """
    with ward.writing() as work:
        heard = charged(work, {attempt_key("application", address): FREE_PER_ADDRESS}, act.now) == 0
    if not heard:
        raise ApplicationsFull
    with ward.writing() as work:
        check_department(said.department, work.departments.own())
        new = _person(said, act.now.date())
        check_new(new)
        if new.licence is not None:
            verified(new.licence, by="nobody", now=act.now)
        if work.applications.waiting() >= MOST_WAITING:
            raise ApplicationsFull
        work.applications.add(application_id, said, act.event("application.sent", f"application:{application_id}"))


def waiting(ward: Ward) -> list[Application]:
    """The applications IT has to decide, the oldest first."""
    with ward.reading() as work:
        return list(work.applications.all())


def take(ward: Ward, application_id: str, valid_until: date, act: Act, *, issued: Issued) -> Taken:
    """The applicant is a reader whose licence was checked by whoever acts, and can sign in once with the code.

    Raises:
        ApplicationUnknown, ApplicationDecided: there is nothing to take.
        NameTaken, LicenceRefused: the person cannot be added so.
    """
    with ward.writing() as work:
        application = work.applications.by_id(application_id)
        check_move(application.state, ApplicationState.TAKEN)
        person = joined(work, _person(application.said, valid_until), act, person_id=issued.person_id)
        code = code_for(work, person.person_id, act, code=issued.code)
        event = act.event("application.taken", f"application:{application_id}")
        work.applications.decide(application_id, ApplicationState.TAKEN, event)
        return Taken(person, code)


def refuse(ward: Ward, application_id: str, reason: RefusalReason, act: Act) -> None:
    """The application is refused and emptied. Raises: ApplicationUnknown, ApplicationDecided."""
    with ward.writing() as work:
        check_move(work.applications.by_id(application_id).state, ApplicationState.REFUSED)
        event = act.event("application.refused", f"application:{application_id}", reason.value)
        work.applications.decide(application_id, ApplicationState.REFUSED, event)


def _person(said: NewApplication, valid_until: date) -> NewPerson:
    return NewPerson(
        name=said.name,
        roles=frozenset({Role.READER}),
        department=said.department,
        language=said.language,
        licence=NewLicence(said.licence_number, said.specialty_number, valid_until),
        subspecialty=said.subspecialty,
        specialist_since=said.specialist_since,
    )
