"""Kappas against the examples of those who defined them."""

import numpy as np
import pytest

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.kappa import Distance, cohen, cross_table, distances, fleiss
from node.consensus.opinion_table import Opinion, opinion_table

# Fleiss 1971, table 1: how many of six psychiatrists put each of 30 patients into which of five diagnoses.
DIAGNOSES = """
    444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 333335
    111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555
""".split()
# The worked example often shown with it: 14 readers, 10 cases, five options, kappa 0.210.
FOURTEEN = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


def test_cohens_kappa_of_two_readers_and_two_options() -> None:
    assert cohen(np.array([[20, 5], [10, 15]])) == pytest.approx(0.40)


def test_cohens_kappa_and_weighted_kappa_are_those_of_1968() -> None:
    """Cohen 1968, table 1: personality disorder, neurosis, psychosis; kappa .492, weighted .348."""
    together = np.array([[44, 7, 9], [5, 20, 5], [1, 3, 6]])
    assert cohen(together) == pytest.approx(0.492, abs=5e-4)
    weighted = cohen(together, np.array([[0.0, 1, 3], [1, 0, 6], [3, 6, 0]]))
    assert weighted == pytest.approx(0.348, abs=5e-4)


def test_kappas_of_the_statistics_packages() -> None:
    """SAS, PROC FREQ on the table statsmodels tests with: simple 0.4842, weighted (linear) 0.4701."""
    together = np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    assert cohen(together) == pytest.approx(0.4842, abs=5e-5)
    assert cohen(together, distances(Distance.LINEAR, 3)) == pytest.approx(0.4701, abs=5e-5)


def test_fleiss_kappa_is_that_of_1971() -> None:
    counts = np.array([[row.count(str(option)) for option in range(1, 6)] for row in DIAGNOSES])
    assert counts.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    assert fleiss(counts) == pytest.approx(0.4302445, abs=5e-8)
    assert fleiss(FOURTEEN) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize("counts", [[[2, 0], [1, 0]], [[1, 0], [0, 1]], [[2, 0], [2, 0]], np.zeros((0, 2), dtype=int)])
def test_fleiss_kappa_refuses_what_it_is_not_made_for(counts: list[list[int]]) -> None:
    with pytest.raises(AgreementUnmeasurable):
        fleiss(np.array(counts))


@pytest.mark.parametrize("together", [[[5, 0], [0, 0]], [[0, 0], [0, 0]]])
def test_cohens_kappa_refuses_where_chance_explains_all(together: list[list[int]]) -> None:
    with pytest.raises(AgreementUnmeasurable):
        cohen(np.array(together))


def test_the_cross_table_counts_common_cases_and_first_opinions_alone() -> None:
    said = [("c1", "a", "no"), ("c1", "b", "yes"), ("c1", "a", "yes"), ("c2", "a", "yes"), ("c3", "b", "no")]
    table = opinion_table([Opinion(*one) for one in said], ("no", "yes"))
    assert cross_table(table, 0, 1).tolist() == [[0, 1], [0, 0]]
