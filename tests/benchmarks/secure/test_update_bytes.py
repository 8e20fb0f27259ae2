"""update-bytes: what a site sends in a round of a run of 16-bit words under masks, and how far its sum is off.

Updates are drawn, not trained: every site's is a common direction and noise of its own, in layers of unlike size with
heavy tails, and falls over the run as the learning rate does. The error is that of the model's whole way over the run
against the exact weighted means, which is what error feedback is for; what is still kept back after single rounds is
printed too. Keys, shares, statements and the shares that unmask count as sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from benchmarks.measured import Measured, measure, now
from factories import PLAN
from fakes.secure import hospitals
from fakes.sparse import sparse_round
from numpy.typing import NDArray

from coordinator.aggregation.sparse_sum import sparse_mean
from node.release.secure.compress import compress, order_of, places_of
from node.training.ports import FitSettings
from node.training.schedule import round_settings
from protocols.sparse import SparseTerms, order_seed

NAME = "update-bytes"
SITES, THRESHOLD, ROUNDS = 5, 4, 24
NUMBERS_SHORT, NUMBERS_FULL = 100_000, 1_000_000
RUNS_SHORT, RUNS_FULL = 1, 2
LARGEST_WEIGHT = 500
NORM_BOUND, NORM = 1.0, 0.25
ERROR_MAX = 0.02
SEED = 20_261_122
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Went:
    """One run: bytes a site sent in a round on average, the error at its end and the most after any round before."""

    site_bytes: float
    error: float
    worst_between: float


@pytest.mark.bench(NAME)
def test_updates_under_masks_take_a_quarter_of_the_bytes(short: bool, keep: Callable[[Measured], None]) -> None:
    started, size = now(), NUMBERS_SHORT if short else NUMBERS_FULL
    went = [a_run(size, SEED + number) for number in range(RUNS_SHORT if short else RUNS_FULL)]
    worst = max(run.error for run in went)
    assert worst <= ERROR_MAX
    notes = [
        f"{SITES} sites of unlike weight, {size:,} numbers, {ROUNDS} rounds, the last one whole; drawn updates.",
        f"Relative error of the summed updates at the end of the run: {worst:.4%} at most ({ERROR_MAX:.0%} allowed).",
        f"After rounds before the last up to {max(run.worst_between for run in went):.0%} of the way was kept back.",
    ]
    keep(measure(NAME, [run.site_bytes for run in went], [4.0 * size] * len(went), started=started, notes=notes))


def a_run(size: int, seed: int) -> Went:
    terms = SparseTerms(size=size, rounds=ROUNDS, members=SITES, norm_bound=NORM_BOUND, largest_weight=LARGEST_WEIGHT)
    members, rng = hospitals(SITES, threshold=THRESHOLD, size=size, seed=seed), np.random.default_rng(seed)
    weights = {one.site_id: 10 * int(rng.integers(10, LARGEST_WEIGHT // 10 + 1)) for one in members}
    kept = {site: np.zeros(size) for site in weights}
    order, draw = order_of(order_seed(PLAN, "ab" * 32), size), drawing(size, rng)
    true, moved, sent, between = np.zeros(size), np.zeros(size), 0, []
    for number in range(1, ROUNDS + 1):
        places, words = places_of(order, terms, number), {}
        for site, weight in weights.items():
            update = draw(number)
            true += update * weight / sum(weights.values())
            made = compress(update, kept[site], terms=terms, places=places, weight=weight)
            kept[site], words[site] = made.kept, made.words
        went = sparse_round(members, number, words)
        moved += sparse_mean(went.total, terms=terms, places=places, survivors=SITES).moved
        sent += went.site_bytes
        between.append(float(np.linalg.norm(moved - true) / np.linalg.norm(true)))
    return Went(sent / ROUNDS, between[-1], max(between[:-1]))


def drawing(size: int, rng: np.random.Generator) -> Callable[[int], Numbers]:
    """Updates of norm `NORM` in round one: half a common direction, half noise; ten layers, tails of Laplace."""
    layers = np.repeat(10.0 ** rng.uniform(-0.5, 0.5, size=10), -(-size // 10))[:size]
    common = rng.laplace(size=size) * layers
    rate = FitSettings(local_steps=1, batch_size=1, learning_rate=1.0, weight_decay=0.0, seed=0)

    def drawn(number: int) -> Numbers:
        update = common + rng.laplace(size=size) * layers
        falls = round_settings(rate, round_number=number, rounds=ROUNDS).learning_rate
        return np.asarray(update * (NORM * falls / np.linalg.norm(update)))

    return drawn
