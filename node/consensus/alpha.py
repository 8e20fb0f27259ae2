"""Krippendorff's alpha: agreement of any number of readers, any readings per case, missing ones allowed.

alpha = 1 - observed / expected disagreement, both from the coincidences of values within cases; a case with one
opinion says nothing about agreement and is left out. The metric says how far apart two options are: nominal (equal or
not), ordinal (how many opinions lie between their ranks), interval (squared difference of their values).
Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, University of Pennsylvania; Hayes and
Krippendorff 2007, doi:10.1080/19312450709336664.

Example: three cases, two readers, (a a) (a b) (b b): observed 1/3, expected 3/5, alpha = 1 - 5/9 = 0.444.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import Counts
from node.consensus.resampling import DRAWS, Figure, Frequencies, measured


class Metric(StrEnum):
    """What the options of a question are to each other."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


def alpha(
    counts: Counts,
    metric: Metric = Metric.NOMINAL,
    *,
    values: Sequence[float] = (),
    frequencies: Frequencies | None = None,
) -> float:
    """Alpha from how many readers chose what (int64 [case, option], options in order); `values` for interval alone.

    Raises:
        AgreementUnmeasurable: no case has two opinions, or all opinions are one option.
    """
    together = coincidences(counts, frequencies)
    each = together.sum(axis=1)
    total = each.sum()
    apart = _apart(metric, each, np.asarray(values, dtype=np.float64))
    expected = float((np.outer(each, each) * apart).sum())
    if total == 0 or expected == 0:
        raise AgreementUnmeasurable("no two opinions on one case, or one option only")
    return 1.0 - float(total - 1) * float((together * apart).sum()) / expected


def alpha_figure(
    counts: Counts, metric: Metric, rng: np.random.Generator, *, values: Sequence[float] = (), draws: int = DRAWS
) -> Figure:
    """Alpha with its interval; counts only the cases with two opinions or more.

    Raises:
        AgreementUnmeasurable: there is no alpha.
    """
    paired = counts[counts.sum(axis=1) >= 2]
    if not len(paired):
        raise AgreementUnmeasurable("no case has two opinions")
    return measured(lambda rows, shown: alpha(rows, metric, values=values, frequencies=shown), paired, rng, draws=draws)


def coincidences(counts: Counts, frequencies: Frequencies | None = None) -> NDArray[np.float64]:
    """How often two values meet on one case, each pair weighted by 1 / (opinions - 1): float64 [option, option]."""
    readings = counts.sum(axis=1)
    paired = readings >= 2
    rows = counts[paired].astype(np.float64)
    shown = np.ones(len(rows)) if frequencies is None else frequencies[paired].astype(np.float64)
    scaled = rows * (shown / (readings[paired] - 1))[:, None]
    together: NDArray[np.float64] = scaled.T @ rows - np.diag(scaled.sum(axis=0))
    return together


def _apart(metric: Metric, each: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distance of every pair of options: float64 [option, option]."""
    match metric:
        case Metric.NOMINAL:
            return 1.0 - np.eye(len(each))
        case Metric.ORDINAL:
            middle = np.cumsum(each) - each / 2
            return np.square(middle[:, None] - middle[None, :])
        case Metric.INTERVAL:
            places = values if len(values) else np.arange(len(each), dtype=np.float64)
            return np.square(places[:, None] - places[None, :])
