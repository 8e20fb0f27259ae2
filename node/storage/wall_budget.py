"""The budget in `wall.db`: a reservation is durable before any work, and two requests can never take the same room."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, and_, func, insert, select

from node.ground.audit import AuditEvent
from node.release.asked import Asked
from node.release.budget import Reservation, Spent, check_room
from node.storage.audit import record
from node.storage.engine import writing
from node.storage.wall_tables import approval, audit, reservation
from protocols.approvals import Approval
from protocols.plans import Privacy


class WallBudget:
    """Implements `Budget`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reserve(self, asked: Asked, given: Approval, event: AuditEvent, *, privacy: Privacy) -> Reservation:
        """Room for one exchange, durably, or the room it has already.

        Raises:
            AttemptOutdated, ModelRefused, BudgetExhausted: there is none.
        """
        with writing(self._engine) as connection:
            _one_at_a_time(connection, given)
            spent = _spent(connection, asked)
            check_room(asked, spent, given.bounds)
            if spent.latest_attempt < asked.attempt:
                _insert(connection, asked, given, event, privacy=privacy)
            return Reservation(asked=asked, approval_id=given.approval_id, privacy=privacy)


def _one_at_a_time(connection: Connection, given: Approval) -> None:
    """Reservations of a plan wait for each other here (PostgreSQL; SQLite has one writer anyway)."""
    connection.execute(
        select(approval.c.approval_id).where(approval.c.approval_id == given.approval_id).with_for_update()
    )


def _spent(connection: Connection, asked: Asked) -> Spent:
    of_plan = and_(reservation.c.plan_id == asked.plan_id, reservation.c.exchange == asked.exchange.value)
    this_round = and_(of_plan, reservation.c.run_id == asked.run_id, reservation.c.round == asked.round)
    rounds = select(reservation.c.run_id, reservation.c.round).where(of_plan).distinct().subquery()
    counted = connection.scalar(select(func.count()).select_from(rounds)) or 0
    latest = connection.execute(
        select(reservation.c.attempt, reservation.c.model_sha256)
        .where(this_round)
        .order_by(reservation.c.attempt.desc())
        .limit(1)
    ).one_or_none()
    if latest is None:
        return Spent(other_rounds=counted, latest_attempt=0, round_model_sha256=None)
    return Spent(counted - 1, latest.attempt, latest.model_sha256)


def _insert(connection: Connection, asked: Asked, given: Approval, event: AuditEvent, *, privacy: Privacy) -> None:
    connection.execute(
        insert(reservation).values(
            plan_id=asked.plan_id,
            run_id=asked.run_id,
            exchange=asked.exchange.value,
            round=asked.round,
            attempt=asked.attempt,
            approval_id=given.approval_id,
            model_sha256=asked.model_sha256,
            privacy=privacy.model_dump_json(),
            reserved_at=event.at,
        )
    )
    record(connection, audit, event)
