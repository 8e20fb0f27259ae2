"""Fused shapes of closed cases, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select

from node.consensus.fused_shapes import ShapeConsensus
from node.ground.audit import AuditEvent
from node.storage.audit import record
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_fusion_tables import fused_case
from node.storage.ward_tables import audit, project_case

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FusedShapeRows:
    """The fused shapes of one transaction."""

    connection: Connection

    def due(self, project_id: str, limit: int) -> dict[str, datetime]:
        """Closed cases whose shapes were not fused yet, and when each was closed."""
        same = and_(
            fused_case.c.project_id == project_case.c.project_id, fused_case.c.case_id == project_case.c.case_id
        )
        waiting = (
            select(project_case.c.case_id, project_case.c.closed_at)
            .select_from(project_case.outerjoin(fused_case, same))
            .where(
                project_case.c.project_id == project_id,
                project_case.c.closed_at.is_not(None),
                ~project_case.c.holdout,
                project_case.c.case_id.not_in(HIDDEN),
                fused_case.c.case_id.is_(None),
            )
            .order_by(project_case.c.case_id)
            .limit(limit)
        )
        return {row.case_id: row.closed_at for row in self.connection.execute(waiting)}

    def keep(self, project_id: str, case: tuple[str, datetime], fused: ShapeConsensus, event: AuditEvent) -> bool:
        """The case has these shapes; false where it was opened again since. `case`: which, and when it was closed."""
        case_id, closed_at = case
        one = (project_case.c.project_id == project_id, project_case.c.case_id == case_id)
        if self.connection.scalar(select(project_case.c.closed_at).where(*one).with_for_update()) != closed_at:
            return False
        there = (fused_case.c.project_id == project_id, fused_case.c.case_id == case_id)
        if self.connection.scalar(select(fused_case.c.case_id).where(*there)) is not None:
            return False
        row = {"project_id": project_id, "case_id": case_id, "content": fused.model_dump_json(), "fused_at": event.at}
        self.connection.execute(insert(fused_case), [row])
        record(self.connection, audit, event)
        return True

    def of_cases(self, project_id: str, case_ids: Sequence[str]) -> dict[str, ShapeConsensus]:
        """The fused shapes of those of the cases that have any."""
        found: dict[str, ShapeConsensus] = {}
        of_project = select(fused_case).where(
            fused_case.c.project_id == project_id, fused_case.c.case_id.not_in(HIDDEN)
        )
        for start in range(0, len(case_ids), _AT_ONCE):
            page = of_project.where(fused_case.c.case_id.in_(case_ids[start : start + _AT_ONCE]))
            for row in self.connection.execute(page):
                found[row.case_id] = ShapeConsensus.model_validate_json(row.content)
        return found
