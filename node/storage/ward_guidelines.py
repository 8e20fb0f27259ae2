"""The versions of guidelines, in one transaction of the ward."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from node.ground.audit import AuditEvent
from node.labeling.errors import GuidelineUnknown
from node.labeling.guideline import Guideline
from node.storage.audit import record
from node.storage.ward_standing_tables import guideline
from node.storage.ward_tables import audit, project


@dataclass(frozen=True, slots=True)
class GuidelineRows:
    """The guidelines of one transaction; a version that is followed by another is kept with its day."""

    connection: Connection

    def add(self, project_id: str, made: Guideline, event: AuditEvent) -> None:
        """The version is the project's; the one before is kept."""
        before = self._current(project_id)
        if before is not None and not self._kept(project_id, before.version):
            self._keep(project_id, before)
        self._keep(project_id, made)
        one = update(project).where(project.c.project_id == project_id)
        self.connection.execute(one.values(guideline=made.text, guideline_version=made.version))
        record(self.connection, audit, event)

    def of(self, project_id: str, version: int) -> Guideline:
        """One version of the project's guideline. Raises: GuidelineUnknown."""
        current = self._current(project_id)
        if current is not None and current.version == version:
            return current
        one = (guideline.c.project_id == project_id, guideline.c.version == version)
        row = self.connection.execute(select(guideline).where(*one)).one_or_none()
        if row is None:
            raise GuidelineUnknown("no such version")
        return Guideline(row.version, row.text, row.made_at)

    def _current(self, project_id: str) -> Guideline | None:
        row = self.connection.execute(select(project).where(project.c.project_id == project_id)).one_or_none()
        return None if row is None else Guideline(row.guideline_version or 1, row.guideline, row.made_at)

    def _kept(self, project_id: str, version: int) -> bool:
        one = (guideline.c.project_id == project_id, guideline.c.version == version)
        return self.connection.execute(select(guideline.c.version).where(*one)).one_or_none() is not None

    def _keep(self, project_id: str, made: Guideline) -> None:
        values = {"version": made.version, "text": made.text, "made_at": made.made_at}
        self.connection.execute(insert(guideline).values(project_id=project_id, **values))
