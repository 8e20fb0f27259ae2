"""The rate card of a project: what a reading is paid, by specialty and difficulty, from a moment on.

A project is one task with one payer, so a card is a project's. A card is never changed: a later one follows it, with
the next version, and holds for cases taken from then on. What a case is paid is bound to its assignment when the reader
takes it, and follows from the card, the reader's specialty and what the lead said of the case. Whether it is a gold, a
repeated or a pilot case is asked by nobody here, so these pay alike. A submitted reading is owed what its case was
bound to; one that its reader amends is owed nothing more; a case that is given anew is bound anew. Quality changes no
rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from node.labeling.case_rules import Difficulty
from node.pay.errors import CardRefused
from node.readers.rate import Rate

MAX_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class CardLine:
    """What a reading by this specialty of a case of this difficulty is paid; none means any."""

    department: str | None
    difficulty: Difficulty | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RateCard:
    """A project's rates from a moment on."""

    rate: Rate
    """Where no line says otherwise."""
    lines: tuple[CardLine, ...] = ()

    def __post_init__(self) -> None:
        """Raises: CardRefused for two lines about the same readings or one about all; RateRefused for an amount."""
        kinds = {(line.department, line.difficulty) for line in self.lines}
        if len(kinds) != len(self.lines) or (None, None) in kinds or len(kinds) > MAX_LINES:
            raise CardRefused("two lines speak of the same readings, or a line of all of them")
        for line in self.lines:
            self._at(line.amount)

    def rate_for(self, department: str | None, difficulty: Difficulty) -> Rate:
        """What a reader of this specialty is paid for a case of this difficulty.

        The line about both counts before the one about the specialty, this before the one about the difficulty.
        """
        said = {(line.department, line.difficulty): line.amount for line in self.lines}
        for kind in ((department, difficulty), (department, None), (None, difficulty)):
            if kind in said:
                return self._at(said[kind])
        return self.rate

    def shown_to(self, department: str | None) -> Mapping[Difficulty, Rate]:
        """What a reader of this specialty is told before starting."""
        return {difficulty: self.rate_for(department, difficulty) for difficulty in Difficulty}

    def _at(self, amount: Decimal) -> Rate:
        return Rate(amount, self.rate.currency, self.rate.since)


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card as the project has it."""

    version: int
    """Counted from 1 in each project."""
    card: RateCard


@dataclass(frozen=True, slots=True)
class BoundRate:
    """What an assignment is paid once it is read, and under which card; no later card changes it."""

    rate: Rate
    card_version: int
    bound_at: datetime


@dataclass(frozen=True, slots=True)
class OwedReading:
    """What one submitted reading is owed; it stays so for good."""

    reading_id: str
    person_id: str
    project_id: str
    submitted_at: datetime
    amount: Decimal
    currency: str
    card_version: int
