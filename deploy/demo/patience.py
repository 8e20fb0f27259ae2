"""How much longer than usual to wait before giving up, on a machine that gets its processors now and then."""

from __future__ import annotations

import os
from typing import Final

VARIABLE: Final = "INTRAMUROS_PATIENCE"


def patient(seconds: float) -> float:
    """The seconds times INTRAMUROS_PATIENCE, which is 1 where it is not set.

    Raises:
        ValueError: the variable is no whole number of 1 or more.
    """
    told = os.environ.get(VARIABLE, "1")
    if not told.isdecimal() or int(told) < 1:
        raise ValueError(f"{VARIABLE} must be a whole number of 1 or more")
    return seconds * int(told)
