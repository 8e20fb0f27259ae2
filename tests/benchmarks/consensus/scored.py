"""How wrong and how well calibrated a fusion is, against the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node.consensus.fusion import NO_WINNER, Fused
from node.consensus.opinion_table import Indices

BINS = 15
"""Equal widths. Source: Guo et al. 2017, arXiv 1706.04599."""


def error(fused: Fused, truth: Indices, scored: NDArray[np.bool_]) -> float:
    """Share of the scored cases whose winner is not the truth; a tie counts as wrong in half."""
    winners = fused.winners()[scored]
    wrong = np.where(winners == NO_WINNER, 0.5, winners != truth[scored])
    return float(wrong.mean())


def calibration_error(posterior: NDArray[np.float64], truth: Indices) -> float:
    """Expected calibration error of the winner's posterior; `posterior` is float64 [case, option]."""
    sure, right = posterior.max(axis=1), posterior.argmax(axis=1) == truth
    within = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
    shares = np.bincount(within, minlength=BINS)
    gaps = np.abs(np.bincount(within, weights=sure - right, minlength=BINS))
    return float(gaps.sum() / shares.sum())
