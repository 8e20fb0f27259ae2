"""Krippendorff's alpha against his own example, and its intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from node.consensus.alpha import Metric, alpha, alpha_figure, coincidences
from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import Counts

# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units, missing data.
OBSERVERS = ("1233214 12***", "1233224 125*3", "*33323 42251*", "123324 41251*")
MISSING = "*"


def example() -> Counts:
    counts = np.zeros((12, 5), dtype=np.int64)
    for observer in OBSERVERS:
        for unit, value in enumerate(observer.replace(" ", "")):
            if value != MISSING:
                counts[unit, int(value) - 1] += 1
    return counts


@pytest.mark.parametrize(
    ("metric", "published"), [(Metric.NOMINAL, 0.743), (Metric.ORDINAL, 0.815), (Metric.INTERVAL, 0.849)]
)
def test_alpha_is_that_of_the_published_example_with_missing_data(metric: Metric, published: float) -> None:
    assert alpha(example(), metric) == pytest.approx(published, abs=5e-4)


def test_alpha_of_two_observers_and_two_values() -> None:
    """Section A: ten units, coincidences 10, 4, 4 and 2; .095."""
    counts = np.array([[2, 0]] * 5 + [[1, 1]] * 4 + [[0, 2]])
    assert coincidences(counts).tolist() == [[10, 4], [4, 2]]
    assert alpha(counts) == pytest.approx(0.095, abs=5e-4)


def test_only_the_values_of_interval_options_matter_not_their_number() -> None:
    counts = np.array([[2, 0, 0], [0, 2, 0], [1, 0, 1]])
    near = alpha(counts, Metric.INTERVAL, values=[0.0, 10.0, 0.1])
    far = alpha(counts, Metric.INTERVAL, values=[0.0, 10.0, 9.0])
    assert near > 0.9 > far


@pytest.mark.parametrize("counts", [[[1, 0], [0, 1]], [[2, 0], [3, 0]], [[0, 0], [0, 0]]])
def test_without_pairs_or_with_one_option_there_is_no_alpha(counts: list[list[int]]) -> None:
    with pytest.raises(AgreementUnmeasurable):
        alpha(np.array(counts))
    with pytest.raises(AgreementUnmeasurable):
        alpha_figure(np.array(counts), Metric.NOMINAL, np.random.default_rng(1))


def test_the_interval_holds_the_figure_and_is_the_same_for_the_same_seed() -> None:
    one, again = (alpha_figure(example(), Metric.ORDINAL, np.random.default_rng(7), draws=200) for _ in range(2))
    assert one == again
    assert one.low is not None
    assert one.high is not None
    assert one.low <= one.value <= one.high
    assert one.cases == 11


def test_the_interval_covers_the_true_figure_about_as_often_as_it_says() -> None:
    """Binary, two readers, P(equal) = 0.8 and even shares: alpha of the population is 0.6."""
    rng = np.random.default_rng(20_261_122)
    covered = 0
    for _ in range(100):
        truth = rng.integers(0, 2, 200)
        other = np.where(rng.random(200) < 0.8, truth, 1 - truth)
        counts = np.stack([(truth == value).astype(np.int64) + (other == value) for value in (0, 1)], axis=1)
        figure = alpha_figure(counts, Metric.NOMINAL, rng, draws=100)
        covered += figure.low is not None and figure.high is not None and figure.low <= 0.6 <= figure.high
    assert covered >= 87


@settings(max_examples=40)
@given(st_numpy.arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(2, 4)), elements=st.integers(0, 3)))
def test_alpha_never_exceeds_one_and_does_not_depend_on_the_order_of_cases(counts: Counts) -> None:
    try:
        figure = alpha(counts, Metric.ORDINAL)
    except AgreementUnmeasurable:
        return
    assert figure <= 1 + 1e-12
    assert alpha(counts[::-1], Metric.ORDINAL) == pytest.approx(figure)
