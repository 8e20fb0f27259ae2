"""Payment categories, closed months, statements and counter-entries, in one transaction of the ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from node.ground.audit import AuditEvent
from node.pay.statement import CorrectionReason, CounterEntry, Look, Statement
from node.pay.withholding import PaymentCategory, Withheld
from node.storage.audit import record
from node.storage.ward_pay_tables import counter_entry, pay_month, payment_category, statement
from node.storage.ward_tables import audit

SHOWN: Final = "statement.shown"
"""The audit event of somebody else's look at a statement; its subject is `statement:` and the identifier."""
_SUBJECT: Final = "statement:"
_SUMMARY: Final = [column for column in statement.columns if column.name != "file"]


@dataclass(frozen=True, slots=True)
class PayCategoryRows:
    """As what people are paid, of one transaction; a category is never changed, a later one follows it."""

    connection: Connection

    def at(self, on: date) -> Mapping[str, PaymentCategory]:
        """Each person's category on a day: of those that hold by then, the one said last."""
        held = select(payment_category).where(payment_category.c.since <= on)
        rows = self.connection.execute(held.order_by(payment_category.c.number))
        return {row.person_id: PaymentCategory(row.category) for row in rows}

    def set(self, person_id: str, category: PaymentCategory, since: date, event: AuditEvent) -> None:
        """The person is paid as this from a day on."""
        own = payment_category.c.person_id == person_id
        before = self.connection.scalar(select(func.max(payment_category.c.number)).where(own)) or 0
        said = {"person_id": person_id, "number": before + 1, "category": category.value, "since": since}
        self.connection.execute(insert(payment_category).values(**said))
        record(self.connection, audit, event)


@dataclass(frozen=True, slots=True)
class MonthRows:
    """The closed months of one transaction."""

    connection: Connection

    def closed_at(self, month: str) -> datetime | None:
        """When the month was closed; none while it is open."""
        found: datetime | None = self.connection.scalar(select(pay_month.c.closed_at).where(pay_month.c.month == month))
        return found

    def close(self, month: str, drawn: Sequence[tuple[Statement, bytes]], event: AuditEvent) -> None:
        """The month is closed for good, with these statements and their files."""
        self.connection.execute(insert(pay_month).values(month=month, closed_at=event.at))
        rows = [
            {
                "statement_id": made.statement_id,
                "month": month,
                "person_id": made.person_id,
                "currency": made.currency,
                "category": made.category.value,
                "gross": str(made.gross),
                "income_tax": str(made.tax.income_tax),
                "local_tax": str(made.tax.local_tax),
                "file": file,
            }
            for made, file in drawn
        ]
        if rows:
            self.connection.execute(insert(statement), rows)
        record(self.connection, audit, event)


@dataclass(frozen=True, slots=True)
class StatementRows:
    """The statements of one transaction."""

    connection: Connection

    def by_id(self, statement_id: str) -> Statement | None:
        """The statement, or none."""
        one = select(*_SUMMARY).where(statement.c.statement_id == statement_id)
        return next((_statement(row) for row in self.connection.execute(one)), None)

    def file(self, statement_id: str) -> bytes:
        """The signed file of a statement that is there."""
        found = select(statement.c.file).where(statement.c.statement_id == statement_id)
        return bytes(self.connection.execute(found).scalar_one())

    def of_month(self, month: str) -> list[Statement]:
        """Everybody's statements of the month, in an order that says nothing."""
        rows = self.connection.execute(select(*_SUMMARY).where(statement.c.month == month))
        return sorted(map(_statement, rows), key=lambda one: one.statement_id)

    def of_person(self, person_id: str) -> list[Statement]:
        """One reader's statements, the latest month first."""
        own = select(*_SUMMARY).where(statement.c.person_id == person_id)
        rows = self.connection.execute(own.order_by(statement.c.month.desc(), statement.c.currency))
        return list(map(_statement, rows))

    def looks(self, statement_ids: Sequence[str]) -> list[Look]:
        """Who opened these statements, beside their readers; the latest first."""
        subjects = [_SUBJECT + statement_id for statement_id in statement_ids]
        shown = select(audit).where(audit.c.action == SHOWN, audit.c.subject.in_(subjects))
        rows = self.connection.execute(shown.order_by(audit.c.number.desc()))
        return [Look(row.subject.removeprefix(_SUBJECT), row.at, row.actor_id) for row in rows]


@dataclass(frozen=True, slots=True)
class CounterEntryRows:
    """The counter-entries of one transaction; they are never changed either."""

    connection: Connection

    def add(self, entry: CounterEntry, event: AuditEvent) -> None:
        """The counter-entry stands."""
        values = asdict(entry) | {"amount": str(entry.amount), "reason": entry.reason.value}
        self.connection.execute(insert(counter_entry).values(**values))
        record(self.connection, audit, event)

    def made(self, since: datetime, until: datetime, person_id: str | None = None) -> list[CounterEntry]:
        """Those made from one moment until before another, for all or for one; the oldest first."""
        within = select(counter_entry).where(counter_entry.c.made_at >= since, counter_entry.c.made_at < until)
        if person_id is not None:
            within = within.where(counter_entry.c.person_id == person_id)
        rows = self.connection.execute(within.order_by(counter_entry.c.made_at, counter_entry.c.entry_id))
        return [
            CounterEntry(
                **row._asdict() | {"amount": Decimal(row.amount), "reason": CorrectionReason(row.reason)},
            )
            for row in rows
        ]

    def amounts(self, statement_id: str) -> list[Decimal]:
        """What was added to, or taken from, one statement so far."""
        of_it = select(counter_entry.c.amount).where(counter_entry.c.corrects == statement_id)
        return [Decimal(amount) for amount in self.connection.scalars(of_it)]


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        statement_id=row.statement_id,
        month=row.month,
        person_id=row.person_id,
        currency=row.currency,
        category=PaymentCategory(row.category),
        gross=Decimal(row.gross),
        tax=Withheld(Decimal(row.income_tax), Decimal(row.local_tax)),
    )
