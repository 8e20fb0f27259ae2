"""Does the shared model serve this hospital better than its own? One look at the holdout, one verdict.

Rules: both models score the same holdout cases; the difference of their AUCs is resampled over patients, both models
on the same draw; the verdict is better or worse only where its interval leaves zero on one side. A promise may be wrong
in 2.5 of 100 cases, a warning in 5: a hospital that is not warned of a worse model uses it, one that is warned without
need looks once more. Elsewhere the smallest difference this holdout could have shown (two-sided 5 %, power 80 %) is
stated. Whatever forbids a measurement is a reason, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from node.training.evaluate import auc, drawn_aucs, interval_of, pairwise_wins, patient_draws

DRAWS = 4000
WARNED_WITHOUT_NEED_PERCENT = 5.0
MIN_PATIENTS_PER_CLASS = 5
DETECTABLE_STANDARD_ERRORS = 1.960 + 0.842


class Benefit(StrEnum):
    """What the comparison says."""

    BETTER = "better"
    NOT_DISTINGUISHABLE = "not-distinguishable"
    WORSE = "worse"
    CANNOT_BE_MEASURED = "cannot-be-measured"


class Unmeasurable(StrEnum):
    """Why nothing can be said."""

    NO_HOLDOUT = "no-holdout"
    ONE_CLASS_ONLY = "one-class-only"
    TOO_FEW_PATIENTS = "too-few-patients"
    NO_OWN_MODEL = "no-own-model"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The measured figures; 2.5 % of the drawn differences, federated minus own, lie below `low`, 5 % above `high`."""

    own_auc: float
    federated_auc: float
    low: float
    high: float
    smallest_detectable: float


@dataclass(frozen=True, slots=True)
class BenefitVerdict:
    """The verdict with its figures, or with the reason why there are none."""

    benefit: Benefit
    cases: int
    patients: int
    comparison: Comparison | None
    reason: Unmeasurable | None

    def __post_init__(self) -> None:
        """Hold figures exactly where something was measured, and a reason exactly where not."""
        unmeasured = self.benefit is Benefit.CANNOT_BE_MEASURED
        if unmeasured != (self.reason is not None) or unmeasured == (self.comparison is not None):
            raise ValueError("a verdict has figures or a reason")


@dataclass(frozen=True, slots=True)
class HoldoutCases:
    """The holdout as the hospital holds it: label 0 or 1 and patient of every case, in one order."""

    case_ids: tuple[str, ...]
    labels: NDArray[np.int64]
    patients: NDArray[np.int64]


def benefit_verdict(
    holdout: HoldoutCases, *, own: Mapping[str, float] | None, federated: Mapping[str, float], seed: int
) -> BenefitVerdict:
    """The verdict on scores by case id; the same seed gives the same verdict.

    Raises:
        KeyError: a model has no score for a holdout case.
    """
    reason = _reason_against(holdout, own)
    patients = len(np.unique(holdout.patients))
    if reason is not None or own is None:
        return BenefitVerdict(
            Benefit.CANNOT_BE_MEASURED, len(holdout.case_ids), patients, None, reason or Unmeasurable.NO_OWN_MODEL
        )
    comparison = _compare(holdout, own, federated, np.random.default_rng(seed))
    return BenefitVerdict(_benefit(comparison), len(holdout.case_ids), patients, comparison, None)


def _reason_against(holdout: HoldoutCases, own: Mapping[str, float] | None) -> Unmeasurable | None:
    if not holdout.case_ids:
        return Unmeasurable.NO_HOLDOUT
    if len(np.unique(holdout.labels)) < 2:
        return Unmeasurable.ONE_CLASS_ONLY
    fewest = min(len(np.unique(holdout.patients[holdout.labels == label])) for label in (0, 1))
    if fewest < MIN_PATIENTS_PER_CLASS:
        return Unmeasurable.TOO_FEW_PATIENTS
    return None if own is not None else Unmeasurable.NO_OWN_MODEL


def _compare(
    holdout: HoldoutCases, own: Mapping[str, float], federated: Mapping[str, float], rng: np.random.Generator
) -> Comparison:
    scores = [np.array([model[case] for case in holdout.case_ids], dtype=np.float64) for model in (own, federated)]
    draws = patient_draws(holdout.patients, rng, draws=DRAWS)
    own_drawn, federated_drawn = (
        drawn_aucs(pairwise_wins(score, holdout.labels), holdout.labels, draws) for score in scores
    )
    spread = interval_of(federated_drawn - own_drawn, above_percent=WARNED_WITHOUT_NEED_PERCENT)
    return Comparison(
        own_auc=auc(scores[0], holdout.labels),
        federated_auc=auc(scores[1], holdout.labels),
        low=spread.low,
        high=spread.high,
        smallest_detectable=DETECTABLE_STANDARD_ERRORS * spread.standard_error,
    )


def _benefit(comparison: Comparison) -> Benefit:
    if comparison.low > 0:
        return Benefit.BETTER
    if comparison.high < 0:
        return Benefit.WORSE
    return Benefit.NOT_DISTINGUISHABLE
