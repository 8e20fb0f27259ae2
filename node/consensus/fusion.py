"""The ways to fuse opinions on one question, behind one result: a posterior per case, a winner or none, who dissented.

Majority counts; weighted counts with what gold says of each reader; Dawid-Skene estimates how each reader errs. All
give a posterior over options for every case that has an opinion; the winner is the likeliest option, none where two
are equally likely. Dissent names the readers who said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import NothingToFuse
from node.consensus.opinion_table import NO_GOLD, Indices, OpinionTable

Posterior = NDArray[np.float64]
NO_WINNER = -1
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Fused:
    """What the opinions of a table say together: float64 [case, option], rows sum to 1."""

    table: OpinionTable
    posterior: Posterior

    def winners(self) -> Indices:
        """The likeliest option of each case, `NO_WINNER` at a tie."""
        ordered = np.sort(self.posterior, axis=1)
        tied = ordered[:, -1] - ordered[:, -2] < _EQUAL
        return np.where(tied, NO_WINNER, self.posterior.argmax(axis=1)).astype(np.intp)

    def dissenters(self, case_id: str) -> tuple[str, ...]:
        """The readers who did not choose the case's winner; nobody without a winner."""
        at = self.table.case_ids.index(case_id)
        winner = self.winners()[at]
        if winner == NO_WINNER:
            return ()
        other = (self.table.cases == at) & (self.table.chosen != winner)
        return tuple(self.table.reader_ids[reader] for reader in np.unique(self.table.readers[other]))


def majority(table: OpinionTable) -> Fused:
    """Shares of the votes of each case; even shares where nobody voted. Raises: NothingToFuse."""
    check_opinions(table)
    counts = table.counts().astype(np.float64)
    counts[counts.sum(axis=1) == 0] = 1.0
    return Fused(table, counts / counts.sum(axis=1, keepdims=True))


def weighted(table: OpinionTable, gold: Indices, *, accuracy: float, reads: float) -> Fused:
    """Naive Bayes with one accuracy for each reader: every vote weighs the log odds of its reader being right.

    The accuracy is what gold shows, drawn towards `accuracy` as if `reads` more gold cases had shown it; so a reader
    without gold weighs like any other. All options are equally likely beforehand; gold cases are what gold says.
    Source: Nitzan and Paroush 1982, doi:10.2307/2526438 (log odds are the optimal weights).

    Raises:
        NothingToFuse: there is no opinion.
    """
    matrices = weighted_matrices(table, gold, accuracy=accuracy, reads=reads)
    of_opinion = np.log(matrices)[table.readers, :, table.chosen]
    cases = len(table.case_ids)
    log_odds = [
        np.bincount(table.cases, weights=of_opinion[:, truth], minlength=cases) for truth in range(len(table.options))
    ]
    return Fused(table, anchored(softmax(np.stack(log_odds, axis=1).astype(np.float64)), gold))


def weighted_matrices(table: OpinionTable, gold: Indices, *, accuracy: float, reads: float) -> NDArray[np.float64]:
    """One accuracy a reader as matrices: float64 [reader, true option, said option]; the last is of an unknown reader.

    Raises:
        NothingToFuse: there is no opinion.
    """
    check_opinions(table)
    options, readers = len(table.options), len(table.reader_ids)
    known = gold[table.cases] != NO_GOLD
    right = known & (gold[table.cases] == table.chosen)
    shown = np.bincount(table.readers[known], minlength=readers + 1)
    hits = np.bincount(table.readers[right], minlength=readers + 1)
    rates = ((hits + reads * accuracy) / (shown + reads))[:, None, None]
    matrices: NDArray[np.float64] = np.where(np.eye(options, dtype=np.bool_), rates, (1.0 - rates) / (options - 1))
    return matrices


def softmax(log_odds: NDArray[np.float64]) -> Posterior:
    """Rows that sum to 1, from their logarithms up to a constant."""
    scaled = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    posterior: Posterior = scaled / scaled.sum(axis=1, keepdims=True)
    return posterior


def anchored(posterior: Posterior, gold: Indices) -> Posterior:
    """The same with certainty on every gold case."""
    known = np.flatnonzero(gold != NO_GOLD)
    fixed = posterior.copy()
    fixed[known] = 0.0
    fixed[known, gold[known]] = 1.0
    return fixed


def check_opinions(table: OpinionTable) -> None:
    """Return when there is an opinion. Raises: NothingToFuse."""
    if not len(table.cases):
        raise NothingToFuse("there is no opinion to fuse")
