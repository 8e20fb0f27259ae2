"""AUC, loss, and intervals over patients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.training.evaluate import (
    OneClassOnly,
    auc,
    auc_interval,
    cross_entropies,
    drawn_aucs,
    evaluate,
    pairwise_wins,
    patient_draws,
)


def test_the_auc_of_a_published_style_example_is_right() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    assert auc(scores, np.array([0, 0, 1, 1])) == 0.75


@pytest.mark.parametrize(
    ("scores", "expected"), [([0.0, 1.0], 1.0), ([1.0, 0.0], 0.0), ([0.5, 0.5], 0.5)], ids=["above", "below", "tie"]
)
def test_a_pair_counts_one_none_or_a_half(scores: list[float], expected: float) -> None:
    assert auc(np.array(scores), np.array([0, 1])) == expected


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 1)), min_size=2, max_size=40))
def test_turning_the_scores_round_turns_the_auc_round(drawn: list[tuple[int, int]]) -> None:
    scores = np.array([score for score, _ in drawn], dtype=np.float64)
    labels = np.array([label for _, label in drawn])
    if len(set(labels)) < 2:
        with pytest.raises(OneClassOnly):
            auc(scores, labels)
        return
    assert auc(scores, labels) + auc(-scores, labels) == pytest.approx(1.0)


def test_one_class_is_a_value_in_an_evaluation_and_not_a_crash() -> None:
    found = evaluate(np.array([0.2, 1.0]), np.array([1, 1]), np.array([0, 0]))
    assert found.auc is None
    assert (found.cases, found.patients) == (2, 1)


def test_the_loss_is_the_cross_entropy_and_survives_extreme_logits() -> None:
    losses = cross_entropies(np.array([0.0, 800.0, -800.0]), np.array([1, 1, 1]))
    assert losses.tolist() == pytest.approx([np.log(2), 0.0, 800.0])


def test_a_draw_holds_all_cases_of_a_patient_or_none() -> None:
    patients = np.array([5, 5, 9, 9, 9, 11])
    draws = patient_draws(patients, np.random.default_rng(0), draws=200)
    assert np.array_equal(draws[:, 0], draws[:, 1])
    assert np.array_equal(draws[:, 2], draws[:, 4])
    assert np.all(draws[:, [0, 2, 5]].sum(axis=1) == 3)


def test_a_drawn_auc_is_the_auc_of_the_cases_repeated_as_drawn() -> None:
    rng = np.random.default_rng(4)
    scores, labels = rng.normal(size=12).round(1), np.array([0, 1] * 6)
    draws = patient_draws(np.arange(12), rng, draws=20)
    repeated = [
        auc(np.repeat(scores, times.astype(int)), np.repeat(labels, times.astype(int)))
        for times in draws
        if len(set(np.repeat(labels, times.astype(int)))) == 2
    ]
    figures = drawn_aucs(pairwise_wins(scores, labels), labels, draws)
    assert figures[np.isfinite(figures)].tolist() == pytest.approx(repeated)


def test_films_of_one_patient_widen_the_interval() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat(np.array([0, 1] * 10), 5)
    scores = np.repeat(rng.normal(size=20), 5) + labels
    alone = auc_interval(scores, labels, np.arange(100), rng=np.random.default_rng(2))
    grouped = auc_interval(scores, labels, np.repeat(np.arange(20), 5), rng=np.random.default_rng(2))
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)
    assert alone.low < auc(scores, labels) < alone.high


def test_an_interval_of_one_class_is_refused() -> None:
    with pytest.raises(OneClassOnly):
        auc_interval(np.zeros(5), np.ones(5, dtype=np.int64), np.arange(5), rng=np.random.default_rng(0))
