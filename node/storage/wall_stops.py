"""Stops of plans in `wall.db`, read and written inside the transaction of a send or a decision."""

from __future__ import annotations

from sqlalchemy import Connection, and_, insert, select, update

from node.ground.audit import AuditEvent
from node.release.stops import NotStopped, Office, Stop, StopLiftReason
from node.storage.audit import record
from node.storage.wall_tables import audit, plan_stop


def stops_of(connection: Connection, plan_id: str) -> tuple[Stop, ...]:
    """Every stop of a plan, the oldest first."""
    rows = connection.execute(select(plan_stop).where(plan_stop.c.plan_id == plan_id).order_by(plan_stop.c.number))
    return tuple(
        Stop(
            Office(row.office),
            row.stopped_at,
            row.lifted_at,
            None if row.lift_reason is None else StopLiftReason(row.lift_reason),
        )
        for row in rows
    )


def add_stop(connection: Connection, plan_id: str, stop: Stop, event: AuditEvent) -> None:
    """The office's stop stands."""
    connection.execute(insert(plan_stop).values(plan_id=plan_id, office=stop.office.value, stopped_at=stop.stopped_at))
    record(connection, audit, event)


def lift_stop(connection: Connection, plan_id: str, lifted: Stop, event: AuditEvent) -> None:
    """The office's stop stands no more. Raises: NotStopped where none stood."""
    reason = None if lifted.lift_reason is None else lifted.lift_reason.value
    of_office = and_(plan_stop.c.plan_id == plan_id, plan_stop.c.office == lifted.office.value)
    ended = connection.execute(
        update(plan_stop)
        .where(of_office, plan_stop.c.lifted_at.is_(None))
        .values(lifted_at=lifted.lifted_at, lift_reason=reason)
    )
    if ended.rowcount != 1:
        raise NotStopped(f"not stopped by this office: {lifted.office.value}")
    record(connection, audit, event)
