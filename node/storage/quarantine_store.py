"""Quarantine in `intake.db`: what stands there, what people released, what they deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, select, update

from node.flows.quarantine import NotDeletable
from node.ground.audit import AuditEvent
from node.intake.received import IntakeReason, ReceivedState
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import AUDIT, JOB, QUARANTINE_RELEASE, RECEIVED
from node.storage.job_queue import WAITING
from node.storage.received_index import CLEAN_KIND

_DELETED: Final = IntakeReason.DELETED.text_key
_LEGAL_HOLD: Final = IntakeReason.LEGAL_HOLD.text_key
HELD: Final = and_(RECEIVED.c.state == ReceivedState.QUARANTINED.value, RECEIVED.c.reason != _DELETED)
"""The rows that stand in quarantine; a deleted image keeps its row and stands nowhere."""


class QuarantineStore:
    """Implements `HeldImages`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reason_of(self, received_id: str) -> str | None:
        """The key of the reason's text; None where no such image is in quarantine. Raises: StoreFailed."""
        query = select(RECEIVED.c.reason).where(RECEIVED.c.received_id == received_id, HELD)
        with refusing(), reading(self._engine) as connection:
            return connection.scalars(query).first()

    def note(self, event: AuditEvent) -> None:
        """The event is durable. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            record(connection, AUDIT, event)

    def was_noted(self, event: AuditEvent) -> bool:
        """Whether the same actor did the same with the same subject before. Raises: StoreFailed."""
        query = select(AUDIT.c.number).where(
            AUDIT.c.actor_kind == event.actor.kind.value,
            AUDIT.c.actor_id == event.actor.actor_id,
            AUDIT.c.action == event.action,
            AUDIT.c.subject == event.subject,
        )
        with refusing(), reading(self._engine) as connection:
            return connection.scalars(query.limit(1)).first() is not None

    def release(self, received_id: str, overruled: str, event: AuditEvent) -> bool:
        """The image waits again, with a job; False where it does not stand so. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            standing = and_(RECEIVED.c.received_id == received_id, HELD, RECEIVED.c.reason == overruled)
            waiting = {"state": ReceivedState.WAITING.value, "reason": "", "settled_at": None}
            if not _changed(connection, standing, waiting):
                return False
            _remember(connection, received_id, overruled, event)
            queue_cleaning(connection, received_id, event.at)
            record(connection, AUDIT, event)
            return True

    def delete(self, received_id: str, event: AuditEvent) -> bool:
        """The image is deleted; False where it is not in quarantine. Raises: NotDeletable, StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            if connection.scalar(select(RECEIVED.c.protected).where(RECEIVED.c.received_id == received_id)):
                raise NotDeletable("the bytes are protected")
            standing = and_(RECEIVED.c.received_id == received_id, HELD, RECEIVED.c.reason != _LEGAL_HOLD)
            if not _changed(connection, standing, {"reason": _DELETED, "settled_at": event.at}):
                return False
            record(connection, AUDIT, event)
            return True

    def mark_gone(self, received_id: str, event: AuditEvent) -> None:
        """The row says that its bytes are gone. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            connection.execute(
                update(RECEIVED).where(RECEIVED.c.received_id == received_id).values(dropped_at=event.at)
            )
            record(connection, AUDIT, event)


def overruled_reasons(connection: Connection, received_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """What people overruled, as text keys, for those of the images that were ever released."""
    query = select(QUARANTINE_RELEASE.c.received_id, QUARANTINE_RELEASE.c.overruled)
    found: dict[str, set[str]] = {}
    for row in connection.execute(query.where(QUARANTINE_RELEASE.c.received_id.in_(received_ids))):
        found.setdefault(row.received_id, set()).add(row.overruled)
    return {received_id: frozenset(reasons) for received_id, reasons in found.items()}


def _changed(connection: Connection, standing: ColumnElement[bool], values: Mapping[str, object]) -> bool:
    return connection.execute(update(RECEIVED).where(standing).values(**values)).rowcount == 1


def _remember(connection: Connection, received_id: str, overruled: str, event: AuditEvent) -> None:
    """The release stands once for a reason: an image that is tried again was released for it before."""
    own = and_(QUARANTINE_RELEASE.c.received_id == received_id, QUARANTINE_RELEASE.c.overruled == overruled)
    values = {"reason": event.reason, "person_id": event.actor.actor_id, "released_at": event.at}
    if connection.execute(update(QUARANTINE_RELEASE).where(own).values(**values)).rowcount == 0:
        row = values | {"received_id": received_id, "overruled": overruled}
        connection.execute(insert(QUARANTINE_RELEASE).values(**row))


def queue_cleaning(connection: Connection, received_id: str, due_at: datetime) -> None:
    """A job of the image is due: its dead letter is taken up again, or it gets a new one."""
    job = {"state": WAITING, "attempt": 0, "holder": "", "due_at": due_at, "code": ""}
    own = and_(JOB.c.kind == CLEAN_KIND, JOB.c.subject == received_id)
    if connection.execute(update(JOB).where(own).values(**job)).rowcount == 0:
        connection.execute(insert(JOB).values(kind=CLEAN_KIND, subject=received_id, **job))
