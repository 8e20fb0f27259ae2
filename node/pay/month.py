"""A month of pay, in the hospital's zone; it can be closed from the fourth day after it, and is never opened again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from node.pay.errors import MonthRefused, MonthRunning

CONTEST_DAYS: Final = 3
"""Days after a month in which its readers may still object before it is closed."""
_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A month as `2026-03`."""

    text: str

    def __post_init__(self) -> None:
        """Raises: MonthRefused for what is none."""
        if not _MONTH.fullmatch(self.text):
            raise MonthRefused

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Its first moment, and the first after it."""
        year, number = int(self.text[:4]), int(self.text[5:])
        after = (year + 1, 1) if number == _MONTHS else (year, number + 1)
        first, next_first = (datetime(*one, 1, tzinfo=zone) for one in ((year, number), after))
        return first.astimezone(UTC), next_first.astimezone(UTC)

    def check_closable(self, zone: tzinfo, now: datetime) -> None:
        """Return when the month is over, and the days in which readers may object. Raises: MonthRunning."""
        if now < self.bounds(zone)[1] + timedelta(days=CONTEST_DAYS):
            raise MonthRunning


def month_at(now: datetime, zone: tzinfo) -> Month:
    """The month in which this moment lies."""
    return Month(now.astimezone(zone).strftime("%Y-%m"))
