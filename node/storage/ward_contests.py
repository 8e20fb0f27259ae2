"""Readings of gold cases, and objections to their verdicts, in one transaction of the ward."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, insert, select, update

from node.ground.audit import AuditEvent
from node.labeling.assignment import AssignmentState
from node.labeling.reading import Reading
from node.pay.contest import Contest, ContestReason, ContestState, GoldVerdict
from node.storage.audit import record
from node.storage.ward_chain import ReadingRows
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_fusion_tables import gold_case
from node.storage.ward_pay_tables import gold_contest
from node.storage.ward_tables import assignment, audit, reading

_DONE: Final = {AssignmentState.SUBMITTED, AssignmentState.DECLINED, AssignmentState.REASSIGNED}
_STILL_TO_READ: Final = [state.value for state in AssignmentState if state not in _DONE]


@dataclass(frozen=True, slots=True)
class ContestRows:
    """The objections of one transaction."""

    connection: Connection

    def gold_read(self, person_id: str, since: datetime, until: datetime) -> list[Reading]:
        """The person's first readings of gold cases from one moment until before another.

        A case that the person may still be given, in whatever project, is left out: its answer would be known before.
        """
        gold = exists().where(gold_case.c.project_id == reading.c.project_id, gold_case.c.case_id == reading.c.case_id)
        place = assignment.alias()
        to_read = exists().where(
            place.c.person_id == person_id,
            place.c.case_id == reading.c.case_id,
            place.c.state.in_(_STILL_TO_READ),
        )
        own = (reading.c.person_id == person_id, reading.c.submitted_at >= since, reading.c.submitted_at < until)
        found = select(reading.c.assignment_id).where(*own, gold, ~to_read, reading.c.case_id.not_in(HIDDEN))
        rows = ReadingRows(self.connection)
        first = (rows.of_assignment(one) for one in self.connection.scalars(found.order_by(reading.c.submitted_at)))
        return [one for one in first if one is not None]

    def of_person(self, person_id: str, month: str) -> list[Contest]:
        """The person's objections to verdicts of the month."""
        own = select(gold_contest).where(gold_contest.c.person_id == person_id, gold_contest.c.month == month)
        return list(map(_contest, self.connection.execute(own.order_by(gold_contest.c.raised_at))))

    def of_project(self, project_id: str) -> list[Contest]:
        """Every objection in the project, the oldest first."""
        of_it = select(gold_contest).where(gold_contest.c.project_id == project_id)
        ordered = of_it.order_by(gold_contest.c.raised_at, gold_contest.c.reading_id, gold_contest.c.voted)
        return list(map(_contest, self.connection.execute(ordered)))

    def open_in(self, month: str) -> int:
        """How many objections to verdicts of the month are undecided."""
        waiting = (gold_contest.c.month == month, gold_contest.c.state == ContestState.OPEN.value)
        return self.connection.scalar(select(func.count()).select_from(gold_contest).where(*waiting)) or 0

    def add(self, contest: Contest, event: AuditEvent) -> None:
        """The objection waits for the lead."""
        said = {"person_id": contest.person_id, "month": contest.month, "raised_at": contest.raised_at}
        words = {"reason": contest.reason.value, "state": contest.state.value}
        self.connection.execute(insert(gold_contest).values(**asdict(contest.verdict), **said, **words))
        record(self.connection, audit, event)

    def decide(self, project_id: str, verdict: tuple[str, str], state: ContestState, event: AuditEvent) -> bool:
        """The open objection is decided for good; false when there was none."""
        one = update(gold_contest).where(
            gold_contest.c.project_id == project_id,
            gold_contest.c.reading_id == verdict[0],
            gold_contest.c.voted == verdict[1],
            gold_contest.c.state == ContestState.OPEN.value,
        )
        if not self.connection.execute(one.values(state=state.value)).rowcount:
            return False
        record(self.connection, audit, event)
        return True


def _contest(row: Row[Any]) -> Contest:
    return Contest(
        verdict=GoldVerdict(row.reading_id, row.project_id, row.case_id, row.voted, row.said, row.known),
        person_id=row.person_id,
        month=row.month,
        reason=ContestReason(row.reason),
        raised_at=row.raised_at,
        state=ContestState(row.state),
    )
