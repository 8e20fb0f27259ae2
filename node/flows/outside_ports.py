"""What the flows need of the ward about readings of other sources, and about shapes that are fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from node.consensus.fused_shapes import ShapeConsensus
from node.ground.audit import AuditEvent
from node.labeling.outside import OutsideReading, OutsideSource


class OutsideReadings(Protocol):
    """Readings of other sources, by project."""

    def set(self, project_id: str, source: str, readings: Sequence[OutsideReading], event: AuditEvent) -> None: ...
    def set_cases(
        self, project_id: str, source: str, readings: Mapping[str, Sequence[OutsideReading]], event: AuditEvent
    ) -> None: ...
    def of_cases(self, project_id: str, case_ids: Sequence[str]) -> list[OutsideReading]: ...
    def of_source(self, project_id: str, source: str) -> list[OutsideReading]: ...
    def sources(self, project_id: str) -> list[OutsideSource]: ...


class FusedShapes(Protocol):
    """What readers drew, fused, of closed cases."""

    def due(self, project_id: str, limit: int) -> Mapping[str, datetime]: ...
    def keep(self, project_id: str, case: tuple[str, datetime], fused: ShapeConsensus, event: AuditEvent) -> bool: ...
    def of_cases(self, project_id: str, case_ids: Sequence[str]) -> Mapping[str, ShapeConsensus]: ...


class OutsideWork(Protocol):
    """The part of a transaction that is about other sources and fused shapes."""

    @property
    def outside(self) -> OutsideReadings: ...
    @property
    def fused_shapes(self) -> FusedShapes: ...
