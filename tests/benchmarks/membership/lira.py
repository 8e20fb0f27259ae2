"""The likelihood-ratio attack: was this patient among those a model was trained on?

The attacker has as many shadow models as given, each trained on a half of the patients drawn by chance, knows which
half, and compares the confidence of the model under attack on a patient with what shadow models say that saw the
patient and with what those say that did not.

Source: Carlini et al., Membership Inference Attacks From First Principles, IEEE S&P 2022, algorithm 1 (online), with
one variance for all patients, as its section VI.B advises for few shadow models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.training.evaluate import auc

Confidences = NDArray[np.float64]
"""How sure a model is of a patient's true label: the logit towards it, [model, patient]."""
Inside = NDArray[np.bool_]
"""Whether a model saw a patient, [model, patient]."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What the attacker reached on one model: AUC, and how many members are found while 1 % of others are accused."""

    auc: float
    true_positives: float
    members: int


def halves(models: int, patients: int, rng: np.random.Generator) -> Inside:
    """Which half of the patients each model sees; every patient is in about half of the models."""
    return np.stack([rng.permutation(patients) < patients // 2 for _ in range(models)])


def attacks(confidences: Confidences, inside: Inside) -> list[Attack]:
    """The attack on each model in turn, all others being its shadow models."""
    return [_attack(confidences, inside, target) for target in range(len(confidences))]


def _attack(confidences: Confidences, inside: Inside, target: int) -> Attack:
    shadows = np.arange(len(confidences)) != target
    ratio = _likelihood_ratio(confidences[target], confidences[shadows], inside[shadows])
    known = np.isfinite(ratio)
    members = inside[target][known]
    return Attack(
        auc(ratio[known], members.astype(np.int64)), true_positives_at(ratio[known], members, 0.01), int(members.sum())
    )


def _likelihood_ratio(seen: NDArray[np.float64], shadows: Confidences, inside: Inside) -> NDArray[np.float64]:
    """How much likelier each confidence is from a model that saw the patient; NaN where no shadow model can tell."""
    with_patient, without = _mean_where(shadows, inside), _mean_where(shadows, ~inside)
    spread = np.nanstd(np.where(inside, shadows - with_patient, shadows - without))
    ratio: NDArray[np.float64] = ((seen - without) ** 2 - (seen - with_patient) ** 2) / (2 * spread**2)
    return ratio


def _mean_where(values: Confidences, chosen: Inside) -> NDArray[np.float64]:
    counts = chosen.sum(axis=0)
    sums = np.where(chosen, values, 0.0).sum(axis=0)
    means = np.full(counts.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def true_positives_at(scores: NDArray[np.float64], members: NDArray[np.bool_], false_positives: float) -> float:
    """The share of members above the score that no more than this share of the others exceeds."""
    others = np.sort(scores[~members])[::-1]
    allowed = int(false_positives * len(others))
    return float((scores[members] > others[allowed]).mean())
