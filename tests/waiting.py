"""Waiting for what another process does. A bound ends a wait for what will never come; it times nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

from deploy.demo.patience import patient

__all__ = ["patient", "until"]


def until(
    holds: Callable[[], bool], seconds: float, what: str | Callable[[], str], *, every_seconds: float = 0.2
) -> None:
    """Returns once `holds`. Raises: TimeoutError naming what did not come within the seconds, times the patience."""
    end = time.monotonic() + patient(seconds)
    while not holds():
        if time.monotonic() > end:
            named = what if isinstance(what, str) else what()
            raise TimeoutError(f"{named} (not within {patient(seconds):.0f} s)")
        time.sleep(every_seconds)
