"""What people do with pulls: save, begin, stop, look, and try again what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Update, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from node.flows.pull import FIND_KIND, STUDY_KIND
from node.flows.pull_ports import DeadStudy, Pull, PullProgress, PullState, StudyState
from node.ground.audit import AuditEvent
from node.intake.cohort_query import written
from node.intake.errors import PullNameTaken, PullUnknown
from node.intake.sealing import Sealer
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import AUDIT, JOB
from node.storage.job_queue import LEASED, WAITING
from node.storage.pull_store import HELD, job_row, jobs_of
from node.storage.pull_tables import PULL, PULL_STUDY


class PullDeskStore:
    """The desk of one node's pulls."""

    def __init__(self, engine: Engine, identities: Sealer) -> None:
        self._engine = engine
        self._identities = identities

    def save(self, pull: Pull, event: AuditEvent) -> None:
        """The pull is saved. Raises: PullNameTaken, StoreFull, StoreFailed."""
        row = {
            "pull_id": pull.pull_id, "name": pull.name, "source": pull.source, "state": pull.state.value, "code": "",
            "sealed_query": self._identities.seal(written(pull.query), bound_to=f"pull:{pull.pull_id}"),
            "saved_at": event.at,
        }  # fmt: skip
        with refusing(), writing(self._engine) as connection:
            try:
                connection.execute(insert(PULL).values(**row))
            except IntegrityError:
                raise PullNameTaken(name=pull.name) from None
            record(connection, AUDIT, event)

    def begin(self, pull_id: str, event: AuditEvent) -> None:
        """The source will be asked, and what waits is due. Raises: StoreFull, StoreFailed."""
        asks, fetches = jobs_of(pull_id)
        due = {"state": WAITING, "due_at": event.at}
        with refusing(), writing(self._engine) as connection:
            connection.execute(_of(pull_id).values(state=PullState.ASKING.value, code=""))
            connection.execute(update(JOB).where(or_(asks, fetches), JOB.c.state != LEASED).values(**due))
            if connection.scalar(select(JOB.c.number).where(asks)) is None:
                connection.execute(insert(JOB).values(**job_row(FIND_KIND, pull_id, event)))
            record(connection, AUDIT, event)

    def stop(self, pull_id: str, event: AuditEvent) -> None:
        """Nothing more is begun for the pull. Raises: StoreFull, StoreFailed."""
        asks, fetches = jobs_of(pull_id)
        with refusing(), writing(self._engine) as connection:
            connection.execute(_of(pull_id).values(state=PullState.STOPPED.value))
            connection.execute(update(JOB).where(or_(asks, fetches)).values(state=HELD, holder=""))
            record(connection, AUDIT, event)

    def try_again(self, pull_id: str, event: AuditEvent) -> int:
        """Every study that was given up waits again; returns how many. Raises: StoreFull, StoreFailed."""
        dead = (PULL_STUDY.c.pull_id == pull_id) & (PULL_STUDY.c.state == StudyState.DEAD.value)
        with refusing(), writing(self._engine) as connection:
            study_ids = connection.scalars(select(PULL_STUDY.c.study_id).where(dead)).all()
            if study_ids:
                connection.execute(update(PULL_STUDY).where(dead).values(state=StudyState.WAITING.value, attempts=0))
                connection.execute(insert(JOB), [job_row(STUDY_KIND, study_id, event) for study_id in study_ids])
                record(connection, AUDIT, event)
        return len(study_ids)

    def id_of(self, name: str) -> str:
        """The identifier of a pull. Raises: PullUnknown, StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            found: str | None = connection.scalar(select(PULL.c.pull_id).where(PULL.c.name == name))
        if found is None:
            raise PullUnknown(name=name)
        return found

    def progress(self, name: str | None = None) -> Sequence[PullProgress]:
        """How every pull stands, or the one of that name. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            pulls = select(PULL).order_by(PULL.c.saved_at, PULL.c.name)
            rows = connection.execute(pulls if name is None else pulls.where(PULL.c.name == name)).all()
            return [_progress(connection, row) for row in rows]

    def dead(self, pull_id: str, limit: int = 200) -> Sequence[DeadStudy]:
        """The studies that were given up. Raises: StoreFailed."""
        given_up = (PULL_STUDY.c.pull_id == pull_id) & (PULL_STUDY.c.state == StudyState.DEAD.value)
        query = select(PULL_STUDY).where(given_up).order_by(PULL_STUDY.c.number).limit(limit)
        with refusing(), reading(self._engine) as connection:
            return [
                DeadStudy(row.number, row.code, row.attempts, row.expected, row.arrived)
                for row in connection.execute(query)
            ]


def _of(pull_id: str) -> Update:
    return update(PULL).where(PULL.c.pull_id == pull_id)


def _progress(connection: Connection, row: Row[Any]) -> PullProgress:
    counted = [
        func.coalesce(func.sum(case((PULL_STUDY.c.state == state.value, 1), else_=0)), 0)
        for state in (StudyState.WAITING, StudyState.DONE, StudyState.DEAD)
    ]
    images = [func.coalesce(func.sum(column), 0) for column in (PULL_STUDY.c.expected, PULL_STUDY.c.arrived)]
    found = connection.execute(select(*counted, *images).where(PULL_STUDY.c.pull_id == row.pull_id)).one()
    return PullProgress(row.name, row.source, PullState(row.state), row.code, *map(int, found))
