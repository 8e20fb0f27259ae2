"""How a project fuses, what is known of its readers, and its gold cases, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from node.consensus.way import Fusing, Method, ReaderEstimate
from node.ground.audit import AuditEvent
from node.storage.audit import record
from node.storage.ward_fusion_tables import gold_case, project_fusion, reader_estimate
from node.storage.ward_tables import audit


@dataclass(frozen=True, slots=True)
class FusionRows:
    """The ways of fusing of one transaction."""

    connection: Connection

    def of_project(self, project_id: str) -> Fusing:
        """The project's way with its estimates and gold; the vote where none was chosen."""
        way = select(project_fusion.c.method).where(project_fusion.c.project_id == project_id)
        method = self.connection.scalar(way)
        if method is None or Method(method) is Method.VOTE:
            return Fusing()
        rows = select(reader_estimate.c.content).where(reader_estimate.c.project_id == project_id)
        found = [ReaderEstimate.model_validate_json(content) for content in self.connection.scalars(rows)]
        return Fusing(Method(method), {one.voted: one for one in found}, self.gold(project_id))

    def told(self, project_id: str) -> tuple[int, datetime] | None:
        """From how many closed cases the estimates were made, and when; none where the vote was never left."""
        columns = select(project_fusion.c.cases, project_fusion.c.estimated_at)
        row = self.connection.execute(columns.where(project_fusion.c.project_id == project_id)).one_or_none()
        return None if row is None else (row.cases, row.estimated_at)

    def set_way(
        self, project_id: str, method: Method, estimates: Sequence[ReaderEstimate], *, cases: int, event: AuditEvent
    ) -> None:
        """The project fuses so from now on, knowing this of its readers."""
        for table in (project_fusion, reader_estimate):
            self.connection.execute(delete(table).where(table.c.project_id == project_id))
        way = {"project_id": project_id, "method": method.value, "cases": cases, "estimated_at": event.at}
        self.connection.execute(insert(project_fusion), [way])
        rows = [{"project_id": project_id, "voted": one.voted, "content": one.model_dump_json()} for one in estimates]
        if rows:
            self.connection.execute(insert(reader_estimate), rows)
        record(self.connection, audit, event)

    def gold(self, project_id: str) -> dict[tuple[str, str], str]:
        """The known option by case and name of what is voted on."""
        rows = self.connection.execute(select(gold_case).where(gold_case.c.project_id == project_id))
        return {(row.case_id, row.voted): row.option for row in rows}

    def set_gold(self, project_id: str, options: Mapping[tuple[str, str], str], event: AuditEvent) -> None:
        """Exactly these are the project's gold cases."""
        self.connection.execute(delete(gold_case).where(gold_case.c.project_id == project_id))
        rows = [
            {"project_id": project_id, "case_id": case_id, "voted": voted, "option": option}
            for (case_id, voted), option in options.items()
        ]
        if rows:
            self.connection.execute(insert(gold_case), rows)
        record(self.connection, audit, event)
