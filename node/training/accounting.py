"""How much of a patient's privacy was spent: Renyi accounting of DP-SGD, composed over rounds and plans.

Rules: neighbours are two cohorts of which one holds one patient more (add or remove); a step draws every patient by
itself with the sampling rate and adds Gaussian noise of `noise_multiplier` times the clip; epsilon never goes without
its delta, and delta is at most one in ten times the patients. No mathematics of our own: the accountant is that of
dp-accounting, which is loaded when it is first asked; Opacus' accountants, Renyi and PRV, check it in the tests.

Source: Mironov, Talwar and Zhang, Renyi Differential Privacy of the Sampled Gaussian Mechanism, arXiv 1908.10530;
conversion to epsilon: Canonne, Kamath and Steinke, NeurIPS 2020, proposition 12.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

DELTA_PATIENTS = 10
"""Delta is at most one in so many times the patients."""

ORDERS = (*(number / 4 for number in range(8, 44)), *range(11, 64), 128, 256, 512, 1024)
"""The orders of Renyi divergence that are tried; each gives a true bound. Below 2 the series often does not end."""

Release = tuple[float, float]
"""Noise multiplier and sampling rate of a step."""


@dataclass(frozen=True, slots=True)
class Spend:
    """So many steps of DP-SGD: what they cost depends on nothing else."""

    noise_multiplier: float
    sampling_rate: float
    steps: int

    def __post_init__(self) -> None:
        """Hold a spend that can be accounted for."""
        if not (self.noise_multiplier > 0 and 0 < self.sampling_rate <= 1 and self.steps >= 0):
            raise ValueError("noise is positive, the sampling rate a probability, steps not negative")


def largest_delta(patients: int) -> float:
    """The largest delta that may be claimed for so many patients."""
    return 1.0 / (DELTA_PATIENTS * max(1, patients))


def epsilon_of(spends: Iterable[Spend], *, delta: float) -> float:
    """The epsilon, at this delta, of everything in the list together; infinite where no bound is known."""
    steps: Counter[Release] = Counter()
    for spend in spends:
        steps[(spend.noise_multiplier, spend.sampling_rate)] += spend.steps
    known = tuple(sorted((release, count) for release, count in steps.items() if count))
    return _composed(known, delta) if known else 0.0


@lru_cache(maxsize=4096)
def _composed(steps: tuple[tuple[Release, int], ...], delta: float) -> float:
    from dp_accounting import (  # type: ignore[import-untyped]  # it ships no types
        GaussianDpEvent,
        NeighboringRelation,
        PoissonSampledDpEvent,
        rdp,
    )

    accountant = rdp.RdpAccountant(ORDERS, NeighboringRelation.ADD_OR_REMOVE_ONE)
    for (noise_multiplier, rate), count in steps:
        accountant.compose(PoissonSampledDpEvent(rate, GaussianDpEvent(noise_multiplier)), count)
    epsilon = float(accountant.get_epsilon(delta))
    return epsilon if math.isfinite(epsilon) else math.inf


def quietest_noise(*, sampling_rate: float, steps: int, epsilon: float, delta: float) -> float:
    """The smallest noise multiplier, to three decimals upwards, with which so many steps stay within epsilon."""
    low, high = 0, 1_000
    while epsilon_of([Spend(high / 1000, sampling_rate, steps)], delta=delta) > epsilon:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        held = epsilon_of([Spend(middle / 1000, sampling_rate, steps)], delta=delta) <= epsilon
        low, high = (low, middle) if held else (middle, high)
    return high / 1000
