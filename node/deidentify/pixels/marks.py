"""Which text may stay in a picture: the marks a site permits, and nothing that cannot be read for certain."""

from __future__ import annotations

import re
from typing import Final

PERMITTED: Final = frozenset(
    "L R LT RT LEFT RIGHT AP PA LAT LL RL LPO RPO LAO RAO OBL PORTABLE PORT MOBILE SUPINE PRONE ERECT UPRIGHT SEMIERECT"
    " SITTING STANDING SITT INSPIRATION EXPIRATION INSP EXP DECUB DECUBITUS BEDSIDE STAT".split()
)
"""What a site permits unless it says otherwise."""
_CERTAIN: Final = 0.7
_NO_LETTER: Final = re.compile(r"[\s.,:;()\[\]/_'\"-]+")


def may_stay(said: str, score: float, permitted: frozenset[str]) -> bool:
    """Whether a line that was read so is a permitted mark; a line read without certainty is not."""
    word = _NO_LETTER.sub("", said).upper()
    return score >= _CERTAIN and word in permitted
