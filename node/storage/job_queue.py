"""Jobs in `intake.db`: waiting, leased or dead. A lease that ran out makes the job due again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, Select, and_, or_, select, update

from node.flows.jobs import Job, Lease, PutBack
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import JOB

WAITING, LEASED, DEAD = "waiting", "leased", "dead"


class JobQueueStore:
    """Implements `JobQueue`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lease(self, kind: str, limit: int, lease: Lease) -> tuple[Job, ...]:
        """Up to `limit` due jobs, oldest first, each one attempt older. Raises: StoreFull, StoreFailed."""
        due = _due(kind, lease.now).limit(limit)
        with refusing():
            with reading(self._engine) as connection:
                if connection.execute(due.limit(1)).first() is None:
                    return ()
            with writing(self._engine) as connection:
                rows = connection.execute(due.with_for_update(skip_locked=True)).all()
                connection.execute(
                    update(JOB)
                    .where(JOB.c.number.in_([row.number for row in rows]))
                    .values(state=LEASED, holder=lease.holder, due_at=lease.until, attempt=JOB.c.attempt + 1)
                )
        return tuple(Job(row.number, row.kind, row.subject, row.attempt + 1) for row in rows)

    def put_back(self, jobs: Sequence[PutBack]) -> None:
        """The jobs wait until they are due. Raises: StoreFull, StoreFailed."""
        if not jobs:
            return
        with refusing(), writing(self._engine) as connection:
            for job in jobs:
                attempt = JOB.c.attempt if job.counted else JOB.c.attempt - 1
                connection.execute(
                    update(JOB)
                    .where(JOB.c.number == job.number, JOB.c.state == LEASED)
                    .values(state=WAITING, holder="", due_at=job.due_at, code=job.code[:64], attempt=attempt)
                )

    def release(self, holder: str, now: datetime) -> int:
        """What the holder held is due at once. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            return connection.execute(
                update(JOB)
                .where(JOB.c.state == LEASED, JOB.c.holder == holder)
                .values(state=WAITING, holder="", due_at=now)
            ).rowcount


def _due(kind: str, now: datetime) -> Select[tuple[int, str, str, int]]:
    ready = or_(JOB.c.state == WAITING, JOB.c.state == LEASED)
    return (
        select(JOB.c.number, JOB.c.kind, JOB.c.subject, JOB.c.attempt)
        .where(and_(JOB.c.kind == kind, ready, JOB.c.due_at <= now))
        .order_by(JOB.c.number)
    )
