"""Strategies as data of a plan: each has its own numbers, and no round moves a model further than they say."""

from typing import Any

import numpy as np
import pytest
from factories import a_plan
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocols.plans import Aggregation, AggregationMode, Compression, LocalTraining
from protocols.strategies import Strategy, StrategyName

ADAM: dict[str, Any] = {
    "name": StrategyName.FEDADAM, "server_rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, "tau": 1e-3
}  # fmt: skip
PROX: dict[str, Any] = {"name": StrategyName.FEDPROX, "proximal_mu": 0.1}


def test_a_plan_that_names_no_strategy_moves_by_the_mean() -> None:
    assert a_plan().strategy == Strategy()
    assert (Strategy().name, Strategy().mu) == (StrategyName.FEDAVG, 0.0)


@pytest.mark.parametrize("fields", [
    {"name": StrategyName.FEDPROX}, {"name": StrategyName.FEDADAM}, {"proximal_mu": 0.1}, {"server_rate": 0.1},
    {**PROX, "tau": 0.1}, {**ADAM, "proximal_mu": 0.1}, {**ADAM, "tau": None}, {**ADAM, "beta_1": 0.999},
    {**ADAM, "server_rate": 2.0}, {**ADAM, "tau": 0.0}, {**ADAM, "beta_2": 1.0}, {**PROX, "proximal_mu": 0.0},
    {**PROX, "proximal_mu": 1e3},
], ids=str)  # fmt: skip
def test_numbers_of_another_strategy_or_outside_their_bounds_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Strategy(**fields)


def test_a_pull_past_the_beginning_is_refused() -> None:
    fast = LocalTraining(local_steps=4, batch_size=8, learning_rate=0.1)
    assert a_plan(training=fast, strategy=Strategy(name=StrategyName.FEDPROX, proximal_mu=10.0))
    with pytest.raises(ValidationError, match="pulled past"):
        a_plan(training=fast, strategy=Strategy(name=StrategyName.FEDPROX, proximal_mu=10.1))


def test_adam_on_a_part_of_the_numbers_is_refused() -> None:
    turns = Aggregation(mode=AggregationMode.SECURE, threshold_t=3, compression=Compression.TURNS)
    assert a_plan(aggregation=turns, strategy=Strategy(**PROX))
    with pytest.raises(ValidationError, match="all numbers"):
        a_plan(aggregation=turns, strategy=Strategy(**ADAM))


@given(
    means=st.lists(st.floats(-10, 10, allow_subnormal=False), min_size=1, max_size=30),
    beta_1=st.floats(0, 0.95),
    beta_2=st.floats(0.91, 0.9999),
    tau=st.floats(1e-6, 1),
)
def test_no_round_moves_a_number_further_than_the_bound_says(
    means: list[float], beta_1: float, beta_2: float, tau: float
) -> None:
    rule = Strategy(name=StrategyName.FEDADAM, server_rate=1.0, beta_1=beta_1, beta_2=beta_2, tau=tau)
    first, second = 0.0, tau * tau
    for mean in means:
        first = beta_1 * first + (1 - beta_1) * mean
        second = beta_2 * second + (1 - beta_2) * mean * mean
        assert abs(first / (np.sqrt(second) + tau)) <= rule.step_norm(size=1, mean_norm=1e6) * (1 + 1e-9)


def test_without_a_server_optimiser_a_round_moves_no_further_than_a_mean_may_be_long() -> None:
    assert Strategy(**PROX).step_norm(size=9, mean_norm=2.5) == 2.5
    assert Strategy(**ADAM).step_norm(size=100, mean_norm=2.5) == pytest.approx(10 * 0.01 * 2.345, rel=1e-3)
