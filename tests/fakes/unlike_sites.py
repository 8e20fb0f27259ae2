"""Sites whose patients are unlike, in features of a linear network; runs over them by the product's own training.

Every site sees the same truth through other eyes: its own mean of the features, its own share of label 1. Local
training is the node's, the step of the model the coordinator's; what is between them (gates, sums) changes no number
but by fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.aggregation.server_step import Server
from node.training.catalog import CHEST_GABOR_LINEAR_1, architecture, starting_tensors
from node.training.evaluate import cross_entropies
from node.training.fit import logits_of, train_steps
from node.training.ports import FitSettings
from node.training.samples import PartSamples
from node.training.schedule import round_settings
from node.training.weights import Tensors
from protocols.strategies import Strategy

CELLS = {"cells": 2}
NUMBERS = 132
SITES, CASES, UNSEEN = 5, 96, 200
SETTINGS = FitSettings(local_steps=60, batch_size=8, learning_rate=0.05, weight_decay=0.0, seed=3)


@dataclass(frozen=True, slots=True)
class Site:
    """What one site trains on, and cases of the same kind that nobody trains on."""

    train: PartSamples
    unseen: PartSamples


@dataclass(frozen=True, slots=True)
class Went:
    """One run: the loss over all sites' unseen cases after each round, and how far apart their models were in each."""

    losses: tuple[float, ...]
    apart: tuple[float, ...]


def unlike_sites(seed: int, *, unlike: float, decades: float = 0.0) -> list[Site]:
    """Sites over one truth; `unlike` says by how much their means and their shares of label 1 differ, `decades` over
    how many powers of ten the sizes of the features spread."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=NUMBERS) * 4.0 / np.sqrt(NUMBERS)
    sizes = 10.0 ** -np.linspace(0.0, decades, NUMBERS)
    made = []
    for number in range(SITES):
        shift, tilt = unlike * rng.normal(size=NUMBERS), unlike * (number - SITES // 2)
        parts = []
        for cases in (CASES, UNSEEN):
            features = rng.normal(size=(cases, NUMBERS)) + shift
            labels = (features @ truth + tilt + rng.logistic(size=cases) > 0).astype(np.int64)
            names = tuple(f"{number}/{case}" for case in range(cases))
            parts.append(PartSamples(names, np.arange(cases), labels, (features * sizes).astype(np.float32)))
        made.append(Site(*parts))
    return made


def run_over(sites: list[Site], strategy: Strategy, *, rounds: int, settings: FitSettings = SETTINGS) -> Went:
    """A run of the strategy over the sites, all of one weight."""
    network = architecture(CHEST_GABOR_LINEAR_1, CELLS)
    model, moments = starting_tensors(CHEST_GABOR_LINEAR_1, CELLS, seed=1), b""
    losses, apart = [], []
    asked = replace(settings, proximal_mu=strategy.mu)
    for number in range(1, rounds + 1):
        now = round_settings(asked, round_number=number, rounds=rounds)
        updates = np.stack([_flat(train_steps(network, model, site.train, now).update) for site in sites])
        moved, moments = Server(strategy, moments).step(updates.mean(axis=0))
        apart.append(float(np.linalg.norm(updates - updates.mean(axis=0), axis=1).mean()))
        model = _moved(model, moved)
        losses.append(_loss(model, sites))
    return Went(tuple(losses), tuple(apart))


def _loss(model: Tensors, sites: list[Site]) -> float:
    network = architecture(CHEST_GABOR_LINEAR_1, CELLS)
    parts = [site.unseen for site in sites]
    return float(np.mean([cross_entropies(logits_of(network, model, one.pixels), one.labels).mean() for one in parts]))


def _flat(update: Tensors) -> NDArray[np.float64]:
    return np.concatenate([update["head.weight"].ravel(), update["head.bias"].ravel()]).astype(np.float64)


def _moved(model: Tensors, moved: NDArray[np.float64]) -> Tensors:
    weight, bias = moved[:-1].reshape(model["head.weight"].shape), moved[-1:]
    return {
        "head.weight": (model["head.weight"] + weight).astype(np.float32),
        "head.bias": (model["head.bias"] + bias).astype(np.float32),
    }
