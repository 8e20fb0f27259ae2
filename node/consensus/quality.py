"""How good a reader is, from hidden gold cases, from cases they read twice, and with the cases' difficulty allowed for.

Every rate carries Wilson's 95 % interval and its number; a rate of fewer than `SHOWN_AT_LEAST` answers is not told. An
abstention on a gold case is counted apart: it is neither right nor wrong. Repeat readings measure self-agreement by
Cohen's kappa, first reading against second. On hard cases everybody errs; `ability` is the reader's place on the scale
of a Rasch model, in which easy and hard cases are told apart by how all readers did on them, so nobody is punished for
being given the hard ones. Nothing here is shown to anybody but the reader, and to a lead in cells
(`consensus.agreement`); nothing here moves pay.
Source: Wilson 1927, doi:10.2307/2276774; Rasch model with joint estimation and priors on both sides, as in Wright and
Stone 1979, Best Test Design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.kappa import cohen
from node.consensus.opinion_table import NO_GOLD, Indices, OpinionTable

QUANTILE = 1.959964
SHOWN_AT_LEAST = 10
STEPS, TOLERANCE = 200, 1e-6
READER_PRECISION, CASE_PRECISION = 1.0, 0.1
"""Of the normal priors: readers are alike until they show otherwise, cases differ widely."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with Wilson's interval."""

    right: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Right answers of all."""
        return self.right / self.of

    @property
    def told(self) -> bool:
        """True where there are enough answers to say it."""
        return self.of >= SHOWN_AT_LEAST


@dataclass(frozen=True, slots=True)
class GoldScore:
    """A reader on gold cases: in all, and by what was true (with two options: specificity and sensitivity)."""

    overall: Rate | None
    by_truth: Mapping[str, Rate]
    abstained: int


@dataclass(frozen=True, slots=True)
class SelfAgreement:
    """A reader against themselves on cases read twice."""

    cases: int
    share: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Ability:
    """Log odds of being right on a case of mean difficulty, with its standard error."""

    value: float
    standard_error: float
    answers: int


def wilson(right: int, of: int) -> Rate:
    """The rate with its interval. Raises: ValueError for no answers."""
    if of < 1 or not 0 <= right <= of:
        raise ValueError("a rate needs answers")
    share, square = right / of, QUANTILE**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = QUANTILE / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return Rate(right, of, max(0.0, middle - half), min(1.0, middle + half))


def gold_scores(table: OpinionTable, gold: Indices, abstained: Mapping[str, int]) -> dict[str, GoldScore]:
    """Every reader's first answers on gold cases; `abstained` by reader, counted on gold cases."""
    firsts = table.firsts()
    known = gold[firsts.cases] != NO_GOLD
    scores = {}
    for at, name in enumerate(firsts.reader_ids):
        own = known & (firsts.readers == at)
        truth, chosen = gold[firsts.cases[own]], firsts.chosen[own]
        by_truth = {
            option: wilson(int((chosen[truth == place] == place).sum()), int((truth == place).sum()))
            for place, option in enumerate(table.options)
            if (truth == place).any()
        }
        overall = wilson(int((truth == chosen).sum()), len(truth)) if len(truth) else None
        scores[name] = GoldScore(overall, by_truth, abstained.get(name, 0))
    return scores


def self_agreement(pairs: Sequence[tuple[str, str]], options: Sequence[str]) -> SelfAgreement | None:
    """First against second answer of one reader on the cases read twice; none where there are none."""
    if not pairs:
        return None
    together = np.zeros((len(options), len(options)), dtype=np.int64)
    places = {option: place for place, option in enumerate(options)}
    for first, second in pairs:
        together[places[first], places[second]] += 1
    try:
        kappa = cohen(together)
    except AgreementUnmeasurable:
        kappa = None
    return SelfAgreement(len(pairs), float(np.trace(together) / len(pairs)), kappa)


def abilities(table: OpinionTable, truth: Indices) -> dict[str, Ability]:
    """Every reader's ability from first answers on cases whose truth is known (gold, or a sure consensus).

    Both sides have a normal prior around 0, so a reader of few answers stays near 0, and one who was always right has
    a finite ability. Newton's steps on readers and cases in turn until none moves by more than `TOLERANCE`.
    """
    firsts = table.firsts()
    known = truth[firsts.cases] != NO_GOLD
    readers, cases = firsts.readers[known], firsts.cases[known]
    right = (firsts.chosen[known] == truth[cases]).astype(np.float64)
    ability, difficulty = np.zeros(len(table.reader_ids)), np.zeros(len(table.case_ids))
    for _ in range(STEPS):
        before = ability
        chance = _chance(ability, difficulty, readers, cases)
        ability = _moved(ability, readers, right - chance, chance, precision=READER_PRECISION)
        chance = _chance(ability, difficulty, readers, cases)
        difficulty = _moved(difficulty, cases, chance - right, chance, precision=CASE_PRECISION)
        if np.abs(ability - before).max(initial=0.0) <= TOLERANCE:
            break
    chance = _chance(ability, difficulty, readers, cases)
    weight = np.bincount(readers, weights=chance * (1 - chance), minlength=len(ability)) + READER_PRECISION
    answers = np.bincount(readers, minlength=len(ability))
    return {
        name: Ability(float(ability[at]), float(1 / np.sqrt(weight[at])), int(answers[at]))
        for at, name in enumerate(table.reader_ids)
        if answers[at]
    }


def _chance(
    ability: NDArray[np.float64], difficulty: NDArray[np.float64], readers: Indices, cases: Indices
) -> NDArray[np.float64]:
    chance: NDArray[np.float64] = 1.0 / (1.0 + np.exp(difficulty[cases] - ability[readers]))
    return chance


def _moved(
    places: NDArray[np.float64],
    which: Indices,
    surplus: NDArray[np.float64],
    chance: NDArray[np.float64],
    *,
    precision: float,
) -> NDArray[np.float64]:
    """One Newton step of the penalised likelihood on every place."""
    slope = np.bincount(which, weights=surplus, minlength=len(places)) - precision * places
    weight = np.bincount(which, weights=chance * (1 - chance), minlength=len(places)) + precision
    moved: NDArray[np.float64] = places + slope / weight
    return moved
