"""Months of pay: totals and statements for who pays, the own account for a reader, payment categories by IT."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from node.edges.web.bodies import Body, MonthText
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import months
from node.flows.act import act_of
from node.pay.fairness import HourlyPay
from node.pay.month import Month
from node.pay.statement import Account, CorrectionReason, Statement
from node.pay.withholding import PaymentCategory
from protocols.ids import Uuid

router = APIRouter(tags=["pay"])
SignedAmount = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,9}(\.[0-9]{1,4})?$")]


class PaymentCategoryBody(Body):
    """As what a person is paid, from a day on."""

    category: PaymentCategory
    since: date


class CorrectionBody(Body):
    """What is added to what a closed statement paid, or taken from it when negative, and why."""

    amount: SignedAmount
    reason: CorrectionReason


class ProjectTotalView(View):
    """What the readings of a project come to in one currency."""

    project_id: str
    title: str
    currency: str
    readings: int
    total: str


class MonthView(View):
    """A month as who pays sees it: nobody's name, and no statement before it is closed."""

    month: str
    closed_at: datetime | None
    projects: list[ProjectTotalView]
    without_category: int
    """Readers whose payment category IT has still to say."""
    statement_ids: list[str]


class StatementView(View):
    """What a reader is paid for a closed month."""

    statement_id: str
    month: str
    currency: str
    category: PaymentCategory
    gross: str
    income_tax: str
    local_tax: str
    net: str


class NamedStatementView(StatementView):
    """The same for who pays."""

    name: str


class AccountLineView(View):
    """So many readings at one rate."""

    project_id: str
    title: str
    amount: str
    readings: int
    total: str


class CounterEntryView(View):
    """What put a closed statement right."""

    corrects: str
    amount: str
    reason: CorrectionReason
    made_at: datetime


class AccountView(View):
    """What was earned in a month in one currency, before tax."""

    currency: str
    lines: list[AccountLineView]
    entries: list[CounterEntryView]
    gross: str


class LookView(View):
    """Somebody who pays saw a statement with its reader's name."""

    statement_id: str
    at: datetime
    by: str
    """The person's identifier."""


class HourlyPayView(View):
    """What readings pay per active hour; nobody is paid by it."""

    currency: str
    readings: int
    readers: int
    per_hour: str | None
    """None, and no counts, where fewer than five read; none where no time was measured."""


class FairnessView(View):
    """What a project's readings pay per active hour, by currency, up to last Monday."""

    figures: list[HourlyPayView]


class OwnPayView(View):
    """A reader's own pay: the account of a month, every statement, and who else saw one."""

    month: str
    accounts: list[AccountView]
    statements: list[StatementView]
    looks: list[LookView]
    hourly: list[HourlyPayView]
    """The own figure of the month."""


@router.put("/api/people/{person_id}/payment-category", status_code=204)
def payment_category(person_id: Uuid, body: PaymentCategoryBody, session: SignedInSession, parts: Parts) -> None:
    """The person is paid as this from the day on; months closed before stay as they are."""
    act = act_of(session.person.person_id, parts.clock.now())
    months.set_payment_category(parts.pay, person_id, body.category, body.since, act)


@router.get("/api/pay/months/{month}")
def month_totals(month: MonthText, parts: Parts) -> MonthView:
    """What the month's readings come to, by project."""
    found = months.totals(parts.pay, Month(month), parts.clock.now())
    return MonthView(
        month=month,
        closed_at=found.closed_at,
        projects=[
            ProjectTotalView(
                project_id=one.project_id,
                title=one.title,
                currency=one.currency,
                readings=one.readings,
                total=f"{one.total:f}",
            )
            for one in found.projects
        ],
        without_category=found.without_category,
        statement_ids=found.statement_ids,
    )


@router.post("/api/pay/months/{month}/closing", status_code=204)
def close(month: MonthText, session: SignedInSession, parts: Parts) -> None:
    """The month is closed for good, with a signed statement for everybody who earned something."""
    months.close_month(parts.pay, Month(month), act_of(session.person.person_id, parts.clock.now()))


