"""Repeats: a reader is given an own earlier case again, under other names, to see how well they agree with themselves.

How many a reader is given follows from the number of the own readings, which cases from identifiers alone, and when
from the moment of the first reading: nothing that another reader does moves any of it. A case is repeated once for a
reader. A repeat is a place like any other, and paid like any other; its reading is no opinion on the case, because its
reader has given theirs: it counts in no vote, agreement of readers, or estimate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.labeling.errors import RepeatsRefused

MOST_SHARE, FEWEST_DAYS, MOST_DAYS = 0.2, 1, 365


@dataclass(frozen=True, slots=True)
class Repeats:
    """A project's setting: for so large a share of a reader's own readings there is a repeat, after so many days."""

    share: float
    after_days: int

    def __post_init__(self) -> None:
        """Raises: RepeatsRefused for a share or a spacing out of bounds."""
        if not (0 < self.share <= MOST_SHARE and FEWEST_DAYS <= self.after_days <= MOST_DAYS):
            raise RepeatsRefused("repeats are up to a fifth of the readings, after 1 to 365 days")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A case to be given to its reader again, under this name."""

    case_id: str
    of_case_id: str
    person_id: str
    position: int
    """Where in the worklist."""


def due(
    repeats: Repeats,
    submitted: Mapping[str, Mapping[str, datetime]],
    made: Mapping[str, Collection[str]],
    now: datetime,
    new_id: Callable[[], str],
) -> list[Repeat]:
    """The repeats that are to be made now. `submitted`: moment of the first reading by person and case; `made`: the
    cases repeated before, by person.
    """
    latest, found = now - timedelta(days=repeats.after_days), []
    for person_id, readings in sorted(submitted.items()):
        before = made.get(person_id, ())
        wanted = int(len(readings) * repeats.share) - len(before)
        ripe = [case_id for case_id, at in readings.items() if at <= latest and case_id not in before]
        ripe.sort(key=lambda case_id, person_id=person_id: _score("repeat", person_id, case_id))  # type: ignore[misc]  # the default binds the loop's value
        for case_id in ripe[: max(0, wanted)]:
            name = new_id()
            found.append(Repeat(name, case_id, person_id, _score("position", person_id, name) >> 2))
    return found


def _score(*parts: str) -> int:
    return int.from_bytes(hashlib.blake2b("/".join(parts).encode("ascii"), digest_size=8).digest(), "big")
