"""A month of pay: its totals, its closing, and each reader's statement.

Who pays sees totals per project, and after closing the statements, one at a time: only there stands a name. Such a look
is in the audit trail in the same transaction, and its reader is told. A reader sees the own account and statements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from node.consensus.agreement import READERS_SHOWN, settled_until
from node.flows.act import Act
from node.flows.ward import Ward, WardWork
from node.ground.ids import new_id
from node.pay.document import statement_file
from node.pay.errors import CategoriesMissing, ContestsOpen, MonthClosed, StatementUnknown
from node.pay.fairness import HourlyPay, PayOf, hourly_pay
from node.pay.month import Month, month_at
from node.pay.statement import (
    Account,
    CorrectionReason,
    CounterEntry,
    DrawnStatement,
    Look,
    Statement,
    accounts,
    check_correction,
    drawn_statement,
)
from node.pay.withholding import PaymentCategory
from protocols.signing import Identity

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every reading."""


@dataclass(frozen=True, slots=True)
class PayDesk:
    """Where months are closed: the ward, the hospital's zone, and its identity, which signs."""

    ward: Ward
    zone: tzinfo
    identity: Callable[[], Identity]


@dataclass(frozen=True, slots=True)
class ProjectTotal:
    """What the readings of a project come to in one currency."""

    project_id: str
    title: str
    currency: str
    readings: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """A month as who pays sees it."""

    closed_at: datetime | None
    projects: list[ProjectTotal]
    without_category: int
    """Readers whose payment category is still to be said before the month can be closed."""
    statement_ids: list[str]


@dataclass(frozen=True, slots=True)
class NamedStatement:
    """A statement and whose it is."""

    statement: Statement
    name: str
    file: bytes


@dataclass(frozen=True, slots=True)
class OwnPay:
    """What a reader sees of the own pay."""

    month: str
    accounts: list[Account]
    """Of the month, with what was earned so far, before tax."""
    statements: list[Statement]
    looks: list[Look]
    titles: dict[str, str]
    hourly: list[HourlyPay]
    """The own figure of the month."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is wrong with a closed statement, as an amount to add, or to take when it is negative."""

    amount: Decimal
    reason: CorrectionReason


def set_payment_category(desk: PayDesk, person_id: str, category: PaymentCategory, since: date, act: Act) -> None:
    """The person is paid as this from the day on. Raises: PersonUnknown."""
    with desk.ward.writing() as work:
        work.people.by_id(person_id)
        event = act.event("person.payment-category", f"person:{person_id}", category.value)
        work.pay_categories.set(person_id, category, since, event)


def payment_categories(desk: PayDesk, now: datetime) -> dict[str, PaymentCategory]:
    """As what each person is paid today, by the person's identifier; who is missing was not said yet."""
    with desk.ward.reading() as work:
        return dict(work.pay_categories.at(now.astimezone(desk.zone).date()))


def totals(desk: PayDesk, month: Month, now: datetime) -> MonthTotals:
    """The month's totals, and its statements once it is closed."""
    with desk.ward.reading() as work:
        earned, titles = _accounts(work, desk, month), _titles(work)
        sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
        for account in earned:
            for line in account.lines:
                readings, total = sums.get((line.project_id, account.currency), (0, Decimal(0)))
                sums[line.project_id, account.currency] = (readings + line.readings, total + line.total)
        known = work.pay_categories.at(now.astimezone(desk.zone).date())
        return MonthTotals(
            closed_at=work.months.closed_at(month.text),
            projects=[ProjectTotal(key[0], titles[key[0]], key[1], *sums[key]) for key in sorted(sums)],
            without_category=len({account.person_id for account in earned} - known.keys()),
            statement_ids=[one.statement_id for one in work.statements.of_month(month.text)],
        )


def close_month(desk: PayDesk, month: Month, act: Act) -> None:
    """The month is closed for good: everybody who earned something has a signed statement.

    Raises:
        MonthRunning: it is not over, or readers may still object.
        MonthClosed: it was closed before.
        ContestsOpen: readers object to verdicts, and their leads have not decided.
        CategoriesMissing: of somebody nobody said as what they are paid.
        WithholdingUnknown: no tax rule is known for somebody's category and currency.
    """
    month.check_closable(desk.zone, act.now)
    identity, today = desk.identity(), act.now.astimezone(desk.zone).date()
    with desk.ward.writing() as work:
        work.chain.head()  # held: nobody submits or closes meanwhile
        if work.months.closed_at(month.text) is not None:
            raise MonthClosed
        undecided = work.contests.open_in(month.text)
        if undecided:
            raise ContestsOpen(undecided)
        titles, drawn = _titles(work), _drawn(work, _accounts(work, desk, month), month, today)
        names = {person.person_id: person.name for person in work.people.all()}
        files = [
            (one.statement, statement_file(one, names[one.statement.person_id], titles, identity)) for one in drawn
        ]
        work.months.close(month.text, files, act.event("month.closed", f"month:{month.text}"))


