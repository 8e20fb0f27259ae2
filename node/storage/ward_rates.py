"""Rate cards and the rates bound to assignments, in one transaction of the ward."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, String, bindparam, delete, func, insert, select

from node.ground.audit import AuditEvent
from node.labeling.case_rules import Difficulty
from node.pay.card import BoundRate, CardLine, KeptCard, OwedReading, RateCard
from node.pay.fairness import PayOf, TimedPay
from node.readers.rate import Rate
from node.storage.audit import record
from node.storage.ward_extra_read_tables import repeat_case
from node.storage.ward_pay_tables import bound_rate, owed_reading, rate_line
from node.storage.ward_reading_tables import amended_reading
from node.storage.ward_standing_tables import rate
from node.storage.ward_tables import audit, project_case, reading

# Built once: every case a reader takes runs them.
_LATEST = select(rate).where(rate.c.project_id == bindparam("of_project")).order_by(rate.c.number.desc()).limit(1)
_LINES = (
    select(rate_line)
    .where(rate_line.c.project_id == bindparam("of_project"), rate_line.c.number == bindparam("of_number"))
    .order_by(rate_line.c.position)
)
_DIFFICULTY = select(project_case.c.difficulty).where(
    project_case.c.project_id == bindparam("of_project"),
    project_case.c.case_id
    == func.coalesce(
        select(repeat_case.c.of_case_id).where(repeat_case.c.case_id == bindparam("of_case")).scalar_subquery(),
        bindparam("of_case", type_=String(36)),
    ),
)
_BOUND = select(bound_rate).where(bound_rate.c.assignment_id == bindparam("of_assignment"))


@dataclass(frozen=True, slots=True)
class RateRows:
    """The rate cards of one transaction; a card is never changed, a later one follows it."""

    connection: Connection

    def of(self, project_id: str) -> KeptCard | None:
        """The project's latest card, or none."""
        row = self.connection.execute(_LATEST, {"of_project": project_id}).one_or_none()
        if row is None:
            return None
        of_card = {"of_project": project_id, "of_number": row.number}
        lines = tuple(
            CardLine(
                line.department, None if line.difficulty is None else Difficulty(line.difficulty), Decimal(line.amount)
            )
            for line in self.connection.execute(_LINES, of_card)
        )
        return KeptCard(row.number, RateCard(Rate(Decimal(row.amount), row.currency, row.since), lines))

    def set(self, project_id: str, card: RateCard, event: AuditEvent) -> KeptCard:
        """From now on the project's card is this one."""
        before = self.connection.scalar(select(func.max(rate.c.number)).where(rate.c.project_id == project_id)) or 0
        key = {"project_id": project_id, "number": before + 1}
        self.connection.execute(insert(rate).values(**key, **_values(card.rate)))
        rows = [
            key
            | asdict(line)
            | {"position": position, "amount": str(line.amount)}
            | {"difficulty": None if line.difficulty is None else line.difficulty.value}
            for position, line in enumerate(card.lines)
        ]
        if rows:
            self.connection.execute(insert(rate_line), rows)
        record(self.connection, audit, event)
        return KeptCard(before + 1, card)

    def difficulty(self, project_id: str, case_id: str) -> Difficulty:
        """What the lead said of the case, or of the one it repeats."""
        said = self.connection.scalar(_DIFFICULTY, {"of_project": project_id, "of_case": case_id})
        return Difficulty.USUAL if said is None else Difficulty(said)

    def bind(self, assignment_id: str, bound: BoundRate) -> None:
        """The assignment is paid so; what it was when the case was taken before no longer counts."""
        self.connection.execute(delete(bound_rate).where(bound_rate.c.assignment_id == assignment_id))
        made = {"assignment_id": assignment_id, "card_version": bound.card_version, "bound_at": bound.bound_at}
        self.connection.execute(insert(bound_rate).values(**made, **_values(bound.rate)))

    def bound(self, assignment_id: str) -> BoundRate | None:
        """What the assignment is paid; none where no card was in force when its reader took it."""
        row = self.connection.execute(_BOUND, {"of_assignment": assignment_id}).one_or_none()
        if row is None:
            return None
        return BoundRate(Rate(Decimal(row.amount), row.currency, row.since), row.card_version, row.bound_at)

    def owe(self, owed: OwedReading) -> None:
        """The reading is owed this for good."""
        self.connection.execute(insert(owed_reading).values(**asdict(owed) | {"amount": str(owed.amount)}))

    def owed(self, since: datetime, until: datetime, person_id: str | None = None) -> list[OwedReading]:
        """What was earned from one moment until before another, by all or by one; the oldest first."""
        within = select(owed_reading).where(owed_reading.c.submitted_at >= since, owed_reading.c.submitted_at < until)
        if person_id is not None:
            within = within.where(owed_reading.c.person_id == person_id)
        rows = self.connection.execute(within.order_by(owed_reading.c.submitted_at, owed_reading.c.reading_id))
        return [OwedReading(**row._asdict() | {"amount": Decimal(row.amount)}) for row in rows]

    def timed(self, since: datetime, until: datetime, *, of: PayOf) -> list[TimedPay]:
        """What was earned in a time, with the active time of each reading whose body is still there."""
        found = []
        for table in (reading, amended_reading):
            query = (
                select(owed_reading, table.c.content)
                .join(table, table.c.reading_id == owed_reading.c.reading_id)
                .where(owed_reading.c.submitted_at >= since, owed_reading.c.submitted_at < until, table.c.content != "")
            )
            if of.project_id is not None:
                query = query.where(owed_reading.c.project_id == of.project_id)
            if of.person_id is not None:
                query = query.where(owed_reading.c.person_id == of.person_id)
            for row in self.connection.execute(query):
                seconds = json.loads(row.content)["seconds_active"]
                found.append(TimedPay(row.person_id, row.currency, Decimal(row.amount), seconds))
        return found


def _values(paid: Rate) -> dict[str, object]:
    return {"amount": str(paid.amount), "currency": paid.currency, "since": paid.since}
