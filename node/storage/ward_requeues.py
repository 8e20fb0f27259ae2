"""Readings that are to be made anew, in one transaction of the ward: the older ones stay and no longer count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, insert, literal, select, union_all, update

from node.consensus.adjudication import AdjudicationState
from node.ground.audit import AuditEvent
from node.labeling.assignment import AssignmentState
from node.storage.audit import record
from node.storage.moments import Moment
from node.storage.ward_adjudication_tables import adjudication
from node.storage.ward_fusion_tables import fused_case
from node.storage.ward_reading_tables import amended_reading, destroyed_reading, set_aside_reading
from node.storage.ward_tables import assignment, audit, consensus, project_case, reading

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RequeueRows:
    """What is read anew, of one transaction."""

    connection: Connection

    def standing(self, reading_ids: Sequence[str]) -> set[str]:
        """Those of the readings that have a body and were not set aside."""
        gone = union_all(select(set_aside_reading.c.reading_id), select(destroyed_reading.c.reading_id))
        return {
            reading_id
            for page in _pages(reading_ids)
            for table in (reading, amended_reading)
            for reading_id in self.connection.scalars(
                select(table.c.reading_id).where(table.c.reading_id.in_(page), table.c.reading_id.not_in(gone))
            )
        }

    def set_aside(self, assignment_ids: Sequence[str], reason: str, events: Sequence[AuditEvent]) -> None:
        """No reading of these places counts, amended ones neither; each place is open to its reader again."""
        at = events[0].at
        for places in _pages(assignment_ids):
            for table in (reading, amended_reading):
                self._set_aside(table, places, reason, at)
            submitted = assignment.c.state == AssignmentState.SUBMITTED.value
            one = update(assignment).where(assignment.c.assignment_id.in_(places), submitted)
            self.connection.execute(one.values(state=AssignmentState.REQUEUED.value, lease_until=None))
        record(self.connection, audit, *events)

    def closed_among(self, project_id: str, case_ids: Sequence[str]) -> list[str]:
        """Those of the cases that had all their readings."""
        closed = select(project_case.c.case_id).where(
            project_case.c.project_id == project_id, project_case.c.closed_at.is_not(None)
        )
        return [
            case_id
            for page in _pages(case_ids)
            for case_id in self.connection.scalars(closed.where(project_case.c.case_id.in_(page)))
        ]

    def reopen(self, project_id: str, case_ids: Sequence[str], events: Sequence[AuditEvent]) -> None:
        """The cases want readings again, and have no consensus; what was being adjudicated of them is withdrawn."""
        for page in _pages(case_ids):
            for table in (consensus, fused_case):
                agreed = (table.c.project_id == project_id, table.c.case_id.in_(page))
                self.connection.execute(delete(table).where(*agreed))
            one = (project_case.c.project_id == project_id, project_case.c.case_id.in_(page))
            self.connection.execute(update(project_case).where(*one).values(closed_at=None))
            self._withdraw(project_id, page)
        if events:
            record(self.connection, audit, *events)

    def _withdraw(self, project_id: str, case_ids: Sequence[str]) -> None:
        of_cases = (adjudication.c.project_id == project_id, adjudication.c.case_id.in_(case_ids))
        blind = adjudication.c.state == AdjudicationState.BLIND.value
        places = select(adjudication.c.assignment_id).where(*of_cases, blind)
        held = (assignment.c.assignment_id.in_(places), assignment.c.state == AssignmentState.HELD.value)
        taken = update(assignment).where(*held).values(state=AssignmentState.REASSIGNED.value, lease_until=None)
        self.connection.execute(taken)
        one = update(adjudication).where(*of_cases, adjudication.c.state != AdjudicationState.DECIDED.value)
        self.connection.execute(one.values(state=AdjudicationState.WITHDRAWN.value))

    def _set_aside(self, table: Table, places: Sequence[str], reason: str, at: datetime) -> None:
        known = table.c.reading_id.in_(select(set_aside_reading.c.reading_id))
        these = select(table.c.reading_id, literal(at, Moment()), literal(reason)).where(
            table.c.assignment_id.in_(places), ~known
        )
        columns = ["reading_id", "set_aside_at", "reason"]
        self.connection.execute(insert(set_aside_reading).from_select(columns, these))


def _pages(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
