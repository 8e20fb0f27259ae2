"""Taxes withheld, against the rates that the payers of Korea know by heart: 3.3 % and 8.8 %."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from node.pay.errors import WithholdingUnknown
from node.pay.withholding import NOTHING_WITHHELD, PaymentCategory, Withheld, withheld, withholding_of, withholdings

TODAY = date(2026, 4, 4)


def taxes(category: PaymentCategory, gross: str, on: date = TODAY) -> Withheld:
    return withheld(withholding_of(category, "KRW", on), Decimal(gross))


@pytest.mark.parametrize(
    ("category", "gross", "income_tax", "local_tax"),
    [
        # 지급액 15,000,000, 필요경비 60 %: 소득세 1,200,000, 지방소득세 120,000 (8.8 %).
        (PaymentCategory.OTHER, "15000000", "1200000", "120000"),
        (PaymentCategory.OTHER, "125000", "0", "0"),
        (PaymentCategory.OTHER, "125001", "10000", "1000"),
        (PaymentCategory.BUSINESS, "1000000", "30000", "3000"),
        (PaymentCategory.BUSINESS, "33333", "990", "90"),
        (PaymentCategory.BUSINESS, "300", "0", "0"),
        (PaymentCategory.BUSINESS, "-5000", "0", "0"),
        (PaymentCategory.PAYROLL, "1000000", "0", "0"),
        (PaymentCategory.INVOICE, "1000000", "0", "0"),
    ],
)
def test_what_is_withheld(category: PaymentCategory, gross: str, income_tax: str, local_tax: str) -> None:
    assert taxes(category, gross) == Withheld(Decimal(income_tax), Decimal(local_tax))


def test_the_law_of_the_day_counts() -> None:
    """Since July 2024 personal services are withheld of even where the tax is under 1,000 won."""
    assert taxes(PaymentCategory.BUSINESS, "30000", date(2024, 6, 30)) == NOTHING_WITHHELD
    assert taxes(PaymentCategory.BUSINESS, "30000", date(2024, 7, 1)) == Withheld(Decimal(900), Decimal(90))


def test_every_row_names_its_law_and_no_two_begin_alike() -> None:
    rows = withholdings()
    assert all("법" in row.source for row in rows)
    assert {row.category for row in rows} == set(PaymentCategory)
    assert len({(row.category, row.currency, row.since) for row in rows}) == len(rows)


def test_without_a_row_nothing_is_guessed() -> None:
    with pytest.raises(WithholdingUnknown):
        withholding_of(PaymentCategory.BUSINESS, "USD", TODAY)
    first = min(row.since for row in withholdings() if row.category is PaymentCategory.BUSINESS)
    with pytest.raises(WithholdingUnknown):
        withholding_of(PaymentCategory.BUSINESS, "KRW", first - timedelta(days=1))
    assert withholding_of(PaymentCategory.INVOICE, "USD", TODAY).income_tax == 0