@router.get("/api/pay/statements/{statement_id}")
def named_statement(statement_id: Uuid, session: SignedInSession, parts: Parts) -> NamedStatementView:
    """A statement with its reader's name; the reader is shown that it was opened."""
    act = act_of(session.person.person_id, parts.clock.now())
    found = months.shown_statement(parts.pay, statement_id, act)
    return NamedStatementView(**_statement(found.statement).model_dump(), name=found.name)


@router.get("/api/pay/statements/{statement_id}/file", response_class=Response)
def named_file(statement_id: Uuid, session: SignedInSession, parts: Parts) -> Response:
    """The signed statement as CSV, with its reader's name; the reader is shown that it was opened."""
    act = act_of(session.person.person_id, parts.clock.now())
    return _file(months.shown_statement(parts.pay, statement_id, act).file, statement_id)


@router.post("/api/pay/statements/{statement_id}/corrections", status_code=201)
def correct(statement_id: Uuid, body: CorrectionBody, session: SignedInSession, parts: Parts) -> CounterEntryView:
    """A counter-entry stands in the reader's account of the running month; the closed statement stays as it is."""
    act = act_of(session.person.person_id, parts.clock.now())
    correction = months.Correction(Decimal(body.amount), body.reason)
    made = months.correct(parts.pay, statement_id, correction, act)
    return CounterEntryView(corrects=made.corrects, amount=f"{made.amount:f}", reason=made.reason, made_at=made.made_at)


@router.get("/api/pay/own")
def own(session: SignedInSession, parts: Parts, month: MonthText | None = None) -> OwnPayView:
    """The own account of a month, or of the running one, every own statement, and who else saw one."""
    asked = None if month is None else Month(month)
    return _own(months.own_pay(parts.pay, session.person.person_id, asked, parts.clock.now()))


@router.get("/api/projects/{project_id}/fairness")
def fairness(project_id: Uuid, parts: Parts) -> FairnessView:
    """What the project's readings pay per active hour."""
    found = months.fairness(parts.pay, project_id, parts.clock.now())
    return FairnessView(figures=[_hourly(one) for one in found])


@router.get("/api/pay/own/statements/{statement_id}/file", response_class=Response)
def own_file(statement_id: Uuid, session: SignedInSession, parts: Parts) -> Response:
    """The own signed statement as CSV."""
    return _file(months.own_file(parts.pay, session.person.person_id, statement_id), statement_id)


def _file(content: bytes, statement_id: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="statement-{statement_id}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _statement(one: Statement) -> StatementView:
    return StatementView(
        statement_id=one.statement_id,
        month=one.month,
        currency=one.currency,
        category=one.category,
        gross=f"{one.gross:f}",
        income_tax=f"{one.tax.income_tax:f}",
        local_tax=f"{one.tax.local_tax:f}",
        net=f"{one.net:f}",
    )


def _own(found: months.OwnPay) -> OwnPayView:
    return OwnPayView(
        month=found.month,
        accounts=[_account(one, found.titles) for one in found.accounts],
        statements=[_statement(one) for one in found.statements],
        looks=[LookView.model_validate(one) for one in found.looks],
        hourly=[_hourly(one) for one in found.hourly],
    )


def _hourly(one: HourlyPay) -> HourlyPayView:
    per_hour = None if one.per_hour is None else f"{one.per_hour:f}"
    return HourlyPayView(currency=one.currency, readings=one.readings, readers=one.readers, per_hour=per_hour)


def _account(one: Account, titles: dict[str, str]) -> AccountView:
    return AccountView(
        currency=one.currency,
        lines=[
            AccountLineView(
                project_id=line.project_id,
                title=titles[line.project_id],
                amount=f"{line.amount:f}",
                readings=line.readings,
                total=f"{line.total:f}",
            )
            for line in one.lines
        ],
        entries=[
            CounterEntryView(
                corrects=entry.corrects, amount=f"{entry.amount:f}", reason=entry.reason, made_at=entry.made_at
            )
            for entry in one.entries
        ],
        gross=f"{one.gross:f}",
    )
