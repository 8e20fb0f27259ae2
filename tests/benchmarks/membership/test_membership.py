"""membership: how well a likelihood-ratio attack tells who trained a model that claims privacy, and one without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import mean

import numpy as np
import pytest
import torch
from benchmarks.measured import Measured, measure, now
from benchmarks.membership.lira import Attack, attacks, halves
from benchmarks.privacy_curve.arms import LINEAR, SMALL_CNN, Arm, budget_of, free_tensors, private_tensors, shown
from benchmarks.privacy_curve.films import Films, read_films
from numpy.typing import NDArray

from node.training.catalog import architecture
from node.training.fit import logits_of
from node.training.samples import PartSamples
from node.training.weights import Tensors

SEED = 20_261_122
SHADOWS_FULL, SHADOWS_SHORT = 16, 8
EPSILON = 8.0
"""The laxest plan of the privacy curve that claims privacy."""
PASS_LINE = 0.55

Fit = Callable[[Films, int], Tensors]


@pytest.mark.bench("membership")
def test_a_model_that_claims_privacy_does_not_tell_who_trained_it(
    short: bool, keep: Callable[[Measured], None]
) -> None:
    torch.set_num_threads(1)
    started, films = now(), read_films(short=short)
    models = 1 + (SHADOWS_SHORT if short else SHADOWS_FULL)
    budget = budget_of(replace(films, train=of_patients(films.train, half=True)), EPSILON)
    linear = shown(films, LINEAR)
    private = attacked(linear, LINEAR, lambda half, seed: private_tensors(half, LINEAR, budget, seed=seed), models)
    open_to_all = attacked(linear, LINEAR, lambda half, seed: free_tensors(half, LINEAR, seed=seed), models)
    small = replace(SMALL_CNN, free_rounds=2 if short else 10)
    cnn = attacked(films, small, lambda half, seed: free_tensors(half, small, seed=seed), 5 if short else models)
    notes = [
        f"{models - 1} shadow models, each model attacked in turn; {private[0].members} members, as many others.",
        told(f"{LINEAR.architecture_id} at epsilon {EPSILON:g}, delta {budget.delta:.2e}", private),
        told(f"{LINEAR.architecture_id} without privacy", open_to_all),
        told(f"{small.architecture_id} of width 8 without privacy, {small.free_rounds} rounds", cnn),
        *(["SHORT: drawn films, fewer shadow models, a CNN of two rounds."] if short else []),
    ]
    keep(measure("membership", [one.auc for one in private], [PASS_LINE], started=started, notes=notes))


def attacked(films: Films, arm: Arm, fit: Fit, models: int) -> list[Attack]:
    """Every model trained on half of the patients, and the attack on each."""
    patients = np.unique(films.train.patients)
    inside = halves(models, len(patients), np.random.default_rng(SEED))
    rows = []
    for number, chosen in enumerate(inside):
        half = replace(films, train=of_patients(films.train, patients[chosen]))
        rows.append(confidences(films.train, arm, fit(half, SEED + number)))
    return attacks(np.stack(rows), inside)


def confidences(part: PartSamples, arm: Arm, tensors: Tensors) -> NDArray[np.float64]:
    """The mean logit towards the truth of each patient's films."""
    logits = logits_of(architecture(arm.architecture_id, arm.hyperparameters), tensors, part.pixels)
    sure = logits * (2 * part.labels - 1)
    return np.array([sure[part.patients == patient].mean() for patient in np.unique(part.patients)])


def of_patients(part: PartSamples, chosen: NDArray[np.int64] | None = None, *, half: bool = False) -> PartSamples:
    """The films of these patients, or of every other one."""
    patients = np.unique(part.patients)
    kept = patients[::2] if half or chosen is None else chosen
    places = np.flatnonzero(np.isin(part.patients, kept))
    return PartSamples(
        tuple(part.case_ids[place] for place in places), part.patients[places], part.labels[places], part.pixels[places]
    )


def told(what: str, found: list[Attack]) -> str:
    aucs = [one.auc for one in found]
    rate = mean(one.true_positives for one in found)
    return f"{what}: AUC {mean(aucs):.3f} ({min(aucs):.3f} to {max(aucs):.3f}), found at 1 % accused {rate:.1%}."
