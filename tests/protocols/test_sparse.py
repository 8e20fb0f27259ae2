"""16-bit words: a proven range, windows that reach every number, and a run that takes a quarter of its bytes."""

import math

import pytest
from factories import PLAN, RUN, a_manifest, a_plan
from hypothesis import given
from hypothesis import strategies as st

from protocols.models import Dtype, TensorSpec
from protocols.plans import Aggregation, AggregationMode, Compression
from protocols.sparse import ROUNDS_MIN, WORD_MAX, SparseRefused, SparseTerms, order_seed, sparse_terms


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
    assert terms.upload_bytes == 2 * sum(terms.words(number) for number in range(1, rounds + 1))
    assert terms.upload_bytes <= rounds * size
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


def test_the_order_follows_from_what_all_members_sign_and_from_nothing_else() -> None:
    assert order_seed(PLAN, "ab" * 32) == order_seed(PLAN, "ab" * 32)
    assert len({order_seed(PLAN, "ab" * 32), order_seed(RUN, "ab" * 32), order_seed(PLAN, "cd" * 32)}) == 3
    assert len(order_seed(PLAN, "ab" * 32)) == 32


def test_rounding_costs_more_the_looser_the_plan_and_the_lighter_the_hospital() -> None:
    terms = some_terms()
    assert terms.rounding(500) == pytest.approx(8 / (WORD_MAX // 5) / math.sqrt(12))
    assert terms.rounding(10) == pytest.approx(50 * terms.rounding(500))
    assert some_terms(norm_bound=50.0).rounding(500) == pytest.approx(terms.rounding(500))


def test_terms_are_those_of_a_plan_that_asks_for_turns() -> None:
    secure = Aggregation(mode=AggregationMode.SECURE, threshold_t=4)
    tensors = (TensorSpec(name="head.weight", shape=(50_000,), dtype=Dtype.FLOAT32),)
    plan = a_plan(model=a_manifest(tensors=tensors), aggregation=secure, rounds=6)
    assert sparse_terms(plan, members=5) is None
    turns = plan.model_copy(update={"aggregation": secure.model_copy(update={"compression": Compression.TURNS})})
    terms = sparse_terms(turns, members=5)
    assert terms == SparseTerms(50_000, 6, 5, plan.update_norm_bound, plan.cohort.max_cases)
    with pytest.raises(SparseRefused):
        sparse_terms(turns.model_copy(update={"rounds": 3}), members=5)


def test_turns_are_for_secure_aggregation_alone() -> None:
    with pytest.raises(ValueError, match="turns"):
        Aggregation(mode=AggregationMode.PLAIN, compression=Compression.TURNS)
