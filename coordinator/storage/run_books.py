"""The books of runs: runs, attempts at rounds, answers and measurements."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, update

from coordinator.ground.audit import AuditEvent
from coordinator.rounds.run import Answer, Measurement, RoundAttempt, Run, RunMember
from coordinator.storage import tables
from coordinator.storage.rows import columns_of, keep, of, record, values


class RunBook:
    """Runs; the table allows at most one live run of a plan."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, run: Run, event: AuditEvent) -> None:
        """The run is kept."""
        keep(self._connection, tables.run, run, live_plan_id=_live_plan(run))
        record(self._connection, event)

    def save(self, run: Run, event: AuditEvent) -> None:
        """The run is as given."""
        changed = update(tables.run).where(tables.run.c.run_id == run.run_id)
        self._connection.execute(changed.values(**columns_of(run), live_plan_id=_live_plan(run)))
        record(self._connection, event)

    def find(self, run_id: str) -> Run | None:
        """The run, or none."""
        query = of(Run, tables.run).where(tables.run.c.run_id == run_id)
        return next(iter(values(self._connection, Run, query)), None)

    def all(self) -> tuple[Run, ...]:
        """Every run, the latest first."""
        return values(self._connection, Run, of(Run, tables.run).order_by(tables.run.c.number.desc()))

    def members(self, run_id: str) -> tuple[str, ...]:
        """The sites a secure run began with, ascending; none before they were fixed."""
        query = of(RunMember, tables.run_member).where(tables.run_member.c.run_id == run_id)
        return tuple(sorted(held.site_id for held in values(self._connection, RunMember, query)))

    def fix_members(self, run_id: str, site_ids: Iterable[str], event: AuditEvent) -> None:
        """These are the run's members until it ends."""
        for site_id in site_ids:
            keep(self._connection, tables.run_member, RunMember(run_id, site_id))
        record(self._connection, event)


class RoundBook:
    """Attempts at rounds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, attempt: RoundAttempt, event: AuditEvent) -> None:
        """The attempt is kept."""
        keep(self._connection, tables.round_attempt, attempt)
        record(self._connection, event)

    def save(self, attempt: RoundAttempt, event: AuditEvent) -> None:
        """The attempt is as given."""
        held = tables.round_attempt
        named = (
            (held.c.run_id == attempt.run_id) & (held.c.round == attempt.round) & (held.c.attempt == attempt.attempt)
        )
        self._connection.execute(update(held).where(named).values(**columns_of(attempt)))
        record(self._connection, event)

    def of_run(self, run_id: str) -> tuple[RoundAttempt, ...]:
        """Every attempt of a run, by round and attempt."""
        held = tables.round_attempt
        query = of(RoundAttempt, held).where(held.c.run_id == run_id)
        return values(self._connection, RoundAttempt, query.order_by(held.c.round, held.c.attempt))


class AnswerBook:
    """What sites answered and measured; written once, never changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, answers: Iterable[Answer], measurements: Iterable[Measurement]) -> None:
        """Answers and measurements are kept."""
        for answer in answers:
            keep(self._connection, tables.answer, answer)
        for measurement in measurements:
            keep(self._connection, tables.measurement, measurement)

    def of_run(self, run_id: str) -> tuple[Answer, ...]:
        """Every answer in a run, in the order they were kept."""
        query = of(Answer, tables.answer).where(tables.answer.c.run_id == run_id)
        return values(self._connection, Answer, query.order_by(tables.answer.c.number))

    def measurements(self, run_id: str) -> tuple[Measurement, ...]:
        """Every measurement in a run, in the order they were kept."""
        query = of(Measurement, tables.measurement).where(tables.measurement.c.run_id == run_id)
        return values(self._connection, Measurement, query.order_by(tables.measurement.c.number))


def _live_plan(run: Run) -> str | None:
    return run.plan_id if run.live else None
