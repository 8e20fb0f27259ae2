"""The ward's audit events, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

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

    def latest(self, limit: int) -> list[AuditEvent]:
        """The latest events, the newest first."""
        return list(events(self.connection, audit, limit=limit))
