"""Concerns raised from cases, and the cases withdrawn for them, in one transaction of the ward."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from node.ground.audit import AuditEvent
from node.labeling.concern import CleaningRule, Concern, ConcernKind, ConcernOutcome
from node.storage.audit import record
from node.storage.ward_reading_tables import concern, withdrawn_case
from node.storage.ward_tables import audit


@dataclass(frozen=True, slots=True)
class ConcernRows:
    """The concerns of one transaction."""

    connection: Connection

    def add(self, raised: Concern, event: AuditEvent) -> None:
        """The concern is stored."""
        values = asdict(raised) | {"kind": raised.kind.value, "rule": None, "outcome": None}
        self.connection.execute(insert(concern).values(**values))
        record(self.connection, audit, event)

    def by_id(self, concern_id: str) -> Concern | None:
        """The concern of this identifier, held until the transaction ends, or none."""
        query = select(concern).where(concern.c.concern_id == concern_id).with_for_update()
        row = self.connection.execute(query).one_or_none()
        return None if row is None else _concern_of(row)

    def of_assignment(self, assignment_id: str, kind: ConcernKind) -> Concern | None:
        """The concern raised under the assignment by this button, or none."""
        one = (concern.c.assignment_id == assignment_id, concern.c.kind == kind.value)
        row = self.connection.execute(select(concern).where(*one)).one_or_none()
        return None if row is None else _concern_of(row)

    def all(self) -> Iterator[Concern]:
        """Every concern, the newest first."""
        rows = self.connection.execute(select(concern).order_by(concern.c.raised_at.desc(), concern.c.concern_id))
        return map(_concern_of, rows)

    def change(self, ended: Concern, event: AuditEvent) -> None:
        """The concern has this end."""
        outcome = None if ended.outcome is None else ended.outcome.value
        values = {"outcome": outcome, "closed_by": ended.closed_by, "closed_at": ended.closed_at}
        _set(self.connection, ended.concern_id, values)
        record(self.connection, audit, event)


@dataclass(frozen=True, slots=True)
class IncidentCaseRows:
    """What a visible identity does to a case, in one transaction."""

    connection: Connection

    def withdraw(self, case_id: str, event: AuditEvent) -> None:
        """Nobody finds the case any more; again changes nothing."""
        if not self.connection.scalar(select(exists().where(withdrawn_case.c.case_id == case_id))):
            self.connection.execute(insert(withdrawn_case).values(case_id=case_id, withdrawn_at=event.at))
        record(self.connection, audit, event)

    def keep_rule(self, concern_id: str, rule: CleaningRule) -> None:
        """The incident remembers by which rule its images were cleaned."""
        _set(self.connection, concern_id, {"rule": json.dumps(asdict(rule), sort_keys=True)})

    def images_held(self, concern_id: str, event: AuditEvent) -> None:
        """The incident's images stand in quarantine."""
        _set(self.connection, concern_id, {"images_held_at": event.at})
        record(self.connection, audit, event)


def _set(connection: Connection, concern_id: str, values: Mapping[str, object]) -> None:
    connection.execute(update(concern).where(concern.c.concern_id == concern_id).values(**values))


def _concern_of(row: Row[Any]) -> Concern:
    return Concern(
        concern_id=row.concern_id,
        kind=ConcernKind(row.kind),
        case_id=row.case_id,
        assignment_id=row.assignment_id,
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        rule=_rule_of(row.rule),
        images_held_at=row.images_held_at,
        outcome=None if row.outcome is None else ConcernOutcome(row.outcome),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )


def _rule_of(words: str | None) -> CleaningRule | None:
    if words is None:
        return None
    rule = json.loads(words)
    return CleaningRule(rule["modality"], rule["maker"], rule["sop_class_uid"], tuple(rule["steps"]))
