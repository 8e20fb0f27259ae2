"""An update in 16-bit words: what is not sent is kept, to the last digit."""

import numpy as np
import pytest
from factories import PLAN
from numpy.typing import NDArray

from node.release.secure.compress import compress, order_of, places_of
from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.sparse import SparseTerms, order_seed

TERMS = SparseTerms(size=30_000, rounds=6, members=5, norm_bound=1.0, largest_weight=500)
ORDER = order_of(order_seed(PLAN, "ab" * 32), TERMS.size)
NOTHING = np.zeros(TERMS.size)


def an_update(seed: int = 1) -> NDArray[np.float64]:
    return np.asarray(np.random.default_rng(seed).normal(size=TERMS.size) / np.sqrt(TERMS.size))


def sent(words: NDArray[np.uint16], weight: int) -> NDArray[np.float64]:
    """What the words stand for, unweighted."""
    return words[:-2].view(np.int16).astype(np.float64) * (TERMS.clip / TERMS.steps * TERMS.largest_weight / weight)


@pytest.mark.parametrize("weight", [10, 250, 500])
def test_what_is_sent_and_what_is_kept_are_the_whole(weight: int) -> None:
    update, kept = an_update(), an_update(2) * 0.1
    places = places_of(ORDER, TERMS, 2)
    made = compress(update, kept, terms=TERMS, places=places, weight=weight)
    whole = made.kept.copy()
    whole[places] += sent(made.words, weight)
    assert np.allclose(whole, update + kept, rtol=0, atol=1e-12)
    assert made.whole.tobytes() == (update + kept).tobytes()
    assert made.words[-2:].tolist() == [0, weight // 10]


def test_numbers_whose_turn_it_is_not_are_kept_as_they_are() -> None:
    update = an_update()
    places = places_of(ORDER, TERMS, 1)
    kept = compress(update, NOTHING, terms=TERMS, places=places, weight=500).kept
    others = np.setdiff1d(np.arange(TERMS.size), places)
    assert kept[others].tobytes() == update[others].tobytes()
    assert np.abs(kept[places]).max() <= TERMS.clip / TERMS.steps / 2


def test_a_number_beyond_the_clip_is_cut_and_the_rest_goes_later() -> None:
    update = NOTHING.copy()
    update[ORDER[0]] = 3.5 * TERMS.clip
    made = compress(update, NOTHING, terms=TERMS, places=places_of(ORDER, TERMS, 1), weight=500)
    assert made.words[:-2].view(np.int16).max() == TERMS.steps
    assert made.kept[ORDER[0]] == pytest.approx(2.5 * TERMS.clip)


@pytest.mark.parametrize(("weight", "number"), [(0, 0.0), (15, 0.0), (510, 0.0), (500, np.nan), (500, np.inf)])
def test_a_weight_or_a_number_outside_the_range_is_refused(weight: int, number: float) -> None:
    with pytest.raises(SecureRefused) as refusal:
        compress(NOTHING + number, NOTHING, terms=TERMS, places=places_of(ORDER, TERMS, 1), weight=weight)
    assert refusal.value.reason is SecureReason.RANGE_NOT_PROVEN
