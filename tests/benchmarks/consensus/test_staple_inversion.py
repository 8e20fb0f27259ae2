"""staple-inversion: runs in which a label is given to other pixels than its own, ours and SimpleITK's STAPLE alone.

The published setting (Landman et al. 2012, doi:10.1109/TMI.2011.2172215, figure 1): small structures, a collection of
50 readers of reasonable quality, three observations of every pixel; catastrophic in 10 to 20 % of the runs; how
reliable they were is not printed with it. Here: three balls in 17 slices of 40 x 40 (33, 257 and 925 pixels); every
reader's chance to name a label rightly is drawn evenly from 0.77 to 0.99 for each label, errors spread over the other
labels. SimpleITK failed in 1 of 30 runs from 0.80 on and in 10 of 30 from 0.75 on (seed 7, not this one), hence 0.77.
Inverted: some label most of whose pixels are given another label. SimpleITK has no missing data: it is given the three
observations as three whole masks. Ours has besides one gold volume that the same readers drew; without it is told too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import SimpleITK
from benchmarks.measured import Measured, measure, now
from numpy.typing import NDArray

from node.consensus.staple import UNSEEN, Doubt, FusedMask, Labels, Volume, staple, voted

SEED = 20_261_122
RUNS_SHORT, RUNS_FULL = 20, 300
READERS, OBSERVATIONS = 50, 3
LOW, HIGH = 0.77, 0.99
SLICES, SIDE, LABELS = 17, 40, 4
BALLS = (((8, 10, 10), 2), ((8, 28, 12), 4), ((8, 14, 29), 6))
NOT_INVERTED_AT_LEAST = 0.99
PEER_STEPS = 200


def truth() -> Labels:
    found = np.zeros((SLICES, SIDE, SIDE), dtype=np.int8)
    grid = np.indices(found.shape)
    for label, (centre, radius) in enumerate(BALLS, 1):
        apart = grid - np.array(centre)[:, None, None, None]
        found[np.square(apart).sum(axis=0) <= radius**2] = label
    return found


def matrices(rng: np.random.Generator) -> NDArray[np.float64]:
    """float64 [reader, true label, drawn label]."""
    right = rng.uniform(LOW, HIGH, (READERS, LABELS))
    wrong = rng.dirichlet(np.ones(LABELS - 1), (READERS, LABELS)) * (1 - right)[..., None]
    found = np.empty((READERS, LABELS, LABELS))
    for label in range(LABELS):
        found[:, label] = np.insert(wrong[:, label], label, right[:, label], axis=1)
    return found


@dataclass(frozen=True, slots=True)
class Drawn:
    """One volume as each reader drew it, and as three observations of each pixel."""

    of_readers: NDArray[np.int8]
    observed: NDArray[np.int8]


def drawn(rng: np.random.Generator, rates: NDArray[np.float64], is_true: Labels) -> Drawn:
    of_readers = np.full((READERS, *is_true.shape), UNSEEN, dtype=np.int8)
    observed = np.zeros((OBSERVATIONS, *is_true.shape), dtype=np.int8)
    for at, plane in enumerate(is_true):
        for observation, reader in enumerate(rng.choice(READERS, OBSERVATIONS, replace=False)):
            reached = rates[reader].cumsum(axis=1)[plane]
            said = np.minimum((rng.random(plane.shape)[..., None] > reached).sum(axis=-1), LABELS - 1)
            of_readers[reader, at] = observed[observation, at] = said
    return Drawn(of_readers, observed)


def by_simpleitk(observed: NDArray[np.int8]) -> Labels:
    untyped: Any = SimpleITK
    peer = untyped.MultiLabelSTAPLEImageFilter()
    peer.SetMaximumNumberOfIterations(PEER_STEPS)
    images = [untyped.GetImageFromArray(one.astype(np.uint8)) for one in observed]
    found: Labels = untyped.GetArrayFromImage(peer.Execute(images)).astype(np.int8)
    return found


def inverted(found: Labels, is_true: Labels) -> bool:
    mostly = [np.bincount(found[is_true == label], minlength=LABELS + 1).argmax() for label in range(LABELS)]
    return mostly != list(range(LABELS))


@pytest.mark.bench("staple-inversion")
def test_anchored_staple_does_not_invert(short: bool, keep: Callable[[Measured], None]) -> None:
    started, runs, is_true = now(), RUNS_SHORT if short else RUNS_FULL, truth()
    turned: dict[str, int] = dict.fromkeys(("ours", "without gold", "SimpleITK", "majority"), 0)
    right: dict[str, list[float]] = {name: [] for name in turned}
    undoubted = 0
    for run in range(runs):
        rng = np.random.default_rng([SEED, run])
        rates = matrices(rng)
        now_drawn, gold = drawn(rng, rates, is_true), drawn(rng, rates, is_true)
        volume = Volume(list(now_drawn.of_readers))
        anchored: FusedMask = staple(volume, [Volume(list(gold.of_readers), is_true)], labels=LABELS, seed=run)
        alone = staple(volume, [], labels=LABELS, seed=run)
        undoubted += not alone.doubts & {Doubt.NO_GOLD}
        masks = (anchored.labels, alone.labels, by_simpleitk(now_drawn.observed), voted(volume, LABELS))
        for name, mask in zip(turned, masks, strict=True):
            turned[name] += inverted(mask, is_true)
            right[name].append(float((mask == is_true).mean()))
    told = ", ".join(f"{name} {turned[name]} ({np.mean(right[name]):.2%} of pixels right)" for name in turned)
    notes = [(__doc__ or "").split("\n\n", 1)[1].replace("\n", " ").strip(), f"Inverted of {runs} runs: {told}."]
    print(*notes, sep="\n")
    kept = 1 - turned["ours"] / runs
    keep(measure("staple-inversion", [kept], [NOT_INVERTED_AT_LEAST], started=started, notes=notes))
    assert undoubted == 0
