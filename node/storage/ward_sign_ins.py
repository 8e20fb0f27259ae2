"""Log-in codes, sessions and failed attempts, in one transaction of the ward; secrets are there as digests only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from node.ground.audit import AuditEvent
from node.readers.session import Proof, Session
from node.readers.throttle import FORGOTTEN_AFTER, Attempts
from node.storage.audit import record
from node.storage.ward_people import person_of
from node.storage.ward_tables import audit, login_code, person, session, sign_in_attempt

# Built once: every request runs it.
RUNNING_SESSION = (
    select(person, session.c.proof, session.c.expires_at)
    .join_from(session, person)
    .where(session.c.digest == bindparam("of_digest"), session.c.expires_at > bindparam("now"), person.c.active)
)


@dataclass(frozen=True, slots=True)
class CodeRows:
    """One-time log-in codes of one transaction."""

    connection: Connection

    def add_code(self, digest: str, person_id: str, expires_at: datetime, event: AuditEvent) -> None:
        """The code is the only one of its person; an earlier one no longer works."""
        self.connection.execute(delete(login_code).where(login_code.c.person_id == person_id))
        self.connection.execute(insert(login_code).values(digest=digest, person_id=person_id, expires_at=expires_at))
        record(self.connection, audit, event)

    def use_code(self, digest: str, now: datetime) -> str | None:
        """The person the code belongs to, or none for an unknown, used or expired one; it works no second time."""
        spent = delete(login_code).where(login_code.c.digest == digest)
        row = self.connection.execute(spent.returning(login_code.c.person_id, login_code.c.expires_at)).one_or_none()
        return row.person_id if row is not None and now < row.expires_at else None


@dataclass(frozen=True, slots=True)
class SessionRows:
    """Sessions of one transaction."""

    connection: Connection

    def open_session(self, opened: Session, event: AuditEvent) -> None:
        """The session is stored, and those that ended by now are gone."""
        self.connection.execute(delete(session).where(session.c.expires_at <= event.at))
        self.connection.execute(
            insert(session).values(
                digest=opened.digest,
                person_id=opened.person.person_id,
                proof=opened.proof.value,
                expires_at=opened.expires_at,
            )
        )
        record(self.connection, audit, event)

    def find_session(self, digest: str, now: datetime) -> Session | None:
        """The session of an active person that runs now, or none."""
        row = self.connection.execute(RUNNING_SESSION, {"of_digest": digest, "now": now}).one_or_none()
        return None if row is None else Session(digest, person_of(row), Proof(row.proof), row.expires_at)

    def end_session(self, digest: str, event: AuditEvent) -> None:
        """The session is gone."""
        self.connection.execute(delete(session).where(session.c.digest == digest))
        record(self.connection, audit, event)

    def end_sessions_of(self, person_id: str, *, but: str = "") -> None:
        """Every session of the person is gone, except the one of this digest."""
        self.connection.execute(delete(session).where(session.c.person_id == person_id, session.c.digest != but))


@dataclass(frozen=True, slots=True)
class AttemptRows:
    """Failed attempts to sign in, of one transaction."""

    connection: Connection

    def attempts(self, key: str) -> Attempts | None:
        """Failures under a key, and when the last was."""
        counted = select(func.count(), func.max(sign_in_attempt.c.at)).where(sign_in_attempt.c.key == key)
        failures, last_at = self.connection.execute(counted).one()
        return Attempts(failures, last_at) if failures else None

    def charge(self, key: str, now: datetime) -> None:
        """One more failure is held against the key; those long forgotten are gone."""
        self.connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.at < now - FORGOTTEN_AFTER))
        self.connection.execute(insert(sign_in_attempt).values(key=key, at=now))

    def forgive(self, key: str) -> None:
        """Nothing is held against the key."""
        self.connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.key == key))
