"""Months in the hospital's zone, exact sums, counter-entries, and a file that shows when a byte of it was changed."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from node.pay.card import OwedReading
from node.pay.document import check_statement_file, statement_file
from node.pay.errors import CorrectionRefused, MonthRefused, MonthRunning, StatementBroken
from node.pay.month import Month, month_at
from node.pay.statement import (
    CorrectionReason,
    CounterEntry,
    DrawnStatement,
    accounts,
    check_correction,
    drawn_statement,
)
from node.pay.withholding import PaymentCategory
from protocols.signing import Identity

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNER = Identity.from_raw(bytes(range(32)))


def owed(amount: str, person: str = "p", *, project: str = "a", currency: str = "KRW", number: int = 0) -> OwedReading:
    return OwedReading(f"r{number}", person, project, NOW, Decimal(amount), currency, 1)


def entry(amount: str, person: str = "p") -> CounterEntry:
    return CounterEntry("e", "s", person, "KRW", Decimal(amount), CorrectionReason.COUNTED_TWICE, NOW)


def drawn(*amounts: str) -> DrawnStatement:
    (account,) = accounts([owed(amount) for amount in amounts], [])
    return drawn_statement(
        account, PaymentCategory.BUSINESS, statement_id="s1", month="2026-03", closed_on=date(2026, 4, 4)
    )


def file_of(*amounts: str, name: str = "김영상", title: str = "흉부") -> bytes:
    return statement_file(drawn(*amounts), name, {"a": title}, SIGNER)


def test_a_month_begins_at_midnight_of_the_hospital() -> None:
    since, until = Month("2026-12").bounds(SEOUL)
    assert since == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert until == datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert month_at(since, SEOUL) == Month("2026-12")
    assert month_at(until, SEOUL) == Month("2027-01")


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-03", "2026-3", "", "1999-12"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(MonthRefused):
        Month(text)


def test_a_month_can_be_closed_from_the_fourth_day_after_it() -> None:
    month = Month("2026-03")
    month.check_closable(SEOUL, datetime(2026, 4, 4, 0, 0, tzinfo=SEOUL))
    with pytest.raises(MonthRunning):
        month.check_closable(SEOUL, datetime(2026, 4, 3, 23, 59, tzinfo=SEOUL))


def test_readings_are_summed_exactly_by_reader_and_currency() -> None:
    rows = [owed("0.1", number=n) for n in range(3)] + [owed("0.2"), owed("5", "q"), owed("7", currency="USD")]
    found = {(one.person_id, one.currency): one for one in accounts(rows, [entry("-2", "q")])}
    assert found.keys() == {("p", "KRW"), ("p", "USD"), ("q", "KRW")}
    lines = [(line.readings, line.total) for line in found["p", "KRW"].lines]
    assert lines == [(3, Decimal("0.3")), (1, Decimal("0.2"))]
    assert found["q", "KRW"].gross == 3


@pytest.mark.parametrize(
    ("currency", "amount", "gross"), [("KRW", "1500.50", "1501"), ("USD", "10.501", "10.51"), ("JPY", "3", "3")]
)
def test_what_has_no_coin_is_rounded_up_once(currency: str, amount: str, gross: str) -> None:
    (account,) = accounts([owed(amount, currency=currency)], [])
    assert account.gross == Decimal(gross)
    (two,) = accounts([owed("0.5"), owed("0.5")], [])
    assert two.gross == 1


def test_net_is_what_is_left_after_tax_and_an_account_in_debt_is_not_taxed() -> None:
    made = drawn("600000", "400000").statement
    found = [made.gross, made.tax.income_tax, made.tax.local_tax, made.net]
    assert found == [Decimal(amount) for amount in (1_000_000, 30_000, 3_000, 967_000)]
    (account,) = accounts([], [entry("-500")])
    in_debt = drawn_statement(
        account, PaymentCategory.BUSINESS, statement_id="s", month="2026-04", closed_on=date(2026, 5, 4)
    )
    assert in_debt.statement.net == -500


def test_a_counter_entry_of_nothing_or_of_more_than_was_paid_is_refused() -> None:
    check_correction(Decimal(-100), Decimal(100), [])
    check_correction(Decimal(-50), Decimal(100), [Decimal(-100), Decimal(50)])
    for amount, before in (("0", []), ("-101", []), ("-1", [Decimal(-100)])):
        with pytest.raises(CorrectionRefused):
            check_correction(Decimal(amount), Decimal(100), before)


def test_a_signed_file_says_all_of_the_statement_in_plain_csv() -> None:
    rows = [line.split(",") for line in file_of("2000", "2000").decode("utf-8").split("\r\n")]
    assert ["reader", "김영상", "p"] in rows
    assert ["readings", "흉부", "2000", "2", "4000"] in rows
    assert ["net", "", "", "", "3870"] in rows
    assert rows[-2][0] == "signed"


def test_a_file_is_proven_whole_under_the_hospitals_identity_alone() -> None:
    check_statement_file(file_of("2000"), SIGNER.public)
    with pytest.raises(StatementBroken):
        check_statement_file(file_of("2000"), Identity.generate().public)


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.replace(b"2000", b"9000", 1),
        lambda file: file.replace(b"signed,", b"signed;"),
        lambda file: file + b"net,,,,999999\r\n",
        lambda file: b"",
        lambda file: b"signed,",
        lambda file: file.replace(b"\r\nsigned", b"\r\nnet,,,,1\r\nsigned"),
        lambda file: file[:-10],
    ],
)
def test_a_file_of_which_a_byte_was_changed_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(StatementBroken):
        check_statement_file(change(file_of("2000")), SIGNER.public)


@pytest.mark.parametrize("words", ["=1+1", "+82", "-2", "@sum", "\tx"])
def test_a_name_is_never_a_formula(words: str) -> None:
    file = file_of("1", name=words, title=words).decode("utf-8")
    assert f",{words}" not in file
    assert f"'{words}" in file
