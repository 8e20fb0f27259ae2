"""The audit table every database carries, and the one way into it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.storage.moments import Moment


def audit_table(metadata: MetaData) -> Table:
    """The table of audit events, in the metadata of one database."""
    return Table(
        "audit_event",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("at", Moment(), nullable=False),
        Column("actor_kind", String(16), nullable=False),
        Column("actor_id", String(64), nullable=False),
        Column("action", String(64), nullable=False, index=True),
        Column("subject", String(128), nullable=False, index=True),
        Column("reason", String(64), nullable=False),
    )


def record(connection: Connection, table: Table, *recorded: AuditEvent) -> None:
    """The events are part of the connection's transaction."""
    rows = [
        {
            "at": event.at,
            "actor_kind": event.actor.kind.value,
            "actor_id": event.actor.actor_id,
            "action": event.action,
            "subject": event.subject,
            "reason": event.reason,
        }
        for event in recorded
    ]
    if rows:
        connection.execute(insert(table), rows)


def events(
    connection: Connection, table: Table, *, limit: int = 200, actor_kind: ActorKind | None = None
) -> Iterator[AuditEvent]:
    """The latest events, newest first; those of one kind of actor where one is named."""
    query = select(table) if actor_kind is None else select(table).where(table.c.actor_kind == actor_kind.value)
    for row in connection.execute(query.order_by(table.c.number.desc()).limit(limit)):
        actor = Actor(ActorKind(row.actor_kind), row.actor_id)
        yield AuditEvent(at=row.at, actor=actor, action=row.action, subject=row.subject, reason=row.reason)
