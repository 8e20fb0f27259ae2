"""How many readings a case wants: the next reader is asked only while the consensus is less sure than the project asks.

The rule sees a case's number of readings and the posterior of its winner, and says whether it wants another; the deal
does the rest (`consensus.extra_places`). It is evaluated in deals alone, never on a reader's act, so no worklist moves
with one submission.

An extra reading must not tell its reader that others disagreed. So every reader has the same number of extra places
whatever was said, and a share of these, drawn by a key of the hospital and by nothing else, is given by chance.

Example: bound 0.95, one to five readings, posterior 0.90 after the first: another is wanted; 0.97 after the second:
none.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

KEY_BYTES: Final = 32
MOST_PLACES_EACH: Final = 50
_SPAN = 1 << 64


@dataclass(frozen=True, slots=True)
class AdaptiveReads:
    """A project's setting."""

    bound: float = 0.95
    """Posterior at which a case is sure enough, above 0.5 and below 1."""
    at_least: int = 1
    at_most: int = 5
    by_chance: float = 0.1
    """Share of the extra places that are given by chance, whatever was read."""
    places_each: int = 1
    """How many unread extra places each reader has after every deal."""

    def __post_init__(self) -> None:
        """Hold a bound that can be reached and numbers in order."""
        in_order = 0.5 < self.bound < 1.0 and 1 <= self.at_least < self.at_most and 0.0 < self.by_chance <= 1.0
        if not (in_order and 1 <= self.places_each <= MOST_PLACES_EACH):
            raise ValueError("adaptive reads need 0.5 < bound < 1, at_least < at_most, some by chance, 1 to 50 places")


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """A case as the rule sees it; the posterior is its winner's, none before the first reading."""

    readings: int
    posterior: float | None


def wants_another(setting: AdaptiveReads, case: ReadSoFar) -> bool:
    """True while the case has fewer readings than the least, or is unsure and has fewer than the most."""
    if case.readings < setting.at_least:
        return True
    sure = case.posterior is not None and case.posterior >= setting.bound
    return not sure and case.readings < setting.at_most


def by_chance(setting: AdaptiveReads, place: str, key: bytes) -> bool:
    """True for the share of extra places that are given by chance; nothing that was read changes it."""
    digest = hmac.new(key, b"intramuros/extra-place/1" + place.encode("ascii"), sha256).digest()
    return int.from_bytes(digest[:8], "big") < setting.by_chance * _SPAN
