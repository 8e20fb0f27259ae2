"""How long a round's noise is: the recursion against the optimiser itself, and what makes it longer."""

import math

import pytest
import torch
from torch import nn

from node.training.fit import descend
from node.training.noise_length import Steps, noise_length
from node.training.ports import FitSettings
from node.training.privacy import PatientNoise

NOISE = PatientNoise(clip_norm=2.0, noise_multiplier=1.5, sampling_rate=0.1, expected_patients=10.0)
SETTINGS = FitSettings(local_steps=12, batch_size=10, learning_rate=0.1, weight_decay=0.01, seed=0)
STEPS = Steps(12, 0.1, 0.01)


def test_one_step_of_one_number_is_its_own_noise_times_the_first_step_of_momentum() -> None:
    assert noise_length(NOISE, Steps(1, 0.1, 0.0), numbers=1) == pytest.approx(0.3 * 0.1 * 1.9)


def test_the_length_is_that_of_the_optimisers_own_walk_on_noise_alone() -> None:
    """One walk of 40,000 numbers: the root mean square is known to 0.4 %, four standard errors of it are allowed."""
    count = 40_000
    rng = torch.Generator().manual_seed(20261122)
    parameter = nn.Parameter(torch.zeros(count, dtype=torch.float64))
    momenta: list[torch.Tensor | None] = [None]
    for _ in range(SETTINGS.local_steps):
        noise = 0.3 * torch.randn(count, generator=rng, dtype=torch.float64)
        descend([parameter], [noise], momenta, SETTINGS)
    walked = float(torch.linalg.vector_norm(parameter.detach()))
    assert walked == pytest.approx(noise_length(NOISE, STEPS, numbers=count), rel=4 / math.sqrt(2 * count))


def test_the_length_grows_with_the_root_of_the_numbers_and_in_proportion_to_noise_and_rate() -> None:
    length = noise_length(NOISE, STEPS, numbers=100)
    assert noise_length(NOISE, STEPS, numbers=400) == pytest.approx(2 * length)
    louder = PatientNoise(2.0, 3.0, 0.1, 10.0)
    assert noise_length(louder, STEPS, numbers=100) == pytest.approx(2 * length)
    slow, fast = (noise_length(NOISE, Steps(12, rate, 0.0), numbers=100) for rate in (0.05, 0.1))
    assert fast == pytest.approx(2 * slow)


def test_steps_that_run_away_have_no_length_that_fits() -> None:
    assert noise_length(NOISE, Steps(5_000, 1e6, 1.0), numbers=1) == math.inf