def shown_statement(desk: PayDesk, statement_id: str, act: Act) -> NamedStatement:
    """The statement with its reader's name, for who pays; the look is in the audit trail. Raises: StatementUnknown."""
    with desk.ward.writing() as work:
        found = _known(work, statement_id)
        work.audit.record(act.event("statement.shown", f"statement:{statement_id}"))
        return NamedStatement(found, work.people.by_id(found.person_id).name, work.statements.file(statement_id))


def correct(desk: PayDesk, statement_id: str, correction: Correction, act: Act) -> CounterEntry:
    """A counter-entry stands in the account of the running month; the closed statement stays as it is.

    Raises:
        StatementUnknown: there is none such.
        CorrectionRefused: of nothing, or more back than was paid.
    """
    with desk.ward.writing() as work:
        work.chain.head()  # held: two corrections at once would each count without the other
        found = _known(work, statement_id)
        check_correction(correction.amount, found.gross, work.counter_entries.amounts(statement_id))
        entry = CounterEntry(
            entry_id=new_id(),
            corrects=statement_id,
            person_id=found.person_id,
            currency=found.currency,
            amount=correction.amount,
            reason=correction.reason,
            made_at=act.now,
        )
        event = act.event("statement.corrected", f"statement:{statement_id}", correction.reason.value)
        work.counter_entries.add(entry, event)
        return entry


def own_pay(desk: PayDesk, person_id: str, month: Month | None, now: datetime) -> OwnPay:
    """The person's account of a month, or of the running one, all the own statements, and who else saw them."""
    asked = month or month_at(now, desk.zone)
    with desk.ward.reading() as work:
        statements = work.statements.of_person(person_id)
        looks = work.statements.looks([one.statement_id for one in statements])
        timed = work.rates.timed(*asked.bounds(desk.zone), of=PayOf(person_id=person_id))
        return OwnPay(
            asked.text,
            _accounts(work, desk, asked, person_id),
            statements,
            looks,
            _titles(work),
            hourly_pay(timed, readers=1),
        )


def fairness(desk: PayDesk, project_id: str, now: datetime) -> list[HourlyPay]:
    """What the project's readings pay per active hour, up to last Monday, for its lead. Raises: ProjectUnknown."""
    until = settled_until(now.astimezone(desk.zone))
    with desk.ward.reading() as work:
        work.projects.by_id(project_id)
        timed = work.rates.timed(BEGINNING, until, of=PayOf(project_id=project_id))
        return hourly_pay(timed, readers=READERS_SHOWN)


def own_file(desk: PayDesk, person_id: str, statement_id: str) -> bytes:
    """The signed file of the person's own statement. Raises: StatementUnknown."""
    with desk.ward.reading() as work:
        if _known(work, statement_id).person_id != person_id:
            raise StatementUnknown
        return work.statements.file(statement_id)


def _accounts(work: WardWork, desk: PayDesk, month: Month, person_id: str | None = None) -> list[Account]:
    since, until = month.bounds(desk.zone)
    return accounts(work.rates.owed(since, until, person_id), work.counter_entries.made(since, until, person_id))


def _drawn(work: WardWork, earned: list[Account], month: Month, today: date) -> list[DrawnStatement]:
    known = work.pay_categories.at(today)
    missing = {account.person_id for account in earned} - known.keys()
    if missing:
        raise CategoriesMissing(len(missing))
    return [
        drawn_statement(one, known[one.person_id], statement_id=new_id(), month=month.text, closed_on=today)
        for one in earned
    ]


def _known(work: WardWork, statement_id: str) -> Statement:
    found = work.statements.by_id(statement_id)
    if found is None:
        raise StatementUnknown
    return found


def _titles(work: WardWork) -> dict[str, str]:
    return {project.project_id: project.title for project in work.projects.all()}
