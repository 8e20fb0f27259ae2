"""What readings pay per active hour: an aggregate for the lead, and each reader's own figure. No one is paid by it.

Active time is the time in which the page saw its reader at work, idle time removed. The lead sees no cell of few
readers, so that nobody's speed can be read from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

_HOUR = Decimal(3600)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PayOf:
    """Whose or which project's readings are asked for."""

    project_id: str | None = None
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class TimedPay:
    """What one reading is owed, and how long its reader was active on it."""

    person_id: str
    currency: str
    amount: Decimal
    seconds_active: float


@dataclass(frozen=True, slots=True)
class HourlyPay:
    """What readings pay per active hour in one currency."""

    currency: str
    readings: int
    readers: int
    per_hour: Decimal | None
    """None where too few readers stand behind it, or no time was measured."""


def hourly_pay(timed: Iterable[TimedPay], *, readers: int) -> list[HourlyPay]:
    """The figure of each currency, by sums; without it, and without counts, where fewer read than so many.

    >>> hourly_pay([TimedPay("p", "KRW", Decimal(2000), 120.0)], readers=1)[0].per_hour
    Decimal('60000.00')
    """
    by_currency: dict[str, list[TimedPay]] = defaultdict(list)
    for one in timed:
        by_currency[one.currency].append(one)
    return [_figure(currency, found, readers) for currency, found in sorted(by_currency.items())]


def _figure(currency: str, found: list[TimedPay], readers: int) -> HourlyPay:
    people = len({one.person_id for one in found})
    if people < readers:
        return HourlyPay(currency, 0, 0, None)
    seconds = sum((Decimal(str(one.seconds_active)) for one in found), Decimal(0))
    if seconds == 0:
        return HourlyPay(currency, len(found), people, None)
    paid = sum((one.amount for one in found), Decimal(0))
    return HourlyPay(currency, len(found), people, (paid * _HOUR / seconds).quantize(_CENT, ROUND_HALF_EVEN))
