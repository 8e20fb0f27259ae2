"""Pulls, their studies and their jobs in `intake.db`: a study and its job begin and end in one transaction.

A stopped pull's jobs are held: they are there and nobody leases them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from node.flows.pull import FIND_KIND, STUDY_KIND
from node.flows.pull_ports import FoundStudy, Pull, PullState, PullStudy, StudyEnd, StudyState, Tally
from node.ground.audit import AuditEvent
from node.intake.cohort_query import read
from node.intake.sealing import Sealer
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import AUDIT, JOB, RECEIVED
from node.storage.job_queue import WAITING
from node.storage.pull_tables import PULL, PULL_STUDY

HELD = "held"
_AT_ONCE = 500


class PullBookStore:
    """Implements `PullBook`."""

    def __init__(self, engine: Engine, identities: Sealer) -> None:
        self._engine = engine
        self._identities = identities

    def pull(self, pull_id: str) -> Pull:
        """The saved pull of an identifier. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            row = connection.execute(select(PULL).where(PULL.c.pull_id == pull_id)).one()
        query = read(self._identities.open(row.sealed_query, bound_to=f"pull:{row.pull_id}"))
        return Pull(row.pull_id, row.name, row.source, query, PullState(row.state))

    def study(self, study_id: str) -> PullStudy:
        """A study with its pull. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            row = connection.execute(select(PULL_STUDY).where(PULL_STUDY.c.study_id == study_id)).one()
        return PullStudy(study_id, row.sealed_uid, self.pull(row.pull_id))

    def add_found(self, pull: Pull, studies: Sequence[FoundStudy], event: AuditEvent) -> int:
        """The new ones among the studies wait to be fetched; returns how many. Raises: StoreFull, StoreFailed."""
        wanted = [study.study_lookup for study in studies]
        known = select(PULL_STUDY.c.study_lookup).where(
            PULL_STUDY.c.pull_id == pull.pull_id, PULL_STUDY.c.study_lookup.in_(wanted)
        )
        with refusing(), writing(self._engine) as connection:
            there = frozenset(connection.scalars(known))
            state = connection.scalars(select(PULL.c.state).where(PULL.c.pull_id == pull.pull_id)).one()
            new = [study for study in studies if study.study_lookup not in there]
            if new:
                connection.execute(insert(PULL_STUDY), [_study_row(pull, study) for study in new])
                held = HELD if state == PullState.STOPPED.value else WAITING
                connection.execute(insert(JOB), [job_row(STUDY_KIND, one.study_id, event, held) for one in new])
                record(connection, AUDIT, event)
        return len(new)

    def end_asking(self, pull: Pull, job_number: int, state: PullState, event: AuditEvent) -> None:
        """The query was answered, or given up; its job is over. Raises: StoreFull, StoreFailed."""
        asking = update(PULL).where(PULL.c.pull_id == pull.pull_id, PULL.c.state == PullState.ASKING.value)
        with refusing(), writing(self._engine) as connection:
            connection.execute(asking.values(state=state.value, code=event.reason[:64]))
            connection.execute(delete(JOB).where(JOB.c.number == job_number))
            record(connection, AUDIT, event)

    def note(self, study_id: str, tally: Tally) -> None:
        """How far the study came in an attempt that failed. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            _note(connection, study_id, tally, StudyState.WAITING)

    def end_study(self, study_id: str, job_number: int, end: StudyEnd) -> None:
        """The study is done or given up; its job is over. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            _note(connection, study_id, end.tally, end.state)
            connection.execute(delete(JOB).where(JOB.c.number == job_number))
            record(connection, AUDIT, end.event)

    def here(self, instance_lookups: Sequence[str]) -> frozenset[str]:
        """Those of the lookups under which an image was received. Raises: StoreFailed."""
        found: set[str] = set()
        with refusing(), reading(self._engine) as connection:
            for start in range(0, len(instance_lookups), _AT_ONCE):
                some = instance_lookups[start : start + _AT_ONCE]
                query = select(RECEIVED.c.instance_lookup).where(RECEIVED.c.instance_lookup.in_(some))
                found.update(connection.scalars(query))
        return frozenset(found)


def job_row(kind: str, subject: str, event: AuditEvent, state: str = WAITING) -> dict[str, object]:
    """A job that is due at once."""
    return {
        "kind": kind, "subject": subject, "state": state, "attempt": 0, "holder": "", "due_at": event.at, "code": "",
    }  # fmt: skip


def jobs_of(pull_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The two kinds of jobs of a pull, as conditions: its question, and its studies."""
    studies = select(PULL_STUDY.c.study_id).where(PULL_STUDY.c.pull_id == pull_id)
    asks = (JOB.c.kind == FIND_KIND) & (JOB.c.subject == pull_id)
    return asks, (JOB.c.kind == STUDY_KIND) & JOB.c.subject.in_(studies)


def _note(connection: Connection, study_id: str, tally: Tally, state: StudyState) -> None:
    values: dict[str, object] = {"state": state.value, "code": tally.code[:64], "attempts": PULL_STUDY.c.attempts + 1}
    if tally.expected or state is StudyState.DONE:
        values |= {"expected": tally.expected, "arrived": tally.arrived}
    connection.execute(update(PULL_STUDY).where(PULL_STUDY.c.study_id == study_id).values(**values))


def _study_row(pull: Pull, study: FoundStudy) -> dict[str, object]:
    return {
        "study_id": study.study_id, "pull_id": pull.pull_id, "study_lookup": study.study_lookup,
        "sealed_uid": study.sealed_uid, "state": StudyState.WAITING.value, "expected": 0, "arrived": 0, "attempts": 0,
        "code": "",
    }  # fmt: skip
