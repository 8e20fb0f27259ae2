"""Intervals by drawing cases anew: cases, never readings, because the readings of one case are not independent.

Cases with the same counts are one pattern, so a draw is one multinomial sample over patterns and memory does not grow
with the number of cases. The interval is the middle 95 % of the draws in which the figure exists.
Source: Zapf et al. 2016, doi:10.1186/s12874-016-0200-9 (bootstrap over cases for Krippendorff's alpha, Fleiss' kappa).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import Counts

DRAWS = 1000
COVERED_PERCENT = 95.0
Frequencies = NDArray[np.int64]
Statistic = Callable[[Counts, Frequencies], float]
"""A figure of patterns (int64 [pattern, option]) and of how many cases show each."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure; its interval is missing where too few draws gave one."""

    value: float
    low: float | None
    high: float | None
    cases: int


def patterns_of(counts: Counts) -> tuple[Counts, Frequencies]:
    """The distinct rows of counts, and how many cases show each."""
    patterns, frequencies = np.unique(counts, axis=0, return_counts=True)
    return patterns, frequencies.astype(np.int64)


def measured(statistic: Statistic, counts: Counts, rng: np.random.Generator, *, draws: int = DRAWS) -> Figure:
    """The figure of these cases with its interval; the same generator state gives the same interval.

    Raises:
        AgreementUnmeasurable: the figure does not exist for these cases.
    """
    patterns, frequencies = patterns_of(counts)
    value = statistic(patterns, frequencies)
    cases = int(frequencies.sum())
    drawn = []
    for _ in range(draws):
        try:
            drawn.append(statistic(patterns, rng.multinomial(cases, frequencies / cases)))
        except AgreementUnmeasurable:
            continue
    if 2 * len(drawn) < draws:
        return Figure(value, None, None, cases)
    outside = (100.0 - COVERED_PERCENT) / 2
    low, high = np.percentile(drawn, [outside, 100.0 - outside])
    return Figure(value, float(low), float(high), cases)
