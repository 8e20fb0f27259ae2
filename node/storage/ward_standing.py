"""Departments of the house, certificates and applications, in one transaction of the ward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from node.ground.audit import AuditEvent
from node.ground.texts import Language
from node.readers.application import Application, ApplicationState, NewApplication
from node.readers.departments import Department
from node.readers.errors import ApplicationUnknown
from node.readers.pledge import Certificate
from node.storage.audit import record
from node.storage.ward_standing_tables import application, certificate, department
from node.storage.ward_tables import audit

_EMPTIED = {"name": "", "licence_number": "", "specialty_number": "", "subspecialty": None, "specialist_since": None}


@dataclass(frozen=True, slots=True)
class DepartmentRows:
    """The departments a hospital added, of one transaction."""

    connection: Connection

    def own(self) -> list[Department]:
        """Those that are not the law's, by code."""
        rows = self.connection.execute(select(department).order_by(department.c.code))
        return [Department(row.code, ko=row.ko, en=row.en) for row in rows]

    def load(self, added: Sequence[Department], event: AuditEvent) -> None:
        """The departments are known; one of the same code has the new names."""
        rows = {one.code: asdict(one) for one in added}
        self.connection.execute(delete(department).where(department.c.code.in_(list(rows))))
        if rows:
            self.connection.execute(insert(department), list(rows.values()))
        record(self.connection, audit, event)


@dataclass(frozen=True, slots=True)
class CertificateRows:
    """The certificates of one transaction."""

    connection: Connection

    def issue(self, issued: Certificate, event: AuditEvent) -> None:
        """The certificate is the person's only one for the task."""
        one = (certificate.c.person_id == issued.person_id, certificate.c.task == issued.task)
        self.connection.execute(delete(certificate).where(*one))
        self.connection.execute(insert(certificate).values(**asdict(issued)))
        record(self.connection, audit, event)

    def withdraw(self, person_id: str, task: str, event: AuditEvent) -> bool:
        """The person has no certificate for the task; false when there was none."""
        one = (certificate.c.person_id == person_id, certificate.c.task == task)
        gone = self.connection.execute(delete(certificate).where(*one)).rowcount
        record(self.connection, audit, event)
        return gone > 0

    def all(self) -> list[Certificate]:
        """Every certificate, by person and task."""
        rows = self.connection.execute(select(certificate).order_by(certificate.c.person_id, certificate.c.task))
        return [_certificate(row) for row in rows]

    def confirm(self, person_id: str, task: str, event: AuditEvent) -> bool:
        """The probation of the certificate is over; false when there was none."""
        one = (certificate.c.person_id == person_id, certificate.c.task == task)
        waiting = update(certificate).where(*one, certificate.c.probation_until.is_not(None))
        changed = self.connection.execute(waiting.values(probation_until=None)).rowcount
        record(self.connection, audit, event)
        return changed > 0

    def shorten(self, task: str, until: date, events: Sequence[AuditEvent]) -> None:
        """No certificate of the task holds longer than until that day."""
        longer = update(certificate).where(certificate.c.task == task, certificate.c.valid_until > until)
        self.connection.execute(longer.values(valid_until=until))
        record(self.connection, audit, *events)

    def open_tasks(self, now: datetime) -> Mapping[str, frozenset[str]]:
        """The tasks open today, by labeler."""
        tasks: dict[str, set[str]] = defaultdict(set)
        for one in self.all():
            if one.holds(now):
                tasks[one.person_id].add(one.task)
        return {person_id: frozenset(found) for person_id, found in tasks.items()}


@dataclass(frozen=True, slots=True)
class ApplicationRows:
    """The applications of one transaction."""

    connection: Connection

    def waiting(self) -> int:
        """How many wait."""
        wait = application.c.state == ApplicationState.WAITING.value
        return self.connection.scalar(select(func.count()).select_from(application).where(wait)) or 0

    def add(self, application_id: str, said: NewApplication, event: AuditEvent) -> None:
        """The application waits."""
        values = {**asdict(said), "language": said.language.value, "state": ApplicationState.WAITING.value}
        self.connection.execute(insert(application).values(application_id=application_id, sent_at=event.at, **values))
        record(self.connection, audit, event)

    def by_id(self, application_id: str) -> Application:
        """The application, held until the transaction ends. Raises: ApplicationUnknown."""
        one = select(application).where(application.c.application_id == application_id).with_for_update()
        found = [_application(row) for row in self.connection.execute(one)]
        if not found:
            raise ApplicationUnknown
        return found[0]

    def all(self) -> Iterator[Application]:
        """Those that wait, the oldest first."""
        wait = select(application).where(application.c.state == ApplicationState.WAITING.value)
        return map(_application, self.connection.execute(wait.order_by(application.c.sent_at)))

    def decide(self, application_id: str, state: ApplicationState, event: AuditEvent) -> None:
        """The application is decided, and nothing of what was written stays in it."""
        one = update(application).where(application.c.application_id == application_id)
        self.connection.execute(one.values(state=state.value, **_EMPTIED))
        record(self.connection, audit, event)


def _certificate(row: Row[Any]) -> Certificate:
    return Certificate(
        person_id=row.person_id,
        task=row.task,
        issued_by=row.issued_by,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        course=row.course,
        course_version=row.course_version,
        probation_until=row.probation_until,
    )


def _application(row: Row[Any]) -> Application:
    said = NewApplication(
        name=row.name,
        department=row.department,
        licence_number=row.licence_number,
        specialty_number=row.specialty_number,
        language=Language(row.language),
        subspecialty=row.subspecialty,
        specialist_since=row.specialist_since,
    )
    return Application(row.application_id, said, row.sent_at, ApplicationState(row.state))
