"""Secure rounds of 16-bit words over a whole run: both sides walk one order, and nothing is lost on the way."""

import numpy as np
import pytest
from factories import PLAN
from fakes.secure import hospitals
from fakes.sparse import sparse_round

from coordinator.aggregation import sparse_sum
from coordinator.aggregation.secure_relay import SecureRoundFailed
from node.release.secure import compress as node_side
from protocols.sparse import SparseTerms, order_seed

SIZE, ROUNDS = 30_000, 6
TERMS = SparseTerms(size=SIZE, rounds=ROUNDS, members=4, norm_bound=1.0, largest_weight=500)
SEED = order_seed(PLAN, "ab" * 32)


def test_both_sides_walk_the_same_order() -> None:
    order = node_side.order_of(SEED, SIZE)
    assert order.tolist() == sparse_sum.order_of(SEED, SIZE).tolist()
    assert sorted(order.tolist()) == list(range(SIZE))
    for number in range(1, ROUNDS + 1):
        here = node_side.places_of(order, TERMS, number)
        assert here.tolist() == sparse_sum.places_of(order, TERMS, number).tolist()


def test_a_run_under_masks_moves_the_model_as_far_as_its_updates_did() -> None:
    """After the last round only its rounding is missing from the sum of all weighted means."""
    members = hospitals(4, threshold=3, size=SIZE)
    weights = {one.site_id: 10 * (one.number * 10) for one in members}
    kept = {one.site_id: np.zeros(SIZE) for one in members}
    order, rng = node_side.order_of(SEED, SIZE), np.random.default_rng(1)
    true, moved = np.zeros(SIZE), np.zeros(SIZE)
    for number in range(1, ROUNDS + 1):
        places, words = node_side.places_of(order, TERMS, number), {}
        for one in members:
            update = rng.normal(size=SIZE) / np.sqrt(SIZE)
            true += update * weights[one.site_id] / sum(weights.values())
            made = node_side.compress(
                update, kept[one.site_id], terms=TERMS, places=places, weight=weights[one.site_id]
            )
            kept[one.site_id], words[one.site_id] = made.kept, made.words
        total = sparse_round(members, number, words).total
        mean = sparse_sum.sparse_mean(total, terms=TERMS, places=places, survivors=4)
        assert mean.weight == sum(weights.values())
        moved += mean.moved
    assert np.linalg.norm(moved - true) < 0.002 * np.linalg.norm(true)


@pytest.mark.parametrize("change", [{-1: 0}, {-1: 3000}, {0: 5 * TERMS.steps}])
def test_a_sum_that_words_of_the_plan_cannot_have_is_refused(change: dict[int, int]) -> None:
    places = sparse_sum.places_of(sparse_sum.order_of(SEED, SIZE), TERMS, 1)
    total = np.zeros(places.size + 2, dtype=np.int64)
    total[-1] = 40
    assert sparse_sum.sparse_mean(total, terms=TERMS, places=places, survivors=4).weight == 400
    for place, number in change.items():
        total[place] = number
    with pytest.raises(SecureRoundFailed):
        sparse_sum.sparse_mean(total, terms=TERMS, places=places, survivors=4)
    with pytest.raises(SecureRoundFailed):
        sparse_sum.sparse_mean(total[1:], terms=TERMS, places=places, survivors=4)
