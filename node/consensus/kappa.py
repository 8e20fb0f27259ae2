"""Agreement beyond chance of two readers (Cohen, also weighted) and of many (Fleiss).

Both compare what was observed with what readers of the same habits would show by chance. A weighted kappa counts how
far apart two answers are: linear and quadratic weights are for ordered options only. Where chance alone makes the
readers agree (one option only), there is no kappa.
Source: Cohen 1960, doi:10.1177/001316446002000104; Cohen 1968, doi:10.1037/h0026256; Fleiss 1971,
doi:10.1037/h0031619.

Example: two readers, 50 cases, both yes on 20, both no on 15, 5 and 10 apart: (0.70 - 0.50) / (1 - 0.50) = 0.40.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import Counts, OpinionTable

Weights = NDArray[np.float64]


class Distance(StrEnum):
    """How far apart two options are."""

    NOMINAL = "nominal"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


def distances(distance: Distance, options: int) -> Weights:
    """Disagreement of every pair of options: 0 for equal ones. float64 [option, option]."""
    places = np.arange(options, dtype=np.float64)
    apart = np.abs(places[:, None] - places[None, :])
    match distance:
        case Distance.NOMINAL:
            return (apart > 0).astype(np.float64)
        case Distance.LINEAR:
            return apart
        case Distance.QUADRATIC:
            return np.square(apart)


def cohen(together: Counts, disagreement: Weights | None = None) -> float:
    """Cohen's kappa from the cross table of two readers (int64 [first's option, second's]); weighted where asked.

    Raises:
        AgreementUnmeasurable: no case, or chance leaves no disagreement to explain.
    """
    weights = distances(Distance.NOMINAL, len(together)) if disagreement is None else disagreement
    total = together.sum()
    if total == 0:
        raise AgreementUnmeasurable("no case was read by both")
    observed = together / total
    by_chance = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    expected = float((weights * by_chance).sum())
    if expected == 0:
        raise AgreementUnmeasurable("both readers use one option only")
    return 1.0 - float((weights * observed).sum()) / expected


def cross_table(table: OpinionTable, first: int, second: int) -> Counts:
    """How often two readers said what on the cases both read, repeats left out: int64 [first's option, second's]."""
    said = [_answers(table.firsts(), reader) for reader in (first, second)]
    both = (said[0] >= 0) & (said[1] >= 0)
    together = np.zeros((len(table.options), len(table.options)), dtype=np.int64)
    np.add.at(together, (said[0][both], said[1][both]), 1)
    return together


def fleiss(counts: Counts) -> float:
    """Fleiss' kappa from how many readers chose what (int64 [case, option]), as many readers on every case.

    Raises:
        AgreementUnmeasurable: cases differ in their number of readings (Krippendorff's alpha takes those), fewer than
            two readings, or one option only.
    """
    readings = counts.sum(axis=1)
    if not len(counts) or readings.min() != readings.max() or readings[0] < 2:
        raise AgreementUnmeasurable("Fleiss' kappa needs two or more readings, as many on every case")
    each = float(readings[0])
    agreeing = ((counts * (counts - 1)).sum(axis=1) / (each * (each - 1))).mean()
    by_chance = float(np.square(counts.sum(axis=0) / counts.sum()).sum())
    if by_chance == 1.0:
        raise AgreementUnmeasurable("all readers use one option only")
    return (float(agreeing) - by_chance) / (1.0 - by_chance)


def _answers(table: OpinionTable, reader: int) -> NDArray[np.intp]:
    """What the reader said on each case, -1 where nothing."""
    own = table.readers == reader
    answers = np.full(len(table.case_ids), -1, dtype=np.intp)
    answers[table.cases[own]] = table.chosen[own]
    return answers
