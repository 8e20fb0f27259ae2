"""The statement of one reader and month: what was read at which rate, counter-entries, tax and net.

One currency, one statement. It is drawn when the month is closed and never changed afterwards. A mistake in a closed
one is put right by a counter-entry, which stands in the statement of the month in which it was made. Sums are exact;
what a currency has no coin for is rounded up once, on the whole. Where more is owed back than earned, nothing is
withheld.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Final

from node.pay.card import OwedReading
from node.pay.errors import CorrectionRefused
from node.pay.withholding import PaymentCategory, Withheld, withheld, withholding_of

_PLACES: Final = {"KRW": 0, "JPY": 0, "VND": 0, "CLP": 0, "ISK": 0}
_USUAL_PLACES: Final = 2
"""Minor units. Source: ISO 4217."""


class CorrectionReason(StrEnum):
    """Why a closed statement is put right."""

    WRONG_RATE = "wrong-rate"
    COUNTED_TWICE = "counted-twice"
    NOT_COUNTED = "not-counted"
    WRONG_CATEGORY = "wrong-category"
    CONTEST_UPHELD = "contest-upheld"


@dataclass(frozen=True, slots=True)
class CounterEntry:
    """What is added to, or taken from, what a reader is owed, because a closed statement was wrong."""

    entry_id: str
    corrects: str
    """The closed statement."""
    person_id: str
    currency: str
    amount: Decimal
    reason: CorrectionReason
    made_at: datetime


@dataclass(frozen=True, slots=True)
class StatementLine:
    """So many readings of a project at one rate."""

    project_id: str
    amount: Decimal
    readings: int

    @property
    def total(self) -> Decimal:
        """What they come to."""
        return self.amount * self.readings


@dataclass(frozen=True, slots=True)
class Account:
    """What one reader earned in a month in one currency, before tax."""

    person_id: str
    currency: str
    lines: tuple[StatementLine, ...]
    entries: tuple[CounterEntry, ...]

    @property
    def gross(self) -> Decimal:
        """What is paid before tax, in whole coins."""
        exact = sum((one.total for one in self.lines), sum((one.amount for one in self.entries), Decimal(0)))
        coin = Decimal(1).scaleb(-_PLACES.get(self.currency, _USUAL_PLACES))
        return exact.quantize(coin, ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one reader is paid for a closed month in one currency."""

    statement_id: str
    month: str
    person_id: str
    currency: str
    category: PaymentCategory
    gross: Decimal
    tax: Withheld

    @property
    def net(self) -> Decimal:
        """What is paid out."""
        return self.gross - self.tax.income_tax - self.tax.local_tax


@dataclass(frozen=True, slots=True)
class DrawnStatement:
    """A statement with what it was drawn from."""

    statement: Statement
    account: Account
    law: str
    """What the tax follows."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody who pays opened a statement, which has a name in it."""

    statement_id: str
    at: datetime
    by: str


def accounts(owed: Iterable[OwedReading], entries: Iterable[CounterEntry]) -> list[Account]:
    """What each reader earned, by reader and currency."""
    counted: Mapping[tuple[str, str], Counter[tuple[str, Decimal]]] = defaultdict(Counter)
    corrected: Mapping[tuple[str, str], list[CounterEntry]] = defaultdict(list)
    for one in owed:
        counted[one.person_id, one.currency][one.project_id, one.amount] += 1
    for entry in entries:
        corrected[entry.person_id, entry.currency].append(entry)
    return [
        Account(
            person_id,
            currency,
            tuple(StatementLine(*kind, number) for kind, number in sorted(counted[person_id, currency].items())),
            tuple(corrected[person_id, currency]),
        )
        for person_id, currency in sorted({*counted, *corrected})
    ]


def drawn_statement(
    account: Account, category: PaymentCategory, *, statement_id: str, month: str, closed_on: date
) -> DrawnStatement:
    """The account with its tax. Raises: WithholdingUnknown where no row of the law is known for it."""
    gross, rule = account.gross, withholding_of(category, account.currency, closed_on)
    tax = withheld(rule, gross)
    made = Statement(statement_id, month, account.person_id, account.currency, category, gross, tax)
    return DrawnStatement(made, account, rule.source)


def check_correction(amount: Decimal, gross: Decimal, before: Iterable[Decimal]) -> None:
    """Return when the counter-entry may be made. Raises: CorrectionRefused for nothing, or more back than was paid."""
    if amount == 0 or gross + sum(before, amount) < 0:
        raise CorrectionRefused
