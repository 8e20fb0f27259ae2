"""The arms of the privacy curve: two networks of the catalog under the same budget, and both without any.

Every private arm makes the same steps over the same draws with the same noise multiplier, so the budget is the same by
construction; only the network, its clip and its learning rate differ. Those were chosen once, on a fifth of the
training patients and with seeds that are none of the ten, before the first of the ten was run: for the CNN among five
pairs of clip and rate, for the linear network among six and two grids. The private CNN is the catalog's narrowest, so
that ten pairs fit the time allowed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from benchmarks.privacy_curve.films import Films

from node.training.accounting import largest_delta, quietest_noise
from node.training.catalog import CHEST_CNN_GN_1, CHEST_GABOR_LINEAR_1, architecture, starting_tensors
from node.training.evaluate import auc
from node.training.fit import logits_of, train_steps
from node.training.networks import shown_once
from node.training.noise import SecretStream
from node.training.ports import FitSettings
from node.training.privacy import PrivateOrder, patient_noise
from node.training.private_fit import train_private
from node.training.samples import PartSamples
from node.training.schedule import round_settings
from node.training.weights import Tensors

EPSILONS = (1.0, 3.0, 8.0)
ROUNDS, STEPS = 5, 8
PATIENTS_A_STEP = 160


@dataclass(frozen=True, slots=True)
class Arm:
    """One network and how it is trained; rates are of the first round."""

    name: str
    architecture_id: str
    hyperparameters: dict[str, float] = field(default_factory=dict)
    clip_norm: float = 1.0
    private_rate: float = 0.1
    free_rate: float = 0.03
    free_rounds: int = 12
    free_steps: int = 80
    weight_decay: float = 0.0


LINEAR = Arm(
    "linear",
    CHEST_GABOR_LINEAR_1,
    {"cells": 4},
    clip_norm=0.3,
    private_rate=25.0,
    free_rate=10.0,
)
SMALL_CNN = Arm("cnn", CHEST_CNN_GN_1, {"width": 8}, clip_norm=0.1, private_rate=0.5)
WHOLE_CNN = Arm("whole-cnn", CHEST_CNN_GN_1, {"width": 24}, free_rate=0.03, weight_decay=1e-3)


@dataclass(frozen=True, slots=True)
class Budget:
    """What every patient may spend, and the noise that keeps to it."""

    epsilon: float
    delta: float
    noise_multiplier: float
    patients: int


def shown(films: Films, arm: Arm) -> Films:
    """The films as the arm's network is shown them: features are worked out once, not in every round."""
    network = architecture(arm.architecture_id, arm.hyperparameters)

    def prepared(part: PartSamples) -> PartSamples:
        return replace(part, pixels=shown_once(network, torch.from_numpy(part.pixels)).numpy())

    return Films(prepared(films.train), {site: prepared(part) for site, part in films.holdout.items()}, films.drawn)


def budget_of(films: Films, epsilon: float) -> Budget:
    """The budget of this epsilon for these patients, at the largest delta that may be claimed."""
    patients = len(np.unique(films.train.patients))
    delta = largest_delta(patients)
    rate = min(1.0, PATIENTS_A_STEP / patients)
    noise = quietest_noise(sampling_rate=rate, steps=ROUNDS * STEPS, epsilon=epsilon, delta=delta)
    return Budget(epsilon, delta, noise, patients)


def private_aucs(films: Films, arm: Arm, budget: Budget, *, seed: int) -> dict[str, float]:
    """The AUC at every site after training within the budget."""
    return _aucs(films, arm, private_tensors(films, arm, budget, seed=seed))


def free_aucs(films: Films, arm: Arm, *, seed: int, rounds: int | None = None) -> dict[str, float]:
    """The AUC at every site after training without privacy."""
    return _aucs(films, arm, free_tensors(films, arm, seed=seed, rounds=rounds))


def private_tensors(films: Films, arm: Arm, budget: Budget, *, seed: int) -> Tensors:
    """The weights after training within the budget; the same seed gives the same draws and noise."""
    noise = patient_noise(
        arm.clip_norm, budget.noise_multiplier, patients_a_step=PATIENTS_A_STEP, patients=budget.patients
    )
    order = PrivateOrder(noise, "benchmark", "00" * 32)
    streams = _streams(seed)
    asked = FitSettings(STEPS, PATIENTS_A_STEP, arm.private_rate, 0.0, seed, private=order)
    network = architecture(arm.architecture_id, arm.hyperparameters)
    tensors = starting_tensors(arm.architecture_id, arm.hyperparameters, seed=seed)
    for number in range(1, ROUNDS + 1):
        settings = round_settings(asked, round_number=number, rounds=ROUNDS)
        report = train_private(network, tensors, films.train, settings, stream=lambda: next(streams))
        tensors = _moved(tensors, report.update)
    return tensors


def free_tensors(films: Films, arm: Arm, *, seed: int, rounds: int | None = None) -> Tensors:
    """The weights after training without privacy."""
    rounds = rounds or arm.free_rounds
    asked = FitSettings(arm.free_steps, 16, arm.free_rate, arm.weight_decay, seed)
    network = architecture(arm.architecture_id, arm.hyperparameters)
    tensors = starting_tensors(arm.architecture_id, arm.hyperparameters, seed=seed)
    for number in range(1, rounds + 1):
        settings = round_settings(asked, round_number=number, rounds=rounds)
        tensors = _moved(tensors, train_steps(network, tensors, films.train, settings).update)
    return tensors


def _moved(tensors: Tensors, update: Tensors) -> Tensors:
    return {name: np.asarray(tensors[name] + change, dtype=np.float32) for name, change in update.items()}


def _aucs(films: Films, arm: Arm, tensors: Tensors) -> dict[str, float]:
    network = architecture(arm.architecture_id, arm.hyperparameters)
    return {site: auc(logits_of(network, tensors, part.pixels), part.labels) for site, part in films.holdout.items()}


def _streams(seed: int) -> Iterator[SecretStream]:
    """Streams that a seed foretells: for a benchmark, never for a patient."""
    return (SecretStream(seed.to_bytes(16, "big") + step.to_bytes(16, "big")) for step in itertools.count())
