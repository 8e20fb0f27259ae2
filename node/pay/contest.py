"""A reader objects to a gold verdict: what the own first reading said against what was known of a gold case.

Verdicts are shown when their month is over and can be contested until it is closed; before, nobody who reads is told
which cases are gold. What a reader amended later changes no verdict. The project's lead decides without a name, and a
month with an undecided objection is not closed. No verdict changes what a reading is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ContestReason(StrEnum):
    """Why a verdict should not stand; never free text."""

    GOLD_WRONG = "gold-wrong"
    SEVERAL_RIGHT = "several-right"
    IMAGE_POOR = "image-poor"
    GUIDELINE_UNCLEAR = "guideline-unclear"


class ContestState(StrEnum):
    """Where an objection stands; a decided one stays so."""

    OPEN = "open"
    UPHELD = "upheld"
    """The verdict no longer stands."""
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class GoldVerdict:
    """What a first reading said to one thing that is known of a gold case."""

    reading_id: str
    project_id: str
    case_id: str
    voted: str
    said: str | None
    """None for an abstention."""
    known: str

    @property
    def right(self) -> bool:
        """True when the reading said what is known."""
        return self.said == self.known


@dataclass(frozen=True, slots=True)
class Contest:
    """One objection, with what it is about as it was then."""

    verdict: GoldVerdict
    person_id: str
    month: str
    reason: ContestReason
    raised_at: datetime
    state: ContestState = ContestState.OPEN
