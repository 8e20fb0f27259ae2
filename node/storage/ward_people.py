"""People, their roles and their passwords, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from node.ground.audit import AuditEvent
from node.ground.texts import Language
from node.readers.errors import PersonUnknown
from node.readers.licence import Licence
from node.readers.person import Person, name_key
from node.readers.pledge import Pledge
from node.readers.roles import Role
from node.storage.audit import record
from node.storage.ward_tables import audit, person


@dataclass(frozen=True, slots=True)
class PeopleRows:
    """The people of one transaction."""

    connection: Connection

    def add(self, added: Person, event: AuditEvent) -> None:
        """The person is stored."""
        names = {"person_id": added.person_id, "name": added.name, "name_key": name_key(added.name)}
        self.connection.execute(insert(person).values(**names, added_at=event.at, **_standing(added)))
        record(self.connection, audit, event)

    def by_id(self, person_id: str) -> Person:
        """The person of this identifier.

        Raises:
            PersonUnknown: there is none.
        """
        row = self.connection.execute(select(person).where(person.c.person_id == person_id)).one_or_none()
        if row is None:
            raise PersonUnknown("no such person")
        return person_of(row)

    def by_name(self, name: str) -> Person | None:
        """The person who signs in with this name, or none."""
        row = self.connection.execute(select(person).where(person.c.name_key == name_key(name))).one_or_none()
        return None if row is None else person_of(row)

    def all(self) -> Iterator[Person]:
        """Everyone, by name."""
        return map(person_of, self.connection.execute(select(person).order_by(person.c.name_key, person.c.person_id)))


@dataclass(frozen=True, slots=True)
class CredentialRows:
    """What people may do and how they prove themselves, in one transaction."""

    connection: Connection

    def change(self, changed: Person, event: AuditEvent) -> None:
        """Everything but name and identifier is the person's new one."""
        one = update(person).where(person.c.person_id == changed.person_id)
        self.connection.execute(one.values(**_standing(changed)))
        record(self.connection, audit, event)

    def password_digest(self, person_id: str) -> str | None:
        """What is stored of the person's password, if one was set."""
        return self.connection.scalar(select(person.c.password_digest).where(person.c.person_id == person_id))

    def set_password(self, person_id: str, digest: str, event: AuditEvent) -> None:
        """The person's password is this one."""
        self.connection.execute(update(person).where(person.c.person_id == person_id).values(password_digest=digest))
        record(self.connection, audit, event)


def person_of(row: Row[Any]) -> Person:
    """The person a row of the table holds."""
    return Person(
        person_id=row.person_id,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles.split(",") if role),
        department=row.department,
        language=Language(row.language),
        active=row.active,
        licence=_licence_of(row),
        subspecialty=row.subspecialty,
        specialist_since=row.specialist_since,
        pledge=None if row.pledge_version is None else Pledge(row.pledge_version, row.pledged_at),
    )


def _licence_of(row: Row[Any]) -> Licence | None:
    """A former release says only that it was verified, or no longer: without a day it does not hold."""
    if not row.licence_verified or row.licence_until is None:
        return None
    return Licence(
        licence_number=row.licence_number,
        specialty_number=row.specialty_number,
        valid_until=row.licence_until,
        checked_by=row.licence_checked_by,
        checked_at=row.licence_checked_at,
    )


def _standing(one: Person) -> dict[str, object]:
    licence, pledge = one.licence, one.pledge
    return {
        "roles": ",".join(sorted(one.roles)),
        "department": one.department,
        "language": one.language.value,
        "active": one.active,
        "licence_verified": licence is not None,
        "licence_number": None if licence is None else licence.licence_number,
        "specialty_number": None if licence is None else licence.specialty_number,
        "licence_until": None if licence is None else licence.valid_until,
        "licence_checked_by": None if licence is None else licence.checked_by,
        "licence_checked_at": None if licence is None else licence.checked_at,
        "subspecialty": one.subspecialty,
        "specialist_since": one.specialist_since,
        "pledge_version": None if pledge is None else pledge.version,
        "pledged_at": None if pledge is None else pledge.signed_at,
    }
