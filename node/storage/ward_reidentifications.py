"""Requests for re-identification in `ward.db`, and the cases they are about; no identity stands here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Engine, ForeignKey, Index, Row, String, Table, insert, select, update

from node.ground.audit import AuditEvent
from node.intake.reidentification import AskReason, Reidentification, ReidentificationState, ReviewRefusal
from node.storage.audit import record
from node.storage.engine import reading
from node.storage.moments import Moment
from node.storage.ward_exclusions import SEEN
from node.storage.ward_tables import Id, audit, case, case_image, metadata, project_case

reidentification = Table(
    "reidentification",
    metadata,
    Column("request_id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_by", Id, ForeignKey("person.person_id"), nullable=False),
    Column("asked_at", Moment(), nullable=False),
    Column("ends_at", Moment(), nullable=False),
    Column("decided_by", String(36), nullable=False),
    Column("refused_for", String(32), nullable=False),
    Index("reidentification_asked", "asked_at"),
)


@dataclass(frozen=True, slots=True)
class ReidentificationRows:
    """The requests of one transaction."""

    connection: Connection

    def add(self, made: Reidentification, event: AuditEvent) -> None:
        """The request is stored."""
        fixed = {"request_id": made.request_id, "case_id": made.case_id, "reason": made.reason.value}
        asked = {"asked_by": made.asked_by, "asked_at": made.asked_at}
        self.connection.execute(insert(reidentification).values(**fixed, **asked, **_changing(made)))
        record(self.connection, audit, event)

    def by_id(self, request_id: str) -> Reidentification | None:
        """The request of this identifier."""
        query = select(reidentification).where(reidentification.c.request_id == request_id)
        row = self.connection.execute(query).one_or_none()
        return None if row is None else _request(row)

    def all(self) -> Iterator[Reidentification]:
        """Every request, the newest first."""
        query = select(reidentification).order_by(reidentification.c.asked_at.desc(), reidentification.c.request_id)
        return map(_request, self.connection.execute(query))

    def move(self, moved: Reidentification, before: ReidentificationState, event: AuditEvent) -> bool:
        """The request stands as told; False, and nothing done, where it did not stand so before."""
        own = (reidentification.c.request_id == moved.request_id, reidentification.c.state == before.value)
        if self.connection.execute(update(reidentification).where(*own).values(**_changing(moved))).rowcount != 1:
            return False
        record(self.connection, audit, event)
        return True


@dataclass(frozen=True, slots=True)
class WardCaseNames:
    """Implements `CaseNames`."""

    engine: Engine

    def has(self, case_id: str) -> bool:
        """Whether there is such a case, and its patient is not excluded."""
        with reading(self.engine) as connection:
            return connection.scalar(select(case.c.case_id).where(case.c.case_id == case_id, SEEN)) is not None

    def in_projects(self) -> list[tuple[str, str]]:
        """Every project and case of it whose patient is not excluded."""
        query = select(project_case.c.project_id, project_case.c.case_id)
        query = query.join(case, case.c.case_id == project_case.c.case_id).where(SEEN)
        with reading(self.engine) as connection:
            return [(row.project_id, row.case_id) for row in connection.execute(query)]

    def image_id(self, case_id: str) -> str | None:
        """The first image of the case; none where it is not here."""
        query = select(case_image.c.image_id).join(case, case.c.case_id == case_image.c.case_id)
        query = query.where(case.c.case_id == case_id, SEEN).order_by(case_image.c.position).limit(1)
        with reading(self.engine) as connection:
            return connection.scalar(query)


def _changing(request: Reidentification) -> dict[str, object]:
    return {
        "state": request.state.value,
        "ends_at": request.ends_at,
        "decided_by": request.decided_by,
        "refused_for": "" if request.refused_for is None else request.refused_for.value,
    }


def _request(row: Row[Any]) -> Reidentification:
    return Reidentification(
        request_id=row.request_id,
        case_id=row.case_id,
        reason=AskReason(row.reason),
        state=ReidentificationState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        decided_by=row.decided_by,
        refused_for=ReviewRefusal(row.refused_for) if row.refused_for else None,
    )
