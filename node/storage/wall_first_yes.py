"""First yeses in `wall.db`: at most one a plan waits for its second."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, insert, select

from node.ground.audit import AuditEvent
from node.release.wish import ApprovalWish, FirstYes
from node.storage.audit import record
from node.storage.wall_tables import audit, first_yes

_WISH = TypeAdapter(ApprovalWish)


def first_yes_of(connection: Connection, plan_id: str) -> FirstYes | None:
    """The first yes of a plan that waits."""
    row = connection.execute(select(first_yes).where(first_yes.c.plan_id == plan_id)).one_or_none()
    return None if row is None else _read(row)


def keep_first_yes(connection: Connection, plan_id: str, first: FirstYes, event: AuditEvent) -> None:
    """This first yes waits, and no other of its plan."""
    end_first_yes(connection, plan_id)
    connection.execute(
        insert(first_yes).values(
            plan_id=plan_id,
            yes_id=first.yes_id,
            offer_sha256=first.wish.offer_sha256,
            person_id=first.person_id,
            body=_WISH.dump_json(first.wish).decode("utf-8"),
            said_at=first.said_at,
        )
    )
    record(connection, audit, event)


def take_first_yes(connection: Connection, plan_id: str, event: AuditEvent) -> FirstYes | None:
    """The first yes that waited, which waits no more; where there was none, nothing happened."""
    first = first_yes_of(connection, plan_id)
    if first is not None:
        end_first_yes(connection, plan_id)
        record(connection, audit, event)
    return first


def end_first_yes(connection: Connection, plan_id: str) -> None:
    """No first yes of the plan waits."""
    connection.execute(delete(first_yes).where(first_yes.c.plan_id == plan_id))


def _read(row: Row[Any]) -> FirstYes:
    return FirstYes(row.yes_id, _WISH.validate_json(row.body), row.person_id, row.said_at)
