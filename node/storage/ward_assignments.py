"""Places in worklists, leases and drafts, in one transaction of the ward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, union_all, update

from node.ground.audit import AuditEvent
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.case_rules import USUAL_RANK
from node.labeling.draft import EMPTY, Draft
from node.labeling.reading import AmendReason
from node.storage.audit import record
from node.storage.ward_adjudication_tables import ADJUDICATORS
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_projects import GIVING
from node.storage.ward_reading_tables import amended_reading
from node.storage.ward_tables import assignment, audit, draft, draft_change, person, project, reading

# Built once: every case a reader takes runs them.
_SEEN = assignment.c.case_id.not_in(HIDDEN)
_BY_ID = select(assignment).where(assignment.c.assignment_id == bindparam("of_assignment"), _SEEN)
_TO_CHANGE = _BY_ID.with_for_update()
_HOLD_DEALS = (
    select(project.c.project_id)
    .join(assignment, assignment.c.project_id == project.c.project_id)
    .where(assignment.c.assignment_id == bindparam("of_assignment"))
    .with_for_update(read=True, of=project)
)
_HOLD_PERSON = select(person.c.person_id).where(person.c.person_id == bindparam("of_person")).with_for_update()
_NEXT = (
    select(assignment)
    .join(project, project.c.project_id == assignment.c.project_id)
    .where(
        assignment.c.person_id == bindparam("of_person"),
        assignment.c.state == bindparam("in_state"),
        assignment.c.assignment_id.not_in(ADJUDICATORS),
        GIVING,
        _SEEN,
    )
    .order_by(func.coalesce(assignment.c.rank, USUAL_RANK), assignment.c.position, assignment.c.assignment_id)
    .limit(1)
    .with_for_update(read=True, of=(assignment, project))
)
_NEXT_OF_PROJECT = _NEXT.where(assignment.c.project_id == bindparam("of_project"))
_MOVE = (
    update(assignment)
    .where(assignment.c.assignment_id == bindparam("of_assignment"))
    .values(state=bindparam("to_state"), lease_until=bindparam("until"))
)


@dataclass(frozen=True, slots=True)
class AssignmentRows:
    """The assignments of one transaction."""

    connection: Connection

    def by_id(self, assignment_id: str, *, to_change: bool = False) -> Assignment | None:
        """The assignment of this identifier, or none.

        One that is to change is held until the transaction ends, and so are deals, which would move it.
        """
        one = {"of_assignment": assignment_id}
        if to_change:
            self.connection.execute(_HOLD_DEALS, one)
        row = self.connection.execute(_TO_CHANGE if to_change else _BY_ID, one).one_or_none()
        return None if row is None else assignment_of(row)

    def next_of(self, person_id: str, project_id: str | None) -> Assignment | None:
        """What the reader holds in an open project, is to read anew, or else the first place waiting; or none."""
        self.connection.execute(_HOLD_PERSON, {"of_person": person_id})
        wanted = {"of_person": person_id, "of_project": project_id}
        for state in (AssignmentState.HELD, AssignmentState.REQUEUED, AssignmentState.WAITING):
            first = _NEXT if project_id is None else _NEXT_OF_PROJECT
            row = self.connection.execute(first, wanted | {"in_state": state.value}).one_or_none()
            if row is not None:
                return assignment_of(row)
        return None

    def submitted_moments(self, person_id: str, limit: int) -> list[datetime]:
        """When the reader's latest readings were submitted, the latest first."""
        first = select(reading.c.submitted_at).where(reading.c.person_id == person_id)
        anew = select(amended_reading.c.submitted_at).where(
            amended_reading.c.person_id == person_id, amended_reading.c.reason == AmendReason.READ_ANEW.value
        )
        own = union_all(first, anew).subquery()
        return list(self.connection.scalars(select(own).order_by(own.c.submitted_at.desc()).limit(limit)))

    def of_person(self, person_id: str) -> list[Assignment]:
        """Every place of the person, in whatever project."""
        rows = self.connection.execute(select(assignment).where(assignment.c.person_id == person_id))
        return [assignment_of(row) for row in rows]

    def move(self, assignment_id: str, state: AssignmentState, lease_until: datetime | None, event: AuditEvent) -> None:
        """The assignment is in this state, with this lease."""
        self.renew(assignment_id, state, lease_until)
        record(self.connection, audit, event)

    def renew(self, assignment_id: str, state: AssignmentState, lease_until: datetime | None) -> None:
        """The lease runs until then; no decision, so no audit event."""
        moved = {"of_assignment": assignment_id, "to_state": state.value, "until": lease_until}
        self.connection.execute(_MOVE, moved)


@dataclass(frozen=True, slots=True)
class DraftRows:
    """The drafts of one transaction."""

    connection: Connection

    def of(self, assignment_id: str) -> Draft:
        """The saved draft, or the empty one."""
        row = self.connection.execute(select(draft).where(draft.c.assignment_id == assignment_id)).one_or_none()
        return EMPTY if row is None else Draft(row.version, row.content, row.saved_at)

    def drop(self, assignment_id: str) -> None:
        """There is no draft of the assignment and no journal: its reading has taken its place."""
        for table in (draft, draft_change):
            self.connection.execute(delete(table).where(table.c.assignment_id == assignment_id))


def assignment_of(row: Row[Any]) -> Assignment:
    """The assignment a row of the table holds."""
    return Assignment(
        assignment_id=row.assignment_id,
        project_id=row.project_id,
        case_id=row.case_id,
        person_id=row.person_id,
        state=AssignmentState(row.state),
        lease_until=row.lease_until,
    )
