"""Spacing against fatigue: after so many readings without a rest, a reader rests before the next case.

Only the reader's own readings count, whatever project they are in. A case that is held is finished without waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.labeling.errors import RestDue, RestRefused


@dataclass(frozen=True, slots=True)
class Rest:
    """How long a rest is, and after how many readings without one it is due."""

    after_readings: int
    minutes: int

    def __post_init__(self) -> None:
        """Raises: RestRefused outside 1 to 500 readings and 1 to 240 minutes."""
        if not (1 <= self.after_readings <= 500 and 1 <= self.minutes <= 240):
            raise RestRefused("a rest is due after 1 to 500 readings, and lasts 1 to 240 minutes")


def check_rested(rest: Rest | None, submitted: Sequence[datetime], now: datetime) -> None:
    """Return when the reader may take a case; `submitted` are the own readings, the latest first.

    Raises:
        RestDue: so many readings came one after another, and the last is less than a rest ago.
    """
    if rest is None:
        return
    pause, later, row = timedelta(minutes=rest.minutes), now, 0
    for moment in submitted:
        if later - moment >= pause:
            break
        later, row = moment, row + 1
    if row >= rest.after_readings:
        raise RestDue((submitted[0] + pause - now).total_seconds())
