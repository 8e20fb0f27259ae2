"""People, their roles and their passwords, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from node.ground.audit import AuditEvent
from node.ground.texts import Language
from node.readers.errors import PersonUnknown
from node.readers.person import NewPerson, Person, name_key
from node.readers.roles import Role
from node.storage.audit import record
from node.storage.ward_tables import audit, person


@dataclass(frozen=True, slots=True)
class PeopleRows:
    """The people of one transaction."""

    connection: Connection

    def add(self, person_id: str, new: NewPerson, event: AuditEvent) -> None:
        """The person is stored."""
        self.connection.execute(
            insert(person).values(
                person_id=person_id,
                name=new.name,
                name_key=name_key(new.name),
                roles=",".join(sorted(new.roles)),
                department=new.department,
                language=new.language.value,
                licence_verified=new.licence_verified,
                active=True,
                added_at=event.at,
            )
        )
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
        """Roles, department, language, licence and activity are the person's new ones."""
        self.connection.execute(
            update(person)
            .where(person.c.person_id == changed.person_id)
            .values(
                roles=",".join(sorted(changed.roles)),
                department=changed.department,
                language=changed.language.value,
                licence_verified=changed.licence_verified,
                active=changed.active,
            )
        )
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
        licence_verified=row.licence_verified,
        active=row.active,
    )
