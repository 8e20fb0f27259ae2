"""Readings, their chain, and consensus, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from node.consensus.closed_case import ClosedCase
from node.consensus.vote import QuestionConsensus
from node.ground.audit import AuditEvent
from node.labeling.chain import ChainEntry, ChainHead
from node.labeling.project import Progress
from node.labeling.reading import Reading, ReadingContent
from node.storage.audit import record
from node.storage.ward_tables import audit, chain_head, consensus, project_case, reading

# Built once: every reading runs them.
_HEAD = select(chain_head).with_for_update()
_APPEND = insert(reading)
_OF_CASE = (
    select(reading)
    .where(reading.c.project_id == bindparam("of_project"), reading.c.case_id == bindparam("of_case"))
    .order_by(reading.c.chain_number)
)


@dataclass(frozen=True, slots=True)
class ChainRows:
    """The chain of readings, in one transaction. There is no way here to change or remove one."""

    connection: Connection

    def head(self) -> ChainHead:
        """The last entry of the chain, held until the transaction ends."""
        row = self.connection.execute(_HEAD).one()
        return ChainHead(row.number, row.entry_hash)

    def append(self, submitted: Reading, entry: ChainEntry, event: AuditEvent) -> None:
        """The reading is stored and is the head of the chain."""
        self.connection.execute(
            _APPEND,
            {
                "reading_id": submitted.reading_id,
                "assignment_id": submitted.assignment_id,
                "project_id": submitted.project_id,
                "case_id": submitted.case_id,
                "person_id": submitted.person_id,
                "submitted_at": submitted.submitted_at,
                "content": submitted.content.canonical(),
                "idempotency_key": submitted.idempotency_key,
                "salt": entry.salt,
                "chain_number": entry.number,
                "digest": entry.digest,
                "entry_hash": entry.entry_hash,
            },
        )
        self.connection.execute(update(chain_head).values(number=entry.number, entry_hash=entry.entry_hash))
        record(self.connection, audit, event)

    def chain(self) -> Iterator[ChainEntry]:
        """Every entry from the first on, with salt and reading."""
        for row in self.connection.execute(select(reading).order_by(reading.c.chain_number)):
            yield ChainEntry(row.chain_number, row.digest, row.entry_hash, row.salt, reading_of(row))


@dataclass(frozen=True, slots=True)
class ReadingRows:
    """The readings of one transaction."""

    connection: Connection

    def of_assignment(self, assignment_id: str) -> Reading | None:
        """The reading submitted under the assignment, or none."""
        row = self.connection.execute(select(reading).where(reading.c.assignment_id == assignment_id)).one_or_none()
        return None if row is None else reading_of(row)

    def of_case(self, project_id: str, case_id: str) -> list[Reading]:
        """The readings of one case of a project, in the order they came."""
        rows = self.connection.execute(_OF_CASE, {"of_project": project_id, "of_case": case_id})
        return [reading_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class ConsensusRows:
    """What readers agreed on, in one transaction."""

    connection: Connection

    def add(self, project_id: str, case_id: str, fused: Sequence[QuestionConsensus], event: AuditEvent) -> None:
        """The consensus on every question of the case is stored."""
        rows = [
            {
                "project_id": project_id,
                "case_id": case_id,
                "question": one.question,
                "option": one.option,
                "posterior": one.posterior,
                "votes": one.votes,
                "abstentions": one.abstentions,
                "dissent": one.dissent,
            }
            for one in fused
        ]
        self.connection.execute(insert(consensus), rows)
        record(self.connection, audit, event)

    def closed_cases(self, project_id: str, *, after_case_id: str, limit: int) -> list[ClosedCase]:
        """Closed cases of the project with consensus and readings, in order of case_id, three queries in all."""
        page = select(project_case.c.case_id).where(
            project_case.c.project_id == project_id,
            project_case.c.closed_at.is_not(None),
            ~project_case.c.holdout,
            project_case.c.case_id > after_case_id,
        )
        case_ids = list(self.connection.scalars(page.order_by(project_case.c.case_id).limit(limit)))
        fused: dict[str, list[QuestionConsensus]] = {case_id: [] for case_id in case_ids}
        of_cases = (consensus.c.project_id == project_id, consensus.c.case_id.in_(case_ids))
        for row in self.connection.execute(select(consensus).where(*of_cases)):
            fused[row.case_id].append(_consensus_of(row))
        readings: dict[str, list[Reading]] = {case_id: [] for case_id in case_ids}
        read = select(reading).where(reading.c.project_id == project_id, reading.c.case_id.in_(case_ids))
        for row in self.connection.execute(read.order_by(reading.c.chain_number)):
            readings[row.case_id].append(reading_of(row))
        return [ClosedCase(case_id, tuple(fused[case_id]), tuple(readings[case_id])) for case_id in case_ids]

    def progress(self, project_id: str) -> Progress:
        """How far the project is."""
        counted = select(
            func.count().label("cases"),
            func.count().filter(project_case.c.holdout).label("holdout"),
            func.count().filter(~project_case.c.holdout, project_case.c.closed_at.is_not(None)).label("closed"),
        ).where(project_case.c.project_id == project_id)
        row = self.connection.execute(counted).one()
        readings = self.connection.scalar(select(func.count()).where(reading.c.project_id == project_id))
        waiting = row.cases - row.holdout - row.closed
        return Progress(row.cases, row.holdout, readings or 0, row.closed, waiting)


def reading_of(row: Row[Any]) -> Reading:
    """The reading a row of the table holds."""
    return Reading(
        reading_id=row.reading_id,
        assignment_id=row.assignment_id,
        project_id=row.project_id,
        case_id=row.case_id,
        person_id=row.person_id,
        submitted_at=row.submitted_at,
        content=ReadingContent.model_validate_json(row.content),
        idempotency_key=row.idempotency_key,
    )


def _consensus_of(row: Row[Any]) -> QuestionConsensus:
    return QuestionConsensus(
        question=row.question,
        option=row.option,
        posterior=row.posterior,
        votes=row.votes,
        abstentions=row.abstentions,
        dissent=row.dissent,
    )
