"""The rate of a reading: an exact amount in a currency, shown before work begins and never applied backwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from node.readers.errors import RateRefused

MOST: Final = Decimal(100_000_000)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class Rate:
    """What one reading is paid from a moment on."""

    amount: Decimal
    currency: str
    """ISO 4217, such as KRW."""
    since: datetime

    def __post_init__(self) -> None:
        """Raises: RateRefused for no currency, a negative amount or too many places."""
        exact = self.amount.is_finite() and 0 <= self.amount <= MOST and self._places() <= _PLACES
        if not exact or not _CURRENCY.fullmatch(self.currency):
            raise RateRefused

    def _places(self) -> int:
        exponent = self.amount.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else _PLACES + 1
