"""Projects and their cases, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from node.ground.audit import AuditEvent
from node.labeling.case_rules import RULES
from node.labeling.errors import ProjectUnknown
from node.labeling.fatigue import Rest
from node.labeling.permission import Permission, PermittedUse
from node.labeling.project import GIVES_CASES, NewProject, Project, ProjectState
from node.storage.audit import record
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_tables import audit, project, project_case

GIVING: Final = or_(*(project.c.state == state.value for state in sorted(GIVES_CASES)))
"""A condition on the table of projects: readers are given cases."""


@dataclass(frozen=True, slots=True)
class ProjectRows:
    """The projects of one transaction."""

    connection: Connection

    def add(self, project_id: str, new: NewProject, event: AuditEvent) -> None:
        """The project is stored as a draft."""
        self.connection.execute(
            insert(project).values(
                project_id=project_id,
                title=new.title,
                guideline=new.guideline,
                schema_code=new.schema_code,
                schema_version=new.schema_version,
                reads_per_case=new.reads_per_case,
                department=new.department,
                labelers=new.labelers,
                payer=new.payer,
                **_permission(new.permission),
                guideline_version=1,
                state=ProjectState.DRAFT.value,
                made_at=event.at,
            )
        )
        record(self.connection, audit, event)

    def by_id(self, project_id: str) -> Project:
        """The project of this identifier.

        Raises:
            ProjectUnknown: there is none.
        """
        row = self.connection.execute(select(project).where(project.c.project_id == project_id)).one_or_none()
        if row is None:
            raise ProjectUnknown("no such project")
        return project_of(row)

    def all(self) -> Iterator[Project]:
        """Every project, the newest first."""
        rows = self.connection.execute(select(project).order_by(project.c.made_at.desc(), project.c.project_id))
        return map(project_of, rows)

    def set_permission(self, project_id: str, permission: Permission, event: AuditEvent) -> None:
        """The project's readings may be used so."""
        one = update(project).where(project.c.project_id == project_id)
        self.connection.execute(one.values(**_permission(permission)))
        record(self.connection, audit, event)

    def set_schema(self, project_id: str, version: int, event: AuditEvent) -> None:
        """The project asks by this version of its schema."""
        one = update(project).where(project.c.project_id == project_id)
        self.connection.execute(one.values(schema_version=version))
        record(self.connection, audit, event)

    def set_state(self, project_id: str, state: ProjectState, event: AuditEvent) -> None:
        """The project is in this state."""
        self.connection.execute(update(project).where(project.c.project_id == project_id).values(state=state.value))
        record(self.connection, audit, event)


@dataclass(frozen=True, slots=True)
class ProjectCaseRows:
    """Which cases projects hold, of one transaction."""

    connection: Connection

    def add_cases(self, project_id: str, case_ids: Sequence[str], event: AuditEvent) -> None:
        """The cases belong to the project."""
        if case_ids:
            rows = [{"project_id": project_id, "case_id": case_id, "holdout": False} for case_id in case_ids]
            self.connection.execute(insert(project_case), rows)
        record(self.connection, audit, event)

    def set_references(self, project_id: str, options: Mapping[str, str], event: AuditEvent) -> None:
        """Exactly these cases of the project are its holdout, each with its reference option."""
        self.connection.execute(
            update(project_case)
            .where(project_case.c.project_id == project_id)
            .values(holdout=False, reference_option=None)
        )
        if options:
            one = update(project_case).where(
                project_case.c.project_id == project_id, project_case.c.case_id == bindparam("of_case")
            )
            rows = [{"of_case": case_id, "reference": option} for case_id, option in options.items()]
            self.connection.execute(one.values(holdout=True, reference_option=bindparam("reference")), rows)
        record(self.connection, audit, event)

    def pilot(self, project_id: str) -> dict[str, bool]:
        """The cases of the project's pilot, and whether each has all its readings."""
        cases = select(project_case.c.case_id, project_case.c.closed_at).where(project_case.c.pilot)
        cases = cases.where(project_case.c.project_id == project_id, project_case.c.case_id.not_in(HIDDEN))
        rows = self.connection.execute(cases.order_by(project_case.c.case_id))
        return {row.case_id: row.closed_at is not None for row in rows}

    def set_pilot(self, project_id: str, case_ids: Sequence[str]) -> None:
        """Exactly these cases of the project are its pilot."""
        of_project = project_case.c.project_id == project_id
        self.connection.execute(update(project_case).where(of_project).values(pilot=False))
        one = update(project_case).where(of_project, project_case.c.case_id == bindparam("of_case")).values(pilot=True)
        self.connection.execute(one, [{"of_case": case_id} for case_id in case_ids])

    def case_ids(self, project_id: str) -> set[str]:
        """Every case of the project."""
        return set(
            self.connection.scalars(select(project_case.c.case_id).where(project_case.c.project_id == project_id))
        )

    def is_closed(self, project_id: str, case_id: str) -> bool:
        """True when the case has all its readings."""
        one = (project_case.c.project_id == project_id, project_case.c.case_id == case_id)
        return self.connection.scalar(select(project_case.c.closed_at).where(*one)) is not None

    def close_case(self, project_id: str, case_id: str, now: datetime) -> None:
        """The case has all its readings."""
        one = (project_case.c.project_id == project_id, project_case.c.case_id == case_id)
        self.connection.execute(update(project_case).where(*one).values(closed_at=now))


def permission_of(use: str | None, partners: str | None) -> Permission:
    """What a row permits; one that a release without permissions wrote permits what that release permitted."""
    if use is None:
        return Permission(PermittedUse.ANY)
    return Permission(PermittedUse(use), frozenset(filter(None, (partners or "").split(","))))


def _permission(permission: Permission) -> dict[str, str]:
    return {"permitted_use": permission.use.value, "permitted_partners": ",".join(sorted(permission.partners))}


def project_of(row: Row[Any]) -> Project:
    """The project a row of the table holds."""
    return Project(
        project_id=row.project_id,
        title=row.title,
        guideline=row.guideline,
        schema_code=row.schema_code,
        schema_version=row.schema_version,
        reads_per_case=row.reads_per_case,
        department=row.department,
        state=ProjectState(row.state),
        labelers=bool(row.labelers),
        payer=row.payer or "",
        permission=permission_of(row.permitted_use, row.permitted_partners),
        guideline_version=row.guideline_version or 1,
        rules=RULES.validate_json(row.rules) if row.rules else (),
        rest=None if row.rest_after is None else Rest(row.rest_after, row.rest_minutes),
        reads_at_most=row.reads_at_most,
    )
