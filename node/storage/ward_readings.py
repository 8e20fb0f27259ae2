"""Consensus, and the readings it was made of, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from node.consensus.closed_case import ClosedCase
from node.consensus.vote import QuestionConsensus
from node.ground.audit import AuditEvent
from node.labeling.assignment import AssignmentState
from node.labeling.project import Progress
from node.labeling.reading import Reading, counting
from node.storage.audit import record
from node.storage.ward_adjudication_tables import ADJUDICATORS
from node.storage.ward_chain import readings_of_cases
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_extra_read_tables import REPEATED
from node.storage.ward_tables import assignment, audit, consensus, project_case


@dataclass(frozen=True, slots=True)
class ConsensusRows:
    """What readers agreed on, in one transaction."""

    connection: Connection

    def add(self, project_id: str, case_id: str, fused: Sequence[QuestionConsensus], event: AuditEvent) -> None:
        """The consensus on everything voted on is stored; a case of which nothing is has no row."""
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
        if rows:
            self.connection.execute(insert(consensus), rows)
        record(self.connection, audit, event)

    def closed_cases(self, project_id: str, *, after_case_id: str, limit: int) -> list[ClosedCase]:
        """Closed cases of the project with consensus and readings, in order of case_id, four queries in all."""
        page = select(project_case.c.case_id).where(
            project_case.c.project_id == project_id,
            project_case.c.closed_at.is_not(None),
            ~project_case.c.holdout,
            project_case.c.case_id > after_case_id,
            project_case.c.case_id.not_in(HIDDEN),
        )
        case_ids = list(self.connection.scalars(page.order_by(project_case.c.case_id).limit(limit)))
        fused: dict[str, list[QuestionConsensus]] = {case_id: [] for case_id in case_ids}
        of_cases = (consensus.c.project_id == project_id, consensus.c.case_id.in_(case_ids))
        for row in self.connection.execute(select(consensus).where(*of_cases)):
            fused[row.case_id].append(_consensus_of(row))
        readings: dict[str, list[Reading]] = {case_id: [] for case_id in case_ids}
        for one in counting(readings_of_cases(self.connection, project_id, case_ids)):
            readings[one.case_id].append(one)
        return [ClosedCase(case_id, tuple(fused[case_id]), tuple(readings[case_id])) for case_id in case_ids]

    def progress(self, project_id: str) -> Progress:
        """How far the project is."""
        counted = select(
            func.count().label("cases"),
            func.count().filter(project_case.c.holdout).label("holdout"),
            func.count().filter(~project_case.c.holdout, project_case.c.closed_at.is_not(None)).label("closed"),
        ).where(project_case.c.project_id == project_id, project_case.c.case_id.not_in(HIDDEN))
        row = self.connection.execute(counted).one()
        submitted = assignment.c.state == AssignmentState.SUBMITTED.value
        of_project = (assignment.c.project_id == project_id, assignment.c.case_id.not_in(HIDDEN))
        own = (assignment.c.assignment_id.not_in(ADJUDICATORS), assignment.c.case_id.not_in(REPEATED))
        read = select(func.count()).where(*of_project, submitted, *own)
        readings = self.connection.scalar(read)
        waiting = row.cases - row.holdout - row.closed
        return Progress(row.cases, row.holdout, readings or 0, row.closed, waiting)


def _consensus_of(row: Row[Any]) -> QuestionConsensus:
    return QuestionConsensus(
        question=row.question,
        option=row.option,
        posterior=row.posterior,
        votes=row.votes,
        abstentions=row.abstentions,
        dissent=row.dissent,
    )
