"""When who acts, written down before the run: an open loop with bursts, from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

SEED: Final = 320
RATE: Final = 80.0
"""Actions a second."""
BURST: Final = 3
BURST_EVERY_SECONDS, BURST_SECONDS = 30.0, 5.0
"""The last five of every thirty seconds are bursts."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One action: when it is due, in seconds from the beginning, and whose it is."""

    due: float
    reader: int
    in_burst: bool


def in_burst(due: float) -> bool:
    """True in the last seconds of each half minute."""
    return due % BURST_EVERY_SECONDS >= BURST_EVERY_SECONDS - BURST_SECONDS


def schedule(seconds: float, readers: int) -> list[Moment]:
    """Every action of a run in order: a Poisson process of the rate, threefold in bursts, by readers drawn evenly.

    Source: Lewis and Shedler, thinning, doi:10.1002/nav.3800260304.
    """
    random = Random(SEED)
    moments, due = [], 0.0
    while (due := due + random.expovariate(RATE * BURST)) < seconds:
        burst = in_burst(due)
        if burst or random.random() < 1 / BURST:
            moments.append(Moment(due, random.randrange(readers), burst))
    return moments
