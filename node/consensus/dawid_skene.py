"""Dawid and Skene's model: how each reader errs is estimated together with the truth, anchored by gold cases.

Every reader has a confusion matrix (what they say, given what is true), every option a share of the cases. Expectation
maximisation alternates the posterior of each case and these estimates; gold cases stay what gold says throughout.

- A matrix has a Dirichlet prior of `strength` reads for each true option. It is centred on what gold shows of all
  readers together, itself drawn towards `accuracy` by `pool_reads`. So a reader of few reads is judged like the others,
  and no estimate that rests on readers alone can move the centre: that would let a wrong solution confirm itself.
- Shares come from the cases without gold: gold cases are chosen, not drawn.
- Several starts (the votes, the centre of the priors, shaken votes); the one with the highest penalised likelihood
  wins. Converged: no posterior moved by more than `TOLERANCE` in a step; after `STEPS` it stops and says so.
- A solution in which readers as a whole name some option oftener for another true option than rightly has exchanged
  the options. It is thrown away; were all of them such, the readers are taken as the priors say, and `inverted` is set.

Source: Dawid and Skene 1979, doi:10.2307/2346806, equations 2.3 to 2.5; priors and fixed cases as in Raykar et al.
2010, Journal of Machine Learning Research 11.

Example: two readers of 0.9 for either truth say yes, one of 0.6 says no, yes and no are as frequent: the odds are
9 · 9 · 4/6 = 54, the posterior 0.98.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.consensus.fusion import Fused, Posterior, anchored, check_opinions, softmax
from node.consensus.opinion_table import NO_GOLD, Indices, OpinionTable
from node.consensus.vote import READER_ACCURACY

TOLERANCE, STEPS = 1e-6, 500
SHAKEN = 2
Matrices = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What is assumed before anything is read, in numbers of reads."""

    accuracy: float = READER_ACCURACY
    pool_reads: float = 10.0
    strength: float = 20.0
    even: float = 1.0
    """Cases of each option added to the shares."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One solution."""

    fused: Fused
    matrices: Matrices
    """float64 [reader, true option, said option], rows sum to 1."""
    centre: NDArray[np.float64]
    """The matrix of a reader nothing is known of."""
    shares: NDArray[np.float64]
    steps: int
    converged: bool
    inverted: bool
    """True where every solution had exchanged the options, and the priors stand in for one."""


def dawid_skene(
    table: OpinionTable,
    gold: Indices,
    *,
    seed: int,
    beliefs: Beliefs | None = None,
    times: NDArray[np.float64] | None = None,
) -> Estimate:
    """The best solution of all starts, the same for the same seed; `times` says how often each case occurs.

    Raises:
        NothingToFuse: there is no opinion.
    """
    check_opinions(table)
    fit = _Fit(table, gold, beliefs or Beliefs(), np.ones(len(table.case_ids)) if times is None else times)
    solutions = [fit.solved(start) for start in fit.starts(np.random.default_rng(seed))]
    upright = [one for one in solutions if not fit.exchanged(one[0].fused.posterior)]
    if not upright:
        return fit.priors_alone()
    return max(upright, key=lambda one: one[1])[0]


def case_posterior(matrices: Matrices, shares: NDArray[np.float64], said: list[tuple[int, int]]) -> NDArray[np.float64]:
    """The posterior of one case from what readers said ([reader, option] each) and estimates made before."""
    log_odds = np.log(shares)
    for reader, option in said:
        log_odds = log_odds + np.log(matrices[reader, :, option])
    posterior: NDArray[np.float64] = softmax(log_odds[None, :])[0]
    return posterior


