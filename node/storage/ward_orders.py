"""What the lead says of a project's cases: difficulty, priority, due date; in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select, update

from node.ground.audit import AuditEvent
from node.labeling.assignment import Assignment
from node.labeling.case_rules import RULES, CaseRules, CaseTraits, Difficulty, Priority, Urgency
from node.labeling.fatigue import Rest
from node.labeling.ordered_case import OrderedCase
from node.storage.audit import record
from node.storage.ward_assignments import assignment_of
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_extra_read_tables import extra_place
from node.storage.ward_tables import assignment, audit, case, case_image, project, project_case


@dataclass(frozen=True, slots=True)
class OrderRows:
    """The cases of projects as their leads order them, of one transaction."""

    connection: Connection

    def traits(self, project_id: str) -> Mapping[str, CaseTraits]:
        """What rules ask of each case of the project."""
        return {row.case_id: _traits(row) for row in self.connection.execute(_cases_of(project_id))}

    def cases(self, project_id: str, *, after_case_id: str, limit: int) -> list[OrderedCase]:
        """The cases in order of case_id, with what was said of them."""
        page = _cases_of(project_id).where(project_case.c.case_id > after_case_id)
        rows = self.connection.execute(page.order_by(project_case.c.case_id).limit(limit))
        return [OrderedCase(row.case_id, _traits(row), _urgency(row)) for row in rows]

    def mark(
        self, project_id: str, case_ids: Sequence[str], difficulty: Difficulty, urgency: Urgency, event: AuditEvent
    ) -> None:
        """These cases are so; places of them stand where that puts them, extra ones where they stood."""
        of_case: BindParameter[str] = bindparam("of_case")
        said = {"difficulty": difficulty.value, "priority": int(urgency.priority), "due_on": urgency.due_on}
        one = update(project_case).where(project_case.c.project_id == project_id, project_case.c.case_id == of_case)
        places = update(assignment).where(
            assignment.c.project_id == project_id,
            assignment.c.case_id == of_case,
            assignment.c.assignment_id.not_in(select(extra_place.c.assignment_id)),
        )
        rows = [{"of_case": case_id} for case_id in case_ids]
        self.connection.execute(one.values(**said), rows)
        self.connection.execute(places.values(rank=urgency.rank), rows)
        record(self.connection, audit, event)

    def set_rules(self, project_id: str, rules: CaseRules, rest: Rest | None, event: AuditEvent) -> None:
        """The project's cases ask for readers by these rules, and readers rest so."""
        values = {
            "rules": RULES.dump_json(rules).decode("utf-8"),
            "rest_after": None if rest is None else rest.after_readings,
            "rest_minutes": None if rest is None else rest.minutes,
        }
        self.connection.execute(update(project).where(project.c.project_id == project_id).values(**values))
        record(self.connection, audit, event)

    def places(self, project_id: str, case_id: str) -> list[Assignment]:
        """Every assignment of the case, by person."""
        of_case = (assignment.c.project_id == project_id, assignment.c.case_id == case_id)
        rows = self.connection.execute(select(assignment).where(*of_case).order_by(assignment.c.person_id))
        return [assignment_of(row) for row in rows]


def _cases_of(project_id: str) -> Select[Any]:
    said = (project_case.c.case_id, project_case.c.difficulty, project_case.c.priority, project_case.c.due_on)
    first = (case_image.c.case_id == case.c.case_id) & (case_image.c.position == 0)
    return (
        select(*said, case.c.modality, case_image.c.body_part)
        .join_from(project_case, case, case.c.case_id == project_case.c.case_id)
        .outerjoin(case_image, first)
        .where(project_case.c.project_id == project_id, project_case.c.case_id.not_in(HIDDEN))
    )


def _traits(row: Row[Any]) -> CaseTraits:
    difficulty = Difficulty.USUAL if row.difficulty is None else Difficulty(row.difficulty)
    return CaseTraits(row.modality, row.body_part or "", difficulty)


def _urgency(row: Row[Any]) -> Urgency:
    return Urgency(Priority.USUAL if row.priority is None else Priority(row.priority), row.due_on)
