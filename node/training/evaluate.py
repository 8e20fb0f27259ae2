"""How well scores tell label 1 from label 0, with an interval over patients.

Rules: AUC by Mann-Whitney with ties counted half; the bootstrap draws patients, never cases, because films of one
patient are not independent; a cohort with one class has no AUC, which is a value (`None`) where a figure is reported
and `OneClassOnly` where one is demanded. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.ground.errors import NodeError

Scores = NDArray[np.float64]
Labels = NDArray[np.int64]


class OneClassOnly(NodeError):
    """All cases have the same label: there is nothing to tell apart."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of a bootstrap, and its standard error."""

    low: float
    high: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures on one part: mean cross entropy in nats, AUC or None where it cannot be measured."""

    loss: float
    auc: float | None
    cases: int
    patients: int


def auc(scores: Scores, labels: Labels) -> float:
    """The probability that a case of label 1 scores above a case of label 0; a tie counts half.

    Source: Hanley and McNeil, Radiology 143 (1982).

    Raises:
        OneClassOnly: one of the labels does not occur.
    """
    wins = pairwise_wins(scores, labels)
    if wins.size == 0:
        raise OneClassOnly(f"{len(labels)} cases, all of one class")
    return float(wins.mean())


def pairwise_wins(scores: Scores, labels: Labels) -> NDArray[np.float64]:
    """For each case of label 1 (row) and of label 0 (column): 1 where the first scores higher, 0.5 at a tie, else 0."""
    positive, negative = scores[labels == 1][:, None], scores[labels == 0][None, :]
    wins: NDArray[np.float64] = (positive > negative) + 0.5 * (positive == negative)
    return wins


def measurable_auc(scores: Scores, labels: Labels) -> float | None:
    """The AUC, or None where there is one class only."""
    return auc(scores, labels) if len(np.unique(labels)) == 2 else None


def cross_entropies(logits: Scores, labels: Labels) -> NDArray[np.float64]:
    """Binary cross entropy of every case, in nats, from logits."""
    losses: NDArray[np.float64] = np.logaddexp(0.0, logits) - labels * logits
    return losses


def evaluate(logits: Scores, labels: Labels, patients: NDArray[np.int64]) -> Evaluation:
    """The figures of these cases."""
    loss = float(cross_entropies(logits, labels).mean())
    return Evaluation(loss, measurable_auc(logits, labels), len(labels), len(np.unique(patients)))


def patient_draws(patients: NDArray[np.int64], rng: np.random.Generator, *, draws: int) -> NDArray[np.float64]:
    """How often each case occurs in each draw of as many patients with replacement: float64 [draw, case]."""
    _, place = np.unique(patients, return_inverse=True)
    count = int(place.max()) + 1
    times = rng.multinomial(count, np.full(count, 1.0 / count), size=draws)
    return times[:, place].astype(np.float64)


def drawn_aucs(wins: NDArray[np.float64], labels: Labels, draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """The AUC of every draw; NaN where a draw holds one class only."""
    positive, negative = draws[:, labels == 1], draws[:, labels == 0]
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    won = np.einsum("dp,pn,dn->d", positive, wins, negative, optimize=True)
    figures = np.full(len(draws), np.nan)
    np.divide(won, pairs, out=figures, where=pairs > 0)
    return figures


def interval_of(values: NDArray[np.float64], *, above_percent: float = 2.5) -> Interval:
    """The values that are numbers without the lowest 2.5 % and the highest `above_percent` of them."""
    numbers = values[np.isfinite(values)]
    low, high = np.percentile(numbers, [2.5, 100 - above_percent])
    return Interval(float(low), float(high), float(numbers.std(ddof=1)))


def auc_interval(
    scores: Scores, labels: Labels, patients: NDArray[np.int64], *, rng: np.random.Generator, draws: int = 2000
) -> Interval:
    """The bootstrap interval of the AUC over patients.

    Raises:
        OneClassOnly: one of the labels does not occur.
    """
    wins = pairwise_wins(scores, labels)
    if wins.size == 0:
        raise OneClassOnly(f"{len(labels)} cases, all of one class")
    return interval_of(drawn_aucs(wins, labels, patient_draws(patients, rng, draws=draws)))
