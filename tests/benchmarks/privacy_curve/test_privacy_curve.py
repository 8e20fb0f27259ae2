"""privacy-curve: what a model is worth at epsilon 1, 3, 8 and none per patient, against a plain CNN at the same budget.

All training patients of the four sites as one hospital; the AUC is measured at each site's own holdout, and its mean
over the sites is a sample. A pair is one seed: starting weights, draws and noise of both arms follow from it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import mean, stdev

import pytest
import torch
from benchmarks.measured import Measured, measure, now
from benchmarks.privacy_curve.arms import (
    EPSILONS,
    LINEAR,
    PATIENTS_A_STEP,
    ROUNDS,
    SMALL_CNN,
    STEPS,
    WHOLE_CNN,
    budget_of,
    free_aucs,
    private_aucs,
    shown,
)
from benchmarks.privacy_curve.films import Films, read_films

SEEDS = tuple(range(20_261_122, 20_261_132))
SHORT_SEEDS = 2
MARGIN = 0.05
ABOVE_AT = 3.0
"""The epsilon of the samples; the other epsilons are in the notes."""
PROCESSES = 2

Site = dict[str, float]
Curve = dict[tuple[str, float | None], Site]


@pytest.mark.bench("privacy-curve")
def test_a_private_model_is_worth_more_than_a_plain_cnn_at_the_same_budget(
    short: bool, keep: Callable[[Measured], None]
) -> None:
    started, seeds = now(), SEEDS[:SHORT_SEEDS] if short else SEEDS
    films = read_films(short=short)
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        curves = list(pool.map(partial(curve_of, films, short=short), seeds))
    ours = [site_mean(curve[LINEAR.name, ABOVE_AT]) for curve in curves]
    peer = [site_mean(curve[SMALL_CNN.name, ABOVE_AT]) + MARGIN for curve in curves]
    keep(measure("privacy-curve", ours, peer, started=started, notes=[*setting(films, short=short), *told(curves)]))


def curve_of(films: Films, seed: int, *, short: bool) -> Curve:
    """Every arm of one pair, in a process of its own."""
    torch.set_num_threads(1)
    curve: Curve = {}
    for arm in (LINEAR, SMALL_CNN):
        prepared = shown(films, arm)
        for epsilon in epsilons_of(short=short):
            curve[arm.name, epsilon] = private_aucs(prepared, arm, budget_of(films, epsilon), seed=seed)
    for arm in (LINEAR, SMALL_CNN if short else WHOLE_CNN):
        curve[arm.name, None] = free_aucs(shown(films, arm), arm, seed=seed, rounds=3 if short else None)
    return curve


def epsilons_of(*, short: bool) -> tuple[float, ...]:
    return (ABOVE_AT,) if short else EPSILONS


def site_mean(aucs: Site) -> float:
    return mean(aucs.values())


def setting(films: Films, *, short: bool) -> list[str]:
    budgets = [budget_of(films, epsilon) for epsilon in epsilons_of(short=short)]
    noise = ", ".join(f"epsilon {one.epsilon:g}: noise {one.noise_multiplier:.3f}" for one in budgets)
    a_step = min(PATIENTS_A_STEP, budgets[0].patients)
    sampling = f"{ROUNDS * STEPS} steps of {a_step} patients expected, Poisson over patients"
    width = SMALL_CNN.hyperparameters["width"]
    notes = [
        f"{budgets[0].patients} patients, {len(films.train)} films, as one hospital; delta {budgets[0].delta:.2e}.",
        f"{sampling}, Renyi accounting; {noise}.",
        f"Samples: mean AUC over the sites' own holdouts ({', '.join(films.holdout)}) at epsilon {ABOVE_AT:g}.",
        f"Ours is {LINEAR.architecture_id}, the peer {SMALL_CNN.architecture_id} of width {width:g}, plus the margin.",
    ]
    if films.drawn:
        notes.append("These films are drawn, not real: the figures say that it runs, and nothing else.")
    cut = "SHORT: two seeds and one epsilon; the no-DP arm is neither the best model nor trained to its end."
    return [*notes, cut] if short else notes


def told(curves: list[Curve]) -> list[str]:
    lines = []
    for arm, epsilon in curves[0]:
        pairs = [curve[arm, epsilon] for curve in curves]
        sites = ", ".join(f"{site} {spread([pair[site] for pair in pairs])}" for site in pairs[0])
        budget = "no DP" if epsilon is None else f"epsilon {epsilon:g}"
        lines.append(f"{arm}, {budget}: {spread([site_mean(pair) for pair in pairs])} ({sites}).")
    known = sorted({epsilon for _, epsilon in curves[0] if epsilon is not None})
    return [*lines, *(gap(curves, epsilon) for epsilon in known)]


def gap(curves: list[Curve], epsilon: float) -> str:
    """The paired differences at one epsilon: above the CNN, and below the best model without privacy."""
    free = [arm for arm, budget in curves[0] if budget is None]
    above = [site_mean(one[LINEAR.name, epsilon]) - site_mean(one[SMALL_CNN.name, epsilon]) for one in curves]
    best = max(free, key=lambda arm: mean(site_mean(one[arm, None]) for one in curves))
    below = [site_mean(one[best, None]) - site_mean(one[LINEAR.name, epsilon]) for one in curves]
    return f"epsilon {epsilon:g}: {spread(above)} above the CNN; gap to no DP ({best}) {spread(below)}."


def spread(values: list[float]) -> str:
    return f"{mean(values):.3f} +- {stdev(values) if len(values) > 1 else 0.0:.3f}"
