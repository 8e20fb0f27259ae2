"""STAPLE on masks with known truth: better than the vote, missing parts, gold, and doubts said aloud."""

import numpy as np
import pytest

from node.consensus.errors import NothingToFuse, ShapesDiffer
from node.consensus.overlap import dice
from node.consensus.staple import UNSEEN, Doubt, Labels, Volume, staple, voted

RATES = ((0.98, 0.99), (0.85, 0.85), (0.8, 0.8))


def ball(size: int = 24, radius: float = 8.0) -> Labels:
    grid = np.indices((size, size, size)).transpose(1, 2, 3, 0) - size / 2
    inside: Labels = (np.square(grid).sum(axis=-1) <= radius**2).astype(np.int8)
    return inside


def drawn(truth: Labels, seed: int) -> list[Labels]:
    rng = np.random.default_rng(seed)
    masks = []
    for sensitivity, specificity in RATES:
        right = rng.random(truth.shape) < np.where(truth == 1, sensitivity, specificity)
        masks.append(np.where(right, truth, 1 - truth).astype(np.int8))
    return masks


def test_three_readers_give_a_better_mask_than_their_vote_and_their_rates_are_found() -> None:
    truth = ball()
    volume = Volume(drawn(truth, 1))
    found = staple(volume, [], labels=2, seed=1)
    assert dice(found.labels == 1, truth == 1) > dice(voted(volume, 2) == 1, truth == 1)
    for reader, (_, specificity) in enumerate(RATES):
        assert found.matrices[reader, 0, 0] == pytest.approx(specificity, abs=0.03)
    assert found.posterior.min() >= 0.5


def test_gold_masks_draw_the_readers_to_what_they_show() -> None:
    truth = ball()
    gold = [Volume(drawn(truth, seed), truth) for seed in (2, 3)]
    found = staple(Volume(drawn(truth, 1)), gold, labels=2, seed=1)
    best, middle, worst = (found.matrices[reader, 1, 1] for reader in range(3))
    assert best > 0.9 > middle > worst > 0.8
    assert Doubt.NO_GOLD not in found.doubts


def test_a_reader_may_have_seen_a_part_only() -> None:
    truth = ball()
    masks = drawn(truth, 1)
    masks[2][:12] = UNSEEN
    found = staple(Volume(masks), [], labels=2, seed=1)
    assert dice(found.labels == 1, truth == 1) > 0.9
    assert Doubt.FEW_READERS in found.doubts


def test_a_small_structure_without_gold_is_doubted() -> None:
    truth = ball(radius=2.0)
    found = staple(Volume([truth, truth, truth]), [], labels=2, seed=1)
    assert {Doubt.SMALL_STRUCTURE, Doubt.NO_GOLD} <= found.doubts
    assert np.array_equal(found.labels, truth)


def test_readers_who_mark_noise_are_doubted_not_believed() -> None:
    rng = np.random.default_rng(4)
    noise = [(rng.random((10, 30, 30)) < 0.08).astype(np.int8) for _ in range(3)]
    found = staple(Volume(noise), [], labels=2, seed=1)
    assert (found.labels == 1).mean() < 0.08
    assert found.doubts & {Doubt.UNLIKE_THE_VOTE, Doubt.SMALL_STRUCTURE, Doubt.LABELS_EXCHANGED}


def test_the_same_masks_and_seed_give_the_same_mask() -> None:
    volume = Volume(drawn(ball(), 5))
    first, again = (staple(volume, [], labels=2, seed=9) for _ in range(2))
    assert np.array_equal(first.labels, again.labels)
    assert np.array_equal(first.posterior, again.posterior)


def test_many_readers_are_told_apart_though_no_number_holds_their_pattern() -> None:
    truth = ball(size=8, radius=3.0)
    found = staple(Volume([truth] * 45), [], labels=2, seed=1)
    assert np.array_equal(found.labels, truth)


def test_masks_of_two_grids_or_none_are_refused() -> None:
    truth = ball(size=8)
    with pytest.raises(ShapesDiffer):
        staple(Volume([truth, truth[:4]]), [], labels=2, seed=1)
    with pytest.raises(NothingToFuse):
        staple(Volume([]), [], labels=2, seed=1)
    with pytest.raises(NothingToFuse):
        staple(Volume([np.full_like(truth, UNSEEN)]), [], labels=2, seed=1)
