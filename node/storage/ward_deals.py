"""Deals: who gets which case of a project, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.deal import Deal
from node.labeling.project import Project
from node.storage.audit import record
from node.storage.ward_assignments import assignment_of
from node.storage.ward_projects import ProjectRows
from node.storage.ward_tables import assignment, audit, project, project_case


@dataclass(frozen=True, slots=True)
class DealRows:
    """The places of one project, in one transaction."""

    connection: Connection

    def held_for_deal(self, project_id: str) -> Project:
        """The project; no one else deals it, and no reader's act moves its assignments, until the transaction ends.

        Raises:
            ProjectUnknown: there is none.
        """
        self.connection.execute(
            select(project.c.project_id).where(project.c.project_id == project_id).with_for_update()
        )
        return ProjectRows(self.connection).by_id(project_id)

    def open_case_ids(self, project_id: str) -> list[str]:
        """The cases that still want readings: not of the holdout, not closed."""
        wanted = select(project_case.c.case_id).where(
            project_case.c.project_id == project_id, ~project_case.c.holdout, project_case.c.closed_at.is_(None)
        )
        return list(self.connection.scalars(wanted.order_by(project_case.c.case_id)))

    def of_project(self, project_id: str) -> Iterator[Assignment]:
        """Every assignment of the project."""
        return map(
            assignment_of, self.connection.execute(select(assignment).where(assignment.c.project_id == project_id))
        )

    def apply(self, project_id: str, deal: Deal, event: AuditEvent) -> None:
        """The worklists are as the deal says."""
        if deal.dropped:
            one = delete(assignment).where(
                assignment.c.assignment_id == bindparam("of_assignment"),
                assignment.c.state == AssignmentState.WAITING.value,
            )
            self.connection.execute(one, [{"of_assignment": dropped} for dropped in deal.dropped])
        self._move(deal.lapsed, AssignmentState.HELD, AssignmentState.LAPSED)
        self._move(deal.revived, AssignmentState.LAPSED, AssignmentState.WAITING)
        if deal.added:
            rows = [
                {
                    "assignment_id": new_id(),
                    "project_id": project_id,
                    "case_id": place.case_id,
                    "person_id": place.person_id,
                    "position": place.position,
                    "state": AssignmentState.WAITING.value,
                }
                for place in deal.added
            ]
            self.connection.execute(insert(assignment), rows)
        record(self.connection, audit, event)

    def _move(self, assignment_ids: Sequence[str], before: AssignmentState, after: AssignmentState) -> None:
        if not assignment_ids:
            return
        one = update(assignment).where(
            assignment.c.assignment_id == bindparam("of_assignment"), assignment.c.state == before.value
        )
        self.connection.execute(
            one.values(state=after.value, lease_until=None), [{"of_assignment": moved} for moved in assignment_ids]
        )
