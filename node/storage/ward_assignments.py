"""Places in worklists, leases and drafts, in one transaction of the ward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from node.ground.audit import AuditEvent
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.draft import EMPTY, Draft
from node.labeling.project import ProjectState
from node.storage.audit import record
from node.storage.ward_tables import assignment, audit, draft, person, project

# Built once: every case a reader takes runs them.
_BY_ID = select(assignment).where(assignment.c.assignment_id == bindparam("of_assignment"))
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
        project.c.state == ProjectState.OPEN.value,
    )
    .order_by(assignment.c.position, assignment.c.assignment_id)
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
        """What the reader holds in an open project, or else the first place waiting; none when nothing is left."""
        self.connection.execute(_HOLD_PERSON, {"of_person": person_id})
        wanted = {"of_person": person_id, "of_project": project_id}
        for state in (AssignmentState.HELD, AssignmentState.WAITING):
            first = _NEXT if project_id is None else _NEXT_OF_PROJECT
            row = self.connection.execute(first, wanted | {"in_state": state.value}).one_or_none()
            if row is not None:
                return assignment_of(row)
        return None

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

    def save(self, assignment_id: str, saved: Draft) -> None:
        """The draft is stored; the assignment was locked by whoever calls."""
        values = {"version": saved.version, "content": saved.content, "saved_at": saved.saved_at}
        if saved.version == 1:
            self.connection.execute(insert(draft).values(assignment_id=assignment_id, **values))
        else:
            self.connection.execute(update(draft).where(draft.c.assignment_id == assignment_id).values(**values))

    def drop(self, assignment_id: str) -> None:
        """There is no draft of the assignment: its reading has taken its place."""
        self.connection.execute(delete(draft).where(draft.c.assignment_id == assignment_id))


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
