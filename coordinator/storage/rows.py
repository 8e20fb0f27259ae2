"""Frozen values to rows and back: a value's fields are a table's columns, nothing more and nothing renamed."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, insert, select

from coordinator.ground.audit import AuditEvent
from coordinator.storage.tables import audit_event

V = TypeVar("V")


def columns_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass by name."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def keep(connection: Connection, table: Table, value: Any, **more: Any) -> None:
    """The value is a new row of the table."""
    connection.execute(insert(table).values(**columns_of(value), **more))


def values(connection: Connection, kind: type[V], query: Select[Any]) -> tuple[V, ...]:
    """The rows of the query as values; the query selects with `of`."""
    return tuple(kind(**row) for row in connection.execute(query).mappings())


def of(kind: type[Any], table: Table) -> Select[Any]:
    """A query for the columns that make up this kind of value."""
    return select(*(table.c[field.name] for field in fields(kind)))


def record(connection: Connection, event: AuditEvent) -> None:
    """The event is part of the connection's transaction."""
    connection.execute(
        insert(audit_event).values(
            at=event.at,
            actor_kind=event.actor.kind.value,
            actor_id=event.actor.actor_id,
            action=event.action,
            subject=event.subject,
            reason=event.reason,
        )
    )
