"""An application: a specialist asks to read here; IT holds the numbers against the originals, then takes or refuses.

Nobody who applied can sign in before that. The states are a table; a decision is made once. What a refused applicant
wrote is emptied with the refusal; of a taken one it went to the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from node.ground.texts import Language
from node.readers.errors import ApplicationDecided

MOST_WAITING: Final = 200
"""Further applications are refused until some are decided: nobody fills the disk from outside."""


class ApplicationState(StrEnum):
    """Where an application stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.WAITING: frozenset({ApplicationState.TAKEN, ApplicationState.REFUSED}),
    ApplicationState.TAKEN: frozenset(),
    ApplicationState.REFUSED: frozenset(),
}


class RefusalReason(StrEnum):
    """Why an applicant is refused; a code, so that nothing about a person is written down."""

    NUMBERS_NOT_CONFIRMED = "numbers-not-confirmed"
    SPECIALTY_NOT_NEEDED = "specialty-not-needed"
    KNOWN_ALREADY = "known-already"


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What a specialist says; nothing of it is believed."""

    name: str
    department: str
    licence_number: str
    specialty_number: str
    language: Language = Language.KO
    subspecialty: str | None = None
    specialist_since: int | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One application as IT sees it."""

    application_id: str
    said: NewApplication
    sent_at: datetime
    state: ApplicationState


def check_move(current: ApplicationState, wanted: ApplicationState) -> None:
    """Return when the table allows the move. Raises: ApplicationDecided."""
    if wanted not in MOVES[current]:
        raise ApplicationDecided
