import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.aggregation.update import Contribution, fixed_point_norm
from coordinator.aggregation.weighted_sum import ModelNotFinite, SumRefused, next_model

INT32 = st.integers(-(2**31), 2**31 - 1)


def a_contribution(site: str, weight: int, values: list[int]) -> Contribution:
    held = np.array(values, dtype=np.int32)
    return Contribution(site, weight, held, fixed_point_norm(held, 20))


def blob(*values: float) -> bytes:
    return np.array(values, dtype="<f4").tobytes()


def test_two_sites_move_a_number_by_their_weighted_mean() -> None:
    step = 2**20
    made = next_model(blob(1.0), [a_contribution("a", 10, [4 * step]), a_contribution("b", 30, [0])], scale_bits=20)
    assert made.blob == blob(2.0)
    assert made.update_norm == 1.0


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 10_000_000), st.lists(INT32, min_size=3, max_size=3)), min_size=1, max_size=12
    ),
    base=st.lists(st.floats(-100, 100, width=32), min_size=3, max_size=3),
    scale_bits=st.integers(8, 24),
    seed=st.integers(0, 2**16),
)
def test_the_sum_has_the_same_bits_in_whatever_order_sites_answered(
    rows: list[tuple[int, list[int]]], base: list[float], scale_bits: int, seed: int
) -> None:
    contributions = [a_contribution(f"site-{number}", *row) for number, row in enumerate(rows)]
    shuffled = contributions[:]
    random.Random(seed).shuffle(shuffled)
    made, again = (next_model(blob(*base), order, scale_bits=scale_bits) for order in (contributions, shuffled))
    assert made == again


@given(rows=st.lists(st.tuples(st.integers(1, 10**7), INT32), min_size=1, max_size=100))
def test_the_sum_is_exact_up_to_one_rounding(rows: list[tuple[int, int]]) -> None:
    made = next_model(blob(0.0), [a_contribution(str(n), w, [v]) for n, (w, v) in enumerate(rows)], scale_bits=20)
    exact = sum(w * v for w, v in rows) / (sum(w for w, _ in rows) * 2**20)
    assert float(np.frombuffer(made.blob, dtype="<f4")[0]) == pytest.approx(exact, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "contributions",
    [
        [],
        [a_contribution("a", 10, [1]), a_contribution("a", 10, [1])],
        [a_contribution("a", 10, [1, 2])],
        [a_contribution("a", 0, [1])],
        [a_contribution(str(n), 10_000_000, [1]) for n in range(430)],
    ],
)
def test_contributions_that_cannot_be_summed_are_refused(contributions: list[Contribution]) -> None:
    with pytest.raises(SumRefused):
        next_model(blob(0.0), contributions, scale_bits=20)


@pytest.mark.parametrize("base", [float("nan"), float("inf"), -float("inf")])
def test_a_model_that_is_not_finite_is_refused(base: float) -> None:
    with pytest.raises(ModelNotFinite):
        next_model(blob(base), [a_contribution("a", 10, [1])], scale_bits=20)
