"""The ward's audit events, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from node.ground.audit import AuditEvent
from node.storage.audit import events, record
from node.storage.ward_tables import audit


@dataclass(frozen=True, slots=True)
class AuditRows:
    """The audit trail of one transaction."""

    connection: Connection

    def record(self, event: AuditEvent) -> None:
        """The event is stored; for acts that change no other row."""
        record(self.connection, audit, event)

    def moments(self, action: str, subject: str) -> list[datetime]:
        """When this was done to it, the latest first."""
        done = select(audit.c.at).where(audit.c.action == action, audit.c.subject == subject)
        return list(self.connection.scalars(done.order_by(audit.c.number.desc())))

    def latest(self, limit: int) -> list[AuditEvent]:
        """The latest events, the newest first."""
        return list(events(self.connection, audit, limit=limit))
