"""What the strategies are for, over simulated sites that are unlike each other; `-s` prints the figures.

Where the local rate suits the sites, the mean does best and nothing is gained by the others. FedProx pays where local
training goes far and sites drift apart, FedAdam where it goes short ways.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from fakes.unlike_sites import SETTINGS, Went, run_over, unlike_sites

from node.training.ports import FitSettings
from protocols.strategies import Strategy, StrategyName

MEAN = Strategy()
PROX = Strategy(name=StrategyName.FEDPROX, proximal_mu=0.3)
ADAM = Strategy(name=StrategyName.FEDADAM, server_rate=0.06, beta_1=0.9, beta_2=0.99, tau=0.01)
FAR = replace(SETTINGS, learning_rate=0.1)
SHORT = replace(SETTINGS, learning_rate=0.005, local_steps=5)
SUITED = replace(SETTINGS, learning_rate=0.02)
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of a busy machine wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def went(seed: int, strategy: Strategy, settings: FitSettings, *, rounds: int) -> Went:
    run = run_over(unlike_sites(seed, unlike=0.5), strategy, rounds=rounds, settings=settings)
    figures = " ".join(f"{loss:.3f}" for loss in run.losses)
    print(f"{strategy.name.value} at {settings.learning_rate:g}, seed {seed}: loss on unseen cases {figures}")
    return run


@SEEDS
def test_fedprox_keeps_sites_together_that_train_far_and_their_mean_is_better_for_it(seed: int) -> None:
    mean, prox = (went(seed, rule, FAR, rounds=6) for rule in (MEAN, PROX))
    assert sum(prox.apart) < 0.6 * sum(mean.apart)
    assert prox.losses[-1] < mean.losses[-1] - 0.03


@SEEDS
def test_fedadam_goes_further_where_local_training_goes_short_ways(seed: int) -> None:
    mean, adam = (went(seed, rule, SHORT, rounds=10) for rule in (MEAN, ADAM))
    assert adam.losses[-1] < mean.losses[-1] - 0.01


def test_where_the_local_rate_suits_the_sites_nothing_is_gained() -> None:
    mean, prox, adam = (went(1, rule, SUITED, rounds=10) for rule in (MEAN, PROX, ADAM))
    assert mean.losses[-1] < adam.losses[-1]
    assert abs(prox.losses[-1] - mean.losses[-1]) < 0.02
