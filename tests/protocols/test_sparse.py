"""16-bit words: a proven range, windows that reach every number, and a run that takes a quarter of its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.ids import RunId
from protocols.sparse import ROUNDS_MIN, WEIGHT_WORDS, WORD_MAX, SparseRefused, SparseTerms, order_seed


def some_terms(**changes: float) -> SparseTerms:
    fields = {"size": 50_000, "rounds": 24, "members": 5, "norm_bound": 1.0, "largest_weight": 500} | changes
    return SparseTerms(**fields)  # type: ignore[arg-type]  # whole numbers are given where they are meant


@given(st.integers(3, 64), st.integers(10, 1_000_000))
def test_no_sum_of_words_can_wrap(members: int, cases: int) -> None:
    try:
        terms = some_terms(members=members, largest_weight=cases // 10 * 10)
    except SparseRefused:
        return
    assert members * terms.steps <= WORD_MAX
    high, low = divmod(terms.largest_weight // 10, 256)
    assert members * max(high, low, 255) <= WORD_MAX


@given(st.integers(50_000, 2_000_000), st.integers(ROUNDS_MIN, 500))
def test_a_run_takes_at_most_a_quarter_of_its_float32_bytes(size: int, rounds: int) -> None:
    terms = some_terms(size=size, rounds=rounds)
    words = sum(len(terms.places(number)) + WEIGHT_WORDS for number in range(1, rounds + 1))
    assert 2 * words <= rounds * size
    assert terms.window > 0


@pytest.mark.parametrize("rounds", [4, 5, 24])
def test_every_number_has_its_turn_every_few_rounds_and_all_have_in_the_last(rounds: int) -> None:
    terms = some_terms(rounds=rounds)
    assert terms.places(rounds) == range(terms.size)
    turns = [{place % terms.size for place in terms.places(number)} for number in range(1, rounds)]
    assert all(len(turn) == terms.window for turn in turns)
    if rounds > ROUNDS_MIN:
        needed = -(-terms.size // terms.window)
        assert len(set().union(*turns[:needed])) == terms.size


@pytest.mark.parametrize(
    "change", [{"rounds": 3}, {"size": 5_000}, {"members": 40_000}, {"members": 64, "largest_weight": 10_000_000}]
)
def test_a_run_that_does_not_fit_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(SparseRefused):
        some_terms(**change)


def test_every_run_has_an_order_of_its_own() -> None:
    assert order_seed(RunId("a")) != order_seed(RunId("b"))
    assert len(order_seed(RunId("a"))) == 32
