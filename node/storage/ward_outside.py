"""Readings of other sources, in one transaction of the ward."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, distinct, func, insert, select

from node.ground.audit import AuditEvent
from node.labeling.outside import OutsideReading, OutsideSource
from node.labeling.reading import Answer
from node.storage.audit import record
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_outside_tables import outside_reading
from node.storage.ward_tables import audit
from protocols.encoding import canonical_json

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OutsideRows:
    """The readings of other sources of one transaction."""

    connection: Connection

    def set(self, project_id: str, source: str, readings: Sequence[OutsideReading], event: AuditEvent) -> None:
        """Exactly these are the source's readings of the project."""
        of_source = (outside_reading.c.project_id == project_id, outside_reading.c.source == source)
        self.connection.execute(delete(outside_reading).where(*of_source))
        self._add(project_id, source, readings, event)

    def set_cases(
        self, project_id: str, source: str, readings: Mapping[str, Sequence[OutsideReading]], event: AuditEvent
    ) -> None:
        """Exactly these are the source's readings of the cases named; those of other cases stay."""
        of_source = (outside_reading.c.project_id == project_id, outside_reading.c.source == source)
        case_ids = sorted(readings)
        for start in range(0, len(case_ids), _AT_ONCE):
            page = outside_reading.c.case_id.in_(case_ids[start : start + _AT_ONCE])
            self.connection.execute(delete(outside_reading).where(*of_source, page))
        self._add(project_id, source, [one for case_id in case_ids for one in readings[case_id]], event)

    def _add(self, project_id: str, source: str, readings: Sequence[OutsideReading], event: AuditEvent) -> None:
        for start in range(0, len(readings), _AT_ONCE):
            rows = [
                {
                    "project_id": project_id,
                    "source": source,
                    "case_id": one.case_id,
                    "author": one.author,
                    "content": _content(one),
                    "imported_at": event.at,
                }
                for one in readings[start : start + _AT_ONCE]
            ]
            self.connection.execute(insert(outside_reading), rows)
        record(self.connection, audit, event)

    def of_cases(self, project_id: str, case_ids: Sequence[str]) -> list[OutsideReading]:
        """What sources say of these cases, by source and reader."""
        found = select(outside_reading).where(
            outside_reading.c.project_id == project_id,
            outside_reading.c.case_id.in_(case_ids),
            outside_reading.c.case_id.not_in(HIDDEN),
        )
        ordered = found.order_by(outside_reading.c.case_id, outside_reading.c.source, outside_reading.c.author)
        return [_reading(row) for row in self.connection.execute(ordered)]

    def of_source(self, project_id: str, source: str) -> list[OutsideReading]:
        """Everything that one source says, by case and reader."""
        found = select(outside_reading).where(
            outside_reading.c.project_id == project_id,
            outside_reading.c.source == source,
            outside_reading.c.case_id.not_in(HIDDEN),
        )
        ordered = found.order_by(outside_reading.c.case_id, outside_reading.c.author)
        return [_reading(row) for row in self.connection.execute(ordered)]

    def sources(self, project_id: str) -> list[OutsideSource]:
        """The sources of the project, by name."""
        counted = select(
            outside_reading.c.source,
            func.count(distinct(outside_reading.c.author)).label("readers"),
            func.count(distinct(outside_reading.c.case_id)).label("cases"),
            func.count().label("readings"),
            func.max(outside_reading.c.imported_at).label("imported_at"),
        ).where(outside_reading.c.project_id == project_id, outside_reading.c.case_id.not_in(HIDDEN))
        grouped = counted.group_by(outside_reading.c.source).order_by(outside_reading.c.source)
        return [OutsideSource(**row._asdict()) for row in self.connection.execute(grouped)]


def _content(reading: OutsideReading) -> str:
    answers = [one.model_dump(mode="json", exclude_none=True) for one in reading.answers]
    return canonical_json({"answers": answers}).decode("utf-8")


def _reading(row: Row[Any]) -> OutsideReading:
    answers = tuple(Answer.model_validate_json(json.dumps(one)) for one in json.loads(row.content)["answers"])
    return OutsideReading(row.source, row.author, row.case_id, answers)
