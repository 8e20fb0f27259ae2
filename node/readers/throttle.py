"""How long guessing waits: the first failures are free, then each doubles the pause, up to five minutes.

Every attempt is charged before it is checked and given back when it was right, so that many at once gain nothing. An
attempt refused here is not charged: nobody is locked out for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

FREE_PER_PERSON = 5
FREE_PER_ADDRESS = 50
"""Higher, since a ward's PCs may share one address."""
MAX_PAUSE_SECONDS = 300
FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures under one key, and when the last was."""

    failures: int
    last_at: datetime


def wait_seconds(attempts: Attempts | None, *, free: int, now: datetime) -> int:
    """Seconds until the next attempt is heard; 0 when it is heard now."""
    if attempts is None or attempts.failures < free or now - attempts.last_at > FORGOTTEN_AFTER:
        return 0
    pause = timedelta(seconds=min(2 ** min(attempts.failures - free, 10), MAX_PAUSE_SECONDS))
    return max(0, ceil((attempts.last_at + pause - now).total_seconds()))
