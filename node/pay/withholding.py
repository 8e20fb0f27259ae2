"""Tax withheld of what a reader is paid, by payment category: dated reference data, each row with the law it follows.

Source: the laws named in `withholding.toml`; statutes of the Republic of Korea (law.go.kr).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from node.pay.errors import WithholdingUnknown

_FILE = Path(__file__).parent / "withholding.toml"


class PaymentCategory(StrEnum):
    """As what a person is paid."""

    BUSINESS = "business"
    """Personal services given again and again (사업소득, 3.3 %)."""
    OTHER = "other"
    """Personal services given now and then (기타소득, 8.8 % after expenses)."""
    PAYROLL = "payroll"
    """Paid with the salary, whose office withholds."""
    INVOICE = "invoice"
    """The person's own firm sends an invoice."""


@dataclass(frozen=True, slots=True)
class Withholding:
    """One row: what is withheld in a category from a day on."""

    category: PaymentCategory
    since: date
    currency: str | None
    """None where it holds for every currency."""
    expenses: Decimal
    """The share of what is paid that counts as the payee's expenses."""
    income_tax: Decimal
    """The share of the income, which is what is paid less expenses."""
    local_tax: Decimal
    """The share of the income tax."""
    exempt_income: Decimal
    """Up to this income nothing is withheld."""
    least_tax: Decimal
    """An income tax below this is not withheld."""
    step: Decimal
    """Taxes are whole multiples of this, rounded down."""
    source: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """The two taxes of one payment."""

    income_tax: Decimal
    local_tax: Decimal


NOTHING_WITHHELD = Withheld(Decimal(0), Decimal(0))


@cache
def withholdings() -> tuple[Withholding, ...]:
    """Every row."""
    with _FILE.open("rb") as file:
        rows = tomllib.load(file)["rule"]
    return tuple(
        Withholding(
            category=PaymentCategory(row["category"]),
            since=row["since"],
            currency=row.get("currency"),
            expenses=Decimal(row["expenses"]),
            income_tax=Decimal(row["income_tax"]),
            local_tax=Decimal(row["local_tax"]),
            exempt_income=Decimal(row["exempt_income"]),
            least_tax=Decimal(row["least_tax"]),
            step=Decimal(row["step"]),
            source=row["source"],
        )
        for row in rows
    )


def withholding_of(category: PaymentCategory, currency: str, on: date) -> Withholding:
    """The row that holds on this day. Raises: WithholdingUnknown where none does."""
    held = [
        row
        for row in withholdings()
        if row.category is category and row.currency in (None, currency) and row.since <= on
    ]
    if not held:
        raise WithholdingUnknown
    return max(held, key=lambda row: row.since)


def withheld(rule: Withholding, gross: Decimal) -> Withheld:
    """The taxes of a payment; none of one that is owed back.

    >>> rule = withholding_of(PaymentCategory.BUSINESS, "KRW", date(2026, 1, 1))
    >>> withheld(rule, Decimal(1_000_000))
    Withheld(income_tax=Decimal('30000'), local_tax=Decimal('3000'))
    """
    income = gross * (1 - rule.expenses)
    if income <= rule.exempt_income:
        return NOTHING_WITHHELD
    tax = _whole(income * rule.income_tax, rule.step)
    if tax < rule.least_tax:
        return NOTHING_WITHHELD
    return Withheld(tax, _whole(tax * rule.local_tax, rule.step))


def _whole(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(ROUND_FLOOR) * step
