"""Payment categories, months, statements and counter-entries, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from fakes.ward_books import ACT, NOW, project, read_all, reader
from sqlalchemy import Engine

from node.flows.act import Act
from node.flows.months import (
    Correction,
    PayDesk,
    close_month,
    correct,
    own_file,
    own_pay,
    set_payment_category,
    shown_statement,
    totals,
)
from node.flows.rates import set_rate_card
from node.pay.card import RateCard
from node.pay.document import check_statement_file
from node.pay.errors import (
    CategoriesMissing,
    CorrectionRefused,
    MonthClosed,
    MonthRunning,
    StatementUnknown,
    WithholdingUnknown,
)
from node.pay.month import Month
from node.pay.statement import CorrectionReason
from node.pay.withholding import PaymentCategory
from node.readers.errors import PersonUnknown
from node.readers.person import Person
from node.readers.rate import Rate
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from protocols.signing import Identity

DATABASE = Database.WARD
SIGNER = Identity.from_raw(bytes(range(32)))
MARCH, APRIL = Month("2026-03"), Month("2026-04")
LATER = Act(ACT.by, datetime(2026, 4, 5, 9, tzinfo=UTC))
BACK = Correction(Decimal(-1000), CorrectionReason.COUNTED_TWICE)


@pytest.fixture
def desk(engine: Engine) -> PayDesk:
    return PayDesk(WardStore(engine), ZoneInfo("Asia/Seoul"), lambda: SIGNER)


def paid_for(desk: PayDesk, engine: Engine, *, currency: str = "KRW") -> tuple[Person, str]:
    """A reader who read three films at 1000.10 in March."""
    assert isinstance(desk.ward, WardStore)
    project_id = project(engine, films=3)
    set_rate_card(desk.ward, project_id, RateCard(Rate(Decimal("1000.10"), currency, NOW)), ACT)
    person = reader(desk.ward, "one")
    assert len(read_all(desk.ward, person, lambda _case: "present")) == 3
    return person, project_id


def closed(desk: PayDesk, person: Person) -> str:
    set_payment_category(desk, person.person_id, PaymentCategory.BUSINESS, date(2026, 1, 1), ACT)
    close_month(desk, MARCH, LATER)
    (statement_id,) = totals(desk, MARCH, LATER.now).statement_ids
    return statement_id


def test_who_pays_sees_totals_by_project_and_no_statement_before_the_month_is_closed(
    desk: PayDesk, engine: Engine
) -> None:
    _, project_id = paid_for(desk, engine)
    found = totals(desk, MARCH, NOW)
    assert [(one.project_id, one.currency, one.readings, one.total) for one in found.projects] == [
        (project_id, "KRW", 3, Decimal("3000.30"))
    ]
    assert (found.closed_at, found.without_category, found.statement_ids) == (None, 1, [])
    assert totals(desk, APRIL, NOW).projects == []


def test_a_month_is_closed_once_when_it_is_over_and_everybodys_category_is_known(desk: PayDesk, engine: Engine) -> None:
    person, _ = paid_for(desk, engine)
    with pytest.raises(MonthRunning):
        close_month(desk, MARCH, ACT)
    with pytest.raises(CategoriesMissing):
        close_month(desk, MARCH, LATER)
    assert totals(desk, MARCH, LATER.now).closed_at is None
    statement_id = closed(desk, person)
    with pytest.raises(MonthClosed):
        close_month(desk, MARCH, LATER)
    found = totals(desk, MARCH, LATER.now)
    assert (found.closed_at, found.without_category, found.statement_ids) == (LATER.now, 0, [statement_id])


def test_the_category_said_last_of_those_that_hold_on_the_day_counts(desk: PayDesk, engine: Engine) -> None:
    person, _ = paid_for(desk, engine)
    for category, since in (
        (PaymentCategory.INVOICE, date(2026, 1, 1)),
        (PaymentCategory.OTHER, date(2026, 2, 1)),
        (PaymentCategory.PAYROLL, date(2026, 12, 1)),
    ):
        set_payment_category(desk, person.person_id, category, since, ACT)
    with desk.ward.reading() as work:
        assert work.pay_categories.at(date(2026, 4, 1)) == {person.person_id: PaymentCategory.OTHER}
        assert work.pay_categories.at(date(2026, 12, 1)) == {person.person_id: PaymentCategory.PAYROLL}
        assert work.pay_categories.at(date(2025, 12, 1)) == {}
    with pytest.raises(PersonUnknown):
        set_payment_category(desk, "nobody", PaymentCategory.OTHER, date(2026, 1, 1), ACT)


def test_a_currency_without_a_tax_rule_closes_nothing(desk: PayDesk, engine: Engine) -> None:
    person, _ = paid_for(desk, engine, currency="USD")
    set_payment_category(desk, person.person_id, PaymentCategory.BUSINESS, date(2026, 1, 1), ACT)
    with pytest.raises(WithholdingUnknown):
        close_month(desk, MARCH, LATER)
    set_payment_category(desk, person.person_id, PaymentCategory.INVOICE, date(2026, 1, 1), ACT)
    close_month(desk, MARCH, LATER)
    (made,) = own_pay(desk, person.person_id, MARCH, LATER.now).statements
    assert (made.gross, made.net) == (Decimal("3000.30"), Decimal("3000.30"))


def test_a_statement_is_signed_named_for_who_pays_and_its_reader_is_told_of_the_look(
    desk: PayDesk, engine: Engine
) -> None:
    person, _ = paid_for(desk, engine)
    statement_id = closed(desk, person)
    assert own_pay(desk, person.person_id, None, LATER.now).looks == []
    shown = shown_statement(desk, statement_id, LATER)
    assert (shown.name, shown.statement.gross, shown.statement.net) == ("one", Decimal(3001), Decimal(3001 - 90))
    check_statement_file(shown.file, SIGNER.public)
    (look,) = own_pay(desk, person.person_id, None, LATER.now).looks
    assert (look.statement_id, look.at, look.by) == (statement_id, LATER.now, "test")


def test_a_statement_is_its_readers_and_nobody_elses(desk: PayDesk, engine: Engine) -> None:
    person, _ = paid_for(desk, engine)
    statement_id = closed(desk, person)
    assert own_file(desk, person.person_id, statement_id) == shown_statement(desk, statement_id, LATER).file
    for who, which in (("somebody", statement_id), (person.person_id, "none such")):
        with pytest.raises(StatementUnknown):
            own_file(desk, who, which)
    with pytest.raises(StatementUnknown):
        shown_statement(desk, "none such", LATER)
    nothing = own_pay(desk, "somebody", MARCH, LATER.now)
    assert (nothing.accounts, nothing.statements, nothing.looks) == ([], [], [])


def test_a_correction_is_an_entry_of_the_running_month_and_changes_nothing_closed(
    desk: PayDesk, engine: Engine
) -> None:
    person, _ = paid_for(desk, engine)
    statement_id = closed(desk, person)
    before = own_file(desk, person.person_id, statement_id)
    entry = correct(desk, statement_id, BACK, LATER)
    (account,) = own_pay(desk, person.person_id, APRIL, LATER.now).accounts
    assert (len(account.lines), account.entries, account.gross) == (0, (entry,), Decimal(-1000))
    assert own_file(desk, person.person_id, statement_id) == before
    close_month(desk, APRIL, Act(ACT.by, LATER.now + timedelta(days=30)))
    april, march = own_pay(desk, person.person_id, APRIL, LATER.now).statements
    assert [(one.month, one.net) for one in (april, march)] == [("2026-04", Decimal(-1000)), ("2026-03", Decimal(2911))]


def test_no_more_is_taken_back_than_was_paid(desk: PayDesk, engine: Engine) -> None:
    person, _ = paid_for(desk, engine)
    statement_id = closed(desk, person)
    for _ in range(3):
        correct(desk, statement_id, BACK, LATER)
    with pytest.raises(CorrectionRefused):
        correct(desk, statement_id, BACK, LATER)
    with pytest.raises(StatementUnknown):
        correct(desk, "none such", BACK, LATER)


def test_a_month_in_which_nobody_earned_anything_can_be_closed(desk: PayDesk) -> None:
    close_month(desk, MARCH, LATER)
    assert totals(desk, MARCH, LATER.now).closed_at == LATER.now
