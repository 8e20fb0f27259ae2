"""Pay per active hour is an aggregate of five readers or more."""

from decimal import Decimal

from node.pay.fairness import HourlyPay, TimedPay, hourly_pay


def timed(person: str, amount: str = "2000", seconds: float = 120.0, currency: str = "KRW") -> TimedPay:
    return TimedPay(person, currency, Decimal(amount), seconds)


def test_the_figure_is_what_was_paid_by_what_was_worked() -> None:
    rows = [timed(str(n), "1000", 60.0 * (n + 1)) for n in range(5)]
    assert hourly_pay(rows, readers=5) == [HourlyPay("KRW", 5, 5, Decimal("20000.00"))]


def test_fewer_than_five_readers_are_not_even_counted() -> None:
    rows = [timed(str(n % 4)) for n in range(40)]
    assert hourly_pay(rows, readers=5) == [HourlyPay("KRW", 0, 0, None)]
    assert hourly_pay(rows[:1], readers=1) == [HourlyPay("KRW", 1, 1, Decimal("60000.00"))]


def test_currencies_are_not_added_and_no_time_is_no_figure() -> None:
    rows = [timed("p", seconds=0), timed("p", currency="USD")]
    assert [(one.currency, one.per_hour) for one in hourly_pay(rows, readers=1)] == [
        ("KRW", None),
        ("USD", Decimal("60000.00")),
    ]
    assert hourly_pay([], readers=5) == []
