"""Deals: who gets which case of a project, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, exists, insert, or_, select, update

from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.case_rules import Priority, Urgency
from node.labeling.deal import Deal, Place
from node.labeling.project import Project
from node.storage.audit import record
from node.storage.ward_adjudication_tables import ADJUDICATORS
from node.storage.ward_assignments import assignment_of
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_extra_read_tables import REPEATED, extra_place
from node.storage.ward_projects import ProjectRows
from node.storage.ward_reading_tables import concern
from node.storage.ward_tables import assignment, audit, draft, project, project_case, reading

_READ_BEFORE = exists().where(reading.c.assignment_id == assignment.c.assignment_id)
_WORKED_ON = or_(
    _READ_BEFORE,
    *(exists().where(table.c.assignment_id == assignment.c.assignment_id) for table in (draft, concern, extra_place)),
)
"""Somebody's work hangs on the place, from before a lease ran out, or it counts as an extra one: it is never removed,
and lapses again instead.
"""


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

    def open_case_ids(self, project_id: str, *, pilot: bool = False) -> list[str]:
        """The cases that still want readings: not of the holdout, not closed; of the pilot alone where it runs."""
        wanted = select(project_case.c.case_id).where(
            project_case.c.project_id == project_id,
            ~project_case.c.holdout,
            project_case.c.closed_at.is_(None),
            project_case.c.case_id.not_in(HIDDEN),
        )
        if pilot:
            wanted = wanted.where(project_case.c.pilot)
        return list(self.connection.scalars(wanted.order_by(project_case.c.case_id)))

    def dealt_cases(self, project_id: str, *, pilot: bool) -> dict[str, bool]:
        """The cases that readers may be given, in order of case_id, and whether each is closed."""
        found = select(project_case.c.case_id, project_case.c.closed_at).where(
            project_case.c.project_id == project_id, ~project_case.c.holdout, project_case.c.case_id.not_in(HIDDEN)
        )
        if pilot:
            found = found.where(project_case.c.pilot)
        rows = self.connection.execute(found.order_by(project_case.c.case_id))
        return {row.case_id: row.closed_at is not None for row in rows}

    def of_project(self, project_id: str) -> Iterator[Assignment]:
        """Every assignment of the project but repeats; whoever adjudicates a case is never given it, as if declined."""
        adjudicates = assignment.c.assignment_id.in_(ADJUDICATORS)
        state = case((adjudicates, AssignmentState.DECLINED.value), else_=assignment.c.state).label("state")
        columns = [state if column.name == "state" else column for column in assignment.c]
        dealt = (assignment.c.project_id == project_id, assignment.c.case_id.not_in(REPEATED))
        rows = self.connection.execute(select(*columns).where(*dealt))
        return map(assignment_of, rows)

    def apply(self, project_id: str, deal: Deal, event: AuditEvent) -> None:
        """The worklists are as the deal says."""
        if deal.dropped:
            one = delete(assignment).where(
                assignment.c.assignment_id == bindparam("of_assignment"),
                assignment.c.state == AssignmentState.WAITING.value,
                ~_WORKED_ON,
            )
            self.connection.execute(one, [{"of_assignment": dropped} for dropped in deal.dropped])
        waiting, held, lapsed = AssignmentState.WAITING, AssignmentState.HELD, AssignmentState.LAPSED
        self._move(deal.dropped, assignment.c.state == waiting.value, lapsed)
        not_taken = assignment.c.state == AssignmentState.REQUEUED.value
        self._move(deal.lapsed, or_(assignment.c.state == held.value, not_taken), lapsed)
        self._move(deal.revived, and_(assignment.c.state == lapsed.value, _READ_BEFORE), AssignmentState.REQUEUED)
        self._move(deal.revived, assignment.c.state == lapsed.value, waiting)
        if deal.added:
            ranks = self._ranks(project_id)
            rows = [_row(project_id, place) | {"rank": ranks.get(place.case_id)} for place in deal.added]
            self.connection.execute(insert(assignment), rows)
        if deal.extra:
            extra = [_row(project_id, one.place) for one in deal.extra]
            self.connection.execute(insert(assignment), extra)
            kinds = zip(extra, deal.extra, strict=True)
            marks = [{"assignment_id": row["assignment_id"], "for_doubt": one.for_doubt} for row, one in kinds]
            self.connection.execute(insert(extra_place), marks)
        record(self.connection, audit, event)

    def _ranks(self, project_id: str) -> dict[str, int]:
        """The rank of each case of which the lead said something."""
        said = or_(project_case.c.priority.is_not(None), project_case.c.due_on.is_not(None))
        rows = self.connection.execute(select(project_case).where(project_case.c.project_id == project_id, said))
        return {row.case_id: Urgency(Priority(row.priority or Priority.USUAL), row.due_on).rank for row in rows}

    def _move(self, assignment_ids: Sequence[str], of: ColumnElement[bool], after: AssignmentState) -> None:
        if not assignment_ids:
            return
        one = update(assignment).where(assignment.c.assignment_id == bindparam("of_assignment"), of)
        self.connection.execute(
            one.values(state=after.value, lease_until=None), [{"of_assignment": moved} for moved in assignment_ids]
        )


def _row(project_id: str, place: Place) -> dict[str, object]:
    """A place that waits, under an identifier of its own."""
    at = {"case_id": place.case_id, "person_id": place.person_id, "position": place.position}
    return {"assignment_id": new_id(), "project_id": project_id, "state": AssignmentState.WAITING.value, **at}
