"""Simulated readers with known truth: the cells of consensus-error and consensus-calibration, and their seeds.

Written down before the first run. A reader's sensitivity and specificity are drawn apart, evenly, from the range of the
cell; half the cases are read by one reader (drawn evenly), half by all; a tenth of the cases are gold. Errors are
independent given the truth. The estimator's constants were chosen on seeds 999 and 777 (prototype, not kept), never on
these.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from node.consensus.opinion_table import NO_GOLD, Indices, OpinionTable

SEED = 20_261_122
SEEDS_SHORT, SEEDS_FULL = 10, 40
CASES, GOLD = 600, 60
OPTIONS = ("absent", "present")


@dataclass(frozen=True, slots=True)
class Cell:
    """How many readers, how good they are, and how often the finding is present."""

    readers: int
    low: float
    high: float
    prevalence: float

    def __str__(self) -> str:
        """Short words for notes."""
        return f"{self.readers} readers {self.low:.2f}-{self.high:.2f}, present in {self.prevalence:.0%}"


CELLS = tuple(
    Cell(readers, low, high, prevalence)
    for readers, (low, high), prevalence in product(
        (3, 5, 7), ((0.65, 0.98), (0.65, 0.80), (0.85, 0.98)), (0.50, 0.20, 0.05)
    )
)


@dataclass(frozen=True, slots=True)
class World:
    """What was read, what is known of it, and what is true."""

    table: OpinionTable
    gold: Indices
    truth: Indices

    @property
    def open(self) -> NDArray[np.bool_]:
        """The cases that are not gold: only these are scored."""
        scored: NDArray[np.bool_] = self.gold == NO_GOLD
        return scored


def world(cell: Cell, seed: int) -> World:
    """One draw of a cell; the same seed gives the same world."""
    rng = np.random.default_rng(
        [SEED, seed, cell.readers, *(round(100 * x) for x in (cell.low, cell.high, cell.prevalence))]
    )
    truth = (rng.random(CASES) < cell.prevalence).astype(np.intp)
    right = rng.uniform(cell.low, cell.high, (cell.readers, 2))
    reads = np.ones((CASES, cell.readers), dtype=np.bool_)
    once = rng.permutation(CASES)[: CASES // 2]
    reads[once] = np.eye(cell.readers, dtype=np.bool_)[rng.integers(0, cell.readers, len(once))]
    cases, readers = np.nonzero(reads)
    is_right = rng.random(len(cases)) < right[readers, truth[cases]]
    chosen = np.where(is_right, truth[cases], 1 - truth[cases]).astype(np.intp)
    gold = np.full(CASES, NO_GOLD, dtype=np.intp)
    known = rng.choice(CASES, GOLD, replace=False)
    gold[known] = truth[known]
    names = tuple(f"{case:03}" for case in range(CASES)), tuple(f"r{reader}" for reader in range(cell.readers))
    return World(OpinionTable(*names, OPTIONS, cases, readers, chosen), gold, truth)
