"""Features nobody learnt: what they answer to, and that one film's depend on nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from node.training.catalog import CHEST_GABOR_LINEAR_1, architecture, starting_tensors, tensor_specs
from node.training.evaluate import auc
from node.training.fit import logits_of, train_steps
from node.training.fixed_features import LEVELS, ORIENTATIONS, feature_count, features_of, gabor_bank
from node.training.networks import LinearNetwork, shown_once
from node.training.ports import FitSettings
from node.training.private_fit import per_sample
from node.training.samples import PartSamples


def films(count: int = 3, *, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 1, 128, 128, generator=torch.Generator().manual_seed(seed))


def stripes(angle: float) -> torch.Tensor:
    down, across = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="ij")
    wave = torch.cos(2 * math.pi * 0.22 * (across * math.cos(angle) + down * math.sin(angle)))
    return (0.5 + 0.5 * wave)[None, None]


def test_the_filters_answer_to_no_plain_grey() -> None:
    assert gabor_bank().sum(dim=(1, 2, 3)).abs().max() < 1e-5
    assert gabor_bank().shape == (2 * ORIENTATIONS, 1, 9, 9)


@pytest.mark.parametrize("number", range(ORIENTATIONS))
def test_stripes_are_felt_most_by_the_filter_of_their_direction(number: int) -> None:
    felt = torch.nn.functional.conv2d(stripes(number * math.pi / ORIENTATIONS), gabor_bank())
    real, imaginary = felt.chunk(2, dim=1)
    assert int((real.square() + imaginary.square()).sum(dim=(0, 2, 3)).argmax()) == number


@pytest.mark.parametrize("cells", [2, 4, 8])
def test_a_film_becomes_a_vector_of_length_one(cells: int) -> None:
    found = features_of(films(), gabor_bank(), cells)
    assert found.shape == (3, feature_count(cells)) == (3, (LEVELS * ORIENTATIONS + 1) * cells**2)
    assert torch.allclose(found.norm(dim=1), torch.ones(3), atol=1e-5)


def test_a_films_features_depend_on_no_other_film() -> None:
    together = features_of(films(), gabor_bank(), 4)
    assert torch.allclose(together[1], features_of(films()[1:2], gabor_bank(), 4)[0], atol=1e-6)


def test_a_brighter_film_has_the_same_features_but_for_rounding() -> None:
    dim = films() * 0.5
    assert torch.allclose(features_of(dim, gabor_bank(), 4), features_of(films(), gabor_bank(), 4), atol=1e-3)


def test_a_flat_film_has_finite_features() -> None:
    assert bool(features_of(torch.zeros(1, 1, 128, 128), gabor_bank(), 4).isfinite().all())


def test_a_film_and_its_features_give_one_logit() -> None:
    network = LinearNetwork(4)
    assert torch.allclose(network(films()), network(shown_once(network, films())), atol=1e-6)
    assert shown_once(network, films(0)).shape == (0, feature_count(4))


def test_the_linear_network_has_gradients_of_single_patients_no_longer_than_the_square_root_of_two() -> None:
    watched = per_sample(architecture(CHEST_GABOR_LINEAR_1, {}))
    shown = shown_once(architecture(CHEST_GABOR_LINEAR_1, {}), films()).requires_grad_()
    torch.autograd.backward(watched(shown).sum())
    squares = sum(parameter.grad_sample.flatten(1).square().sum(dim=1) for parameter in watched.parameters())
    assert torch.allclose(torch.as_tensor(squares).sqrt(), torch.full((3,), math.sqrt(2)), atol=1e-4)


def test_the_linear_network_learns_directions() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(24) % 2
    drawn = [stripes(0.0 if label else math.pi / 2)[0].numpy() for label in labels]
    pixels = (np.stack(drawn) * 0.5 + rng.random((24, 1, 128, 128)) * 0.5).astype(np.float32)
    part = PartSamples(tuple(map(str, range(24))), np.arange(24), labels, pixels)
    network = architecture(CHEST_GABOR_LINEAR_1, {})
    start = starting_tensors(CHEST_GABOR_LINEAR_1, {}, seed=0)
    settings = FitSettings(local_steps=6, batch_size=8, learning_rate=5.0, weight_decay=0.0, seed=1)
    report = train_steps(network, start, part, settings)
    again = train_steps(network, start, part, replace(settings))
    assert all(
        np.array_equal(report.update[name], again.update[name]) for name, _ in tensor_specs(CHEST_GABOR_LINEAR_1, {})
    )
    learnt = {name: start[name] + change for name, change in report.update.items()}
    assert auc(logits_of(network, learnt, pixels), labels) > 0.95
