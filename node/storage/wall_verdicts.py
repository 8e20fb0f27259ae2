"""Frozen cohorts and benefit verdicts in `wall.db`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from node.flows.benefit import VerdictTask
from node.flows.cohort import FrozenCohort
from node.flows.desk_ports import HeldVerdict, VerdictState
from node.ground.audit import AuditEvent
from node.release.asked import Asked
from node.storage.audit import record
from node.storage.engine import reading, writing
from node.storage.wall_tables import audit, cohort, verdict
from node.training.benefit import Benefit, BenefitVerdict, Comparison, Unmeasurable


class WallCohorts:
    """Implements `CohortBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def frozen(self, plan_id: str) -> FrozenCohort | None:
        """The plan's cohort."""
        with reading(self._engine) as connection:
            row = connection.execute(select(cohort).where(cohort.c.plan_id == plan_id)).one_or_none()
            if row is None:
                return None
            return FrozenCohort(row.plan_id, row.rows_sha256, row.cases, row.training_cases, row.frozen_at)

    def freeze(self, frozen: FrozenCohort, event: AuditEvent) -> None:
        """The plan's cohort is recorded, in place of an interrupted one."""
        with writing(self._engine) as connection:
            connection.execute(delete(cohort).where(cohort.c.plan_id == frozen.plan_id))
            connection.execute(
                insert(cohort).values(
                    plan_id=frozen.plan_id,
                    rows_sha256=frozen.rows_sha256,
                    cases=frozen.cases,
                    training_cases=frozen.training_cases,
                    frozen_at=frozen.frozen_at,
                )
            )
            record(connection, audit, event)


class WallVerdicts:
    """Implements `VerdictQueue`, `VerdictBook` and `VerdictsSeen`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, asked: Asked, event: AuditEvent) -> None:
        """The run's verdict is waiting to be reached, or was asked for already."""
        with writing(self._engine) as connection:
            known = connection.scalar(select(verdict.c.run_id).where(verdict.c.run_id == asked.run_id))
            if known is not None:
                return
            connection.execute(
                insert(verdict).values(
                    run_id=asked.run_id,
                    plan_id=asked.plan_id,
                    state=VerdictState.WAITING.value,
                    asked_at=event.at,
                    tries=0,
                )
            )
            record(connection, audit, event)

    def next_waiting(self) -> VerdictTask | None:
        """The verdict that waits longest; asking counts as a try."""
        waiting = verdict.c.state == VerdictState.WAITING.value
        found = select(verdict).where(waiting).order_by(verdict.c.asked_at, verdict.c.run_id).limit(1)
        with writing(self._engine) as connection:
            row = connection.execute(found.with_for_update()).one_or_none()
            if row is None:
                return None
            connection.execute(update(verdict).where(verdict.c.run_id == row.run_id).values(tries=row.tries + 1))
            return VerdictTask(row.run_id, row.plan_id, row.tries + 1)

    def reached(self, task: VerdictTask, reached: BenefitVerdict, event: AuditEvent) -> None:
        """The run has its verdict."""
        compared = reached.comparison
        figures = {} if compared is None else {name: getattr(compared, name) for name in _FIGURES}
        self._settle(
            task,
            event,
            state=VerdictState.REACHED.value,
            reached_at=event.at,
            benefit=reached.benefit.value,
            reason=None if reached.reason is None else reached.reason.value,
            cases=reached.cases,
            patients=reached.patients,
            **figures,
        )

    def given_up(self, task: VerdictTask, event: AuditEvent) -> None:
        """No verdict will be reached for the run; people see that it failed."""
        self._settle(task, event, state=VerdictState.FAILED.value, reached_at=event.at)

    def verdicts(self) -> list[HeldVerdict]:
        """Every verdict, the latest asked for first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(verdict).order_by(verdict.c.asked_at.desc(), verdict.c.run_id))
            return [_held(row) for row in rows]

    def _settle(self, task: VerdictTask, event: AuditEvent, **values: object) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(verdict).where(verdict.c.run_id == task.run_id).values(**values))
            record(connection, audit, event)


_FIGURES = ("own_auc", "federated_auc", "low", "high", "smallest_detectable")


def _held(row: Row[Any]) -> HeldVerdict:
    state = VerdictState(row.state)
    reached = None
    if state is VerdictState.REACHED:
        measured = row.own_auc is not None
        comparison = Comparison(**{name: getattr(row, name) for name in _FIGURES}) if measured else None
        reason = None if row.reason is None else Unmeasurable(row.reason)
        reached = BenefitVerdict(Benefit(row.benefit), row.cases, row.patients, comparison, reason)
    return HeldVerdict(row.run_id, row.plan_id, state, row.asked_at, row.reached_at, reached)
