"""How many readings a case wants: the next reader is asked only while the consensus is less sure than the project asks.

The rule sees a case's number of readings and the posterior of its winner, and gives the number of readings wanted; the
deal does the rest (`labeling.deal` takes a number for every case). It is evaluated in deals alone, never on a reader's
act, so no worklist moves with one submission.

An extra reading must not tell its reader that others disagreed. So a share of the cases, drawn by a key of the hospital
and by nothing else, wants one reading more than the least, however sure they are, and wants it when an unsure one
would: after the least are in. Who meets a later reading cannot tell which kind it is. `told_by_an_extra_read` is what
such a reader could at most conclude.

Example: bound 0.95, one to five readings, posterior 0.90 after the first: two are wanted; 0.97 after the second: two.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

KEY_BYTES = 32
_SPAN = 1 << 64


@dataclass(frozen=True, slots=True)
class AdaptiveReads:
    """A project's setting."""

    bound: float = 0.95
    """Posterior at which a case is sure enough, above 0.5 and below 1."""
    at_least: int = 1
    at_most: int = 5
    by_chance: float = 0.1
    """Share of the cases that want one reading more than the least, whatever was read."""

    def __post_init__(self) -> None:
        """Hold a bound that can be reached and numbers in order."""
        if not (0.5 < self.bound < 1.0 and 1 <= self.at_least < self.at_most and 0.0 < self.by_chance <= 1.0):
            raise ValueError("adaptive reads need 0.5 < bound < 1, at_least < at_most, and some extra reads by chance")


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """A case as the rule sees it; the posterior is its winner's, none before the first reading."""

    case_id: str
    readings: int
    posterior: float | None


def reads_wanted(setting: AdaptiveReads, case: ReadSoFar, key: bytes) -> int:
    """How many readings the case wants in all: never fewer than it has, never more than the setting's most."""
    if case.readings < setting.at_least:
        return setting.at_least
    sure = case.posterior is not None and case.posterior >= setting.bound
    by_chance = case.readings == setting.at_least and drawn_by_chance(setting, case.case_id, key)
    return case.readings if sure and not by_chance else max(case.readings, min(case.readings + 1, setting.at_most))


def drawn_by_chance(setting: AdaptiveReads, case_id: str, key: bytes) -> bool:
    """True for the share of cases that want an extra reading by chance; nothing that was read changes it."""
    digest = hmac.new(key, b"intramuros/extra-read/1" + case_id.encode("ascii"), sha256).digest()
    return int.from_bytes(digest[:8], "big") < setting.by_chance * _SPAN


def told_by_an_extra_read(setting: AdaptiveReads, cases: Iterable[ReadSoFar], key: bytes) -> float:
    """Share of the cases read more than the least that were so because they were unsure; 0 where there are none.

    The nearer to 1, the more an extra reading tells its reader; raise `by_chance` where it is too near.
    """
    extra = [case for case in cases if case.readings > setting.at_least]
    unsure = [case for case in extra if not drawn_by_chance(setting, case.case_id, key)]
    return len(unsure) / len(extra) if extra else 0.0
