"""Ages in bands of ten years: enough to read by, too little to know whom. Source: PS3.5 table 6.2-1, AS."""

from __future__ import annotations

import re
from typing import Final

_AGE: Final = re.compile(r"(\d{3})([DWMY])")
_OLDEST_BAND: Final = 90


def age_band(age: str) -> str:
    """`40-49` for `045Y`, `0-9` for `018M`, `90+` from 90 years on, "" for what is no age."""
    match = _AGE.fullmatch(age)
    if match is None:
        return ""
    years = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}[match[2]] * int(match[1])
    first = int(years) // 10 * 10
    return f"{_OLDEST_BAND}+" if first >= _OLDEST_BAND else f"{first}-{first + 9}"
