"""Which cases ask for which readers, and which come first: rules by modality, body part and difficulty, and urgency.

The first rule that matches a case decides; where none does, the project's own department is asked for. Difficulty,
priority and due date are words of the lead, and nothing here looks at what readers did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from protocols.encoding import Code

MAX_RULES: Final = 32
Word = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9 _]{0,15}$")]
"""A modality or a body part, as DICOM writes it."""


class Difficulty(StrEnum):
    """What the lead says of a case; a case of which nothing is said is usual."""

    EASY = "easy"
    USUAL = "usual"
    HARD = "hard"


class Priority(IntEnum):
    """What comes first in every worklist."""

    LATER = 1
    USUAL = 2
    SOON = 3
    FIRST = 4


class CaseRule(BaseModel):
    """Cases that are all of what is said of them are asked of readers who are all of what is said of these."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    modality: Word | None = None
    body_part: Word | None = None
    difficulty: Difficulty | None = None
    department: Code | None = None
    subspecialty: Code | None = None
    min_years: Annotated[int, Field(ge=0, le=60)] = 0


CaseRules = tuple[CaseRule, ...]
RULES: Final = TypeAdapter(Annotated[CaseRules, Field(max_length=MAX_RULES)])
"""How rules are kept and sent: a JSON list, in the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class CaseTraits:
    """What rules ask of a case."""

    modality: str
    body_part: str
    """Of its first image; empty where the image says none."""
    difficulty: Difficulty = Difficulty.USUAL


@dataclass(frozen=True, slots=True)
class Urgency:
    """When a case is wanted."""

    priority: Priority = Priority.USUAL
    due_on: date | None = None

    @property
    def rank(self) -> int:
        """Smaller comes first: by priority, then by due date, cases without one last."""
        days = _NO_DAY if self.due_on is None else self.due_on.toordinal()
        return (Priority.FIRST - self.priority) * _DAYS + days


_NO_DAY: Final = date.max.toordinal() + 1
_DAYS: Final = 10_000_000
USUAL_RANK: Final = Urgency().rank
"""Of a case of which nothing is said."""


def rule_for(rules: Sequence[CaseRule], traits: CaseTraits) -> CaseRule | None:
    """The first rule that matches the case, or none."""
    return next((rule for rule in rules if _matches(rule, traits)), None)


def _matches(rule: CaseRule, traits: CaseTraits) -> bool:
    return (
        rule.modality in (None, traits.modality)
        and rule.body_part in (None, traits.body_part)
        and rule.difficulty in (None, traits.difficulty)
    )