class _Fit:
    """One table with its priors."""

    def __init__(self, table: OpinionTable, gold: Indices, beliefs: Beliefs, times: NDArray[np.float64]) -> None:
        self.table, self.gold, self.beliefs, self.times = table, gold, beliefs, times
        self.options = len(table.options)
        self.open = gold == NO_GOLD
        self.centre = self._centre()

    def starts(self, rng: np.random.Generator) -> list[Posterior]:
        """Posteriors to begin from."""
        votes = self.table.counts() + 1.0 / self.options
        shaken = [votes * rng.gamma(2.0, 0.5, votes.shape) for _ in range(SHAKEN)]
        plain = [start / start.sum(axis=1, keepdims=True) for start in (votes, *shaken)]
        return [anchored(start, self.gold) for start in (*plain, self._from_centre())]

    def solved(self, start: Posterior) -> tuple[Estimate, float]:
        """The solution from this start, with its penalised log likelihood."""
        posterior, moved, steps = start, np.inf, 0
        while moved > TOLERANCE and steps < STEPS:
            matrices, shares = self._estimates(posterior)
            log_odds = self._log_odds(matrices, shares)
            renewed = anchored(softmax(log_odds), self.gold)
            moved, posterior, steps = float(np.abs(renewed - posterior).max()), renewed, steps + 1
        matrices, shares = self._estimates(posterior)
        fused = Fused(self.table, posterior)
        estimate = Estimate(fused, matrices, self.centre, shares, steps, moved <= TOLERANCE, inverted=False)
        return estimate, self._likelihood(matrices, shares)

    def exchanged(self, posterior: Posterior) -> bool:
        """True where, for some pair of options, readers fit better with the two exchanged."""
        said = self._said(posterior).sum(axis=0)
        shares = said / np.maximum(said.sum(axis=1, keepdims=True), 1e-12)
        kept = np.diag(shares)[:, None] + np.diag(shares)[None, :]
        return bool((shares + shares.T > kept + 1e-9).any())

    def priors_alone(self) -> Estimate:
        """Every reader as the priors say."""
        posterior = anchored(self._from_centre(), self.gold)
        matrices = np.broadcast_to(self.centre, (len(self.table.reader_ids), *self.centre.shape)).copy()
        shares = np.full(self.options, 1.0 / self.options)
        return Estimate(Fused(self.table, posterior), matrices, self.centre, shares, 0, converged=True, inverted=True)

    def _centre(self) -> NDArray[np.float64]:
        """What gold shows of all readers together, drawn towards the assumed accuracy."""
        assumed = np.full((self.options, self.options), (1 - self.beliefs.accuracy) / (self.options - 1))
        np.fill_diagonal(assumed, self.beliefs.accuracy)
        known = ~self.open[self.table.cases]
        shown = np.zeros((self.options, self.options))
        cases = self.table.cases[known]
        np.add.at(shown, (self.gold[cases], self.table.chosen[known]), self.times[cases])
        centre = shown + self.beliefs.pool_reads * assumed
        rows: NDArray[np.float64] = centre / centre.sum(axis=1, keepdims=True)
        return rows

    def _from_centre(self) -> Posterior:
        matrices = np.broadcast_to(self.centre, (len(self.table.reader_ids), *self.centre.shape))
        return softmax(self._log_odds(matrices, np.full(self.options, 1.0 / self.options)))

    def _said(self, posterior: Posterior) -> Matrices:
        """Expected number of times each reader said what for which truth: [reader, true option, said option]."""
        readers = len(self.table.reader_ids)
        cells = self.table.readers * self.options + self.table.chosen
        weights = (posterior * self.times[:, None])[self.table.cases]
        by_truth = [
            np.bincount(cells, weights=weights[:, truth], minlength=readers * self.options)
            for truth in range(self.options)
        ]
        said = np.stack(by_truth).astype(np.float64).reshape(self.options, readers, self.options)
        return said.transpose(1, 0, 2)

    def _estimates(self, posterior: Posterior) -> tuple[Matrices, NDArray[np.float64]]:
        said = self._said(posterior) + self.beliefs.strength * self.centre
        shares = self.times[self.open] @ posterior[self.open] + self.beliefs.even
        return said / said.sum(axis=2, keepdims=True), shares / shares.sum()

    def _log_odds(self, matrices: Matrices, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        of_opinion = np.log(matrices)[self.table.readers, :, self.table.chosen]
        cases = len(self.table.case_ids)
        by_truth = [
            np.bincount(self.table.cases, weights=of_opinion[:, truth], minlength=cases)
            for truth in range(self.options)
        ]
        together: NDArray[np.float64] = np.stack(by_truth, axis=1).astype(np.float64) + np.log(shares)
        return together

    def _likelihood(self, matrices: Matrices, shares: NDArray[np.float64]) -> float:
        log_odds = self._log_odds(matrices, shares)
        known = np.flatnonzero(~self.open)
        fixed = float(self.times[known] @ log_odds[known, self.gold[known]])
        free = float(self.times[self.open] @ np.logaddexp.reduce(log_odds[self.open], axis=1))
        prior = float((self.beliefs.strength * self.centre * np.log(matrices)).sum())
        return fixed + free + prior + self.beliefs.even * float(np.log(shares).sum())
