"""The audited catalog."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from node.training.catalog import (
    CHEST_CNN_GN_1,
    CHEST_GABOR_LINEAR_1,
    HyperparameterRefused,
    UnknownArchitecture,
    architecture,
    audited,
    starting_tensors,
    tensor_specs,
)
from node.training.networks import held_tensors, load_tensors
from node.training.weights import TensorShapeRefused, check_tensors

BOTH = pytest.mark.parametrize("architecture_id", [CHEST_CNN_GN_1, CHEST_GABOR_LINEAR_1])


@pytest.mark.parametrize(
    ("architecture_id", "hyperparameters"),
    [
        (CHEST_CNN_GN_1, {}),
        (CHEST_CNN_GN_1, {"width": 8}),
        (CHEST_CNN_GN_1, {"width": 32}),
        (CHEST_GABOR_LINEAR_1, {}),
        (CHEST_GABOR_LINEAR_1, {"cells": 8}),
    ],
)
def test_names_shapes_and_order_are_those_of_the_network(
    architecture_id: str, hyperparameters: dict[str, float]
) -> None:
    network = architecture(architecture_id, hyperparameters)
    built = tuple((name, tuple(parameter.shape)) for name, parameter in network.named_parameters())
    assert built == tensor_specs(architecture_id, hyperparameters)


@BOTH
def test_no_network_holds_a_running_statistic_or_any_other_buffer(architecture_id: str) -> None:
    network = architecture(architecture_id, {})
    assert not list(network.buffers())
    assert not any(isinstance(module, torch.nn.modules.batchnorm._BatchNorm) for module in network.modules())


def test_the_chest_network_has_some_six_hundred_thousand_parameters_and_one_logit_a_case() -> None:
    network = architecture(CHEST_CNN_GN_1, {})
    assert 500_000 < sum(parameter.numel() for parameter in network.parameters()) < 700_000
    assert network(torch.rand(3, 1, 128, 128)).shape == (3,)


@BOTH
def test_a_case_scores_the_same_alone_and_among_others(architecture_id: str) -> None:
    network = architecture(architecture_id, {}).eval()
    pixels = torch.rand(4, 1, 128, 128, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(network(pixels)[2], network(pixels[2:3])[0], atol=1e-5)


def test_an_architecture_outside_the_catalog_is_refused() -> None:
    for asked in (audited, lambda name: tensor_specs(name, {}), lambda name: architecture(name, {})):
        with pytest.raises(UnknownArchitecture, match="densenet-with-a-hook"):
            asked("densenet-with-a-hook")


@pytest.mark.parametrize("width", [0, 4, 9, 72, 10_000, 16.5, float("inf"), float("nan")])
def test_a_width_outside_the_audited_bounds_is_refused(width: float) -> None:
    with pytest.raises(HyperparameterRefused, match="width"):
        tensor_specs(CHEST_CNN_GN_1, {"width": width})


def test_an_unknown_hyperparameter_is_refused() -> None:
    with pytest.raises(HyperparameterRefused, match="dropout"):
        tensor_specs(CHEST_CNN_GN_1, {"dropout": 1})


def test_starting_tensors_fit_the_network_and_follow_their_seed() -> None:
    first, again, other = (starting_tensors(CHEST_CNN_GN_1, {}, seed=seed) for seed in (1, 1, 2))
    check_tensors(tensor_specs(CHEST_CNN_GN_1, {}), first)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["conv1.weight"], other["conv1.weight"])
    assert np.all(first["norm1.weight"] == 1)
    assert np.all(first["norm1.bias"] == 0)


def test_loaded_weights_are_held_and_foreign_ones_refused() -> None:
    network = architecture(CHEST_CNN_GN_1, {"width": 8})
    weights = starting_tensors(CHEST_CNN_GN_1, {"width": 8}, seed=3)
    load_tensors(network, weights)
    held = held_tensors(network)
    assert all(np.array_equal(held[name], weights[name]) for name in weights)
    with pytest.raises(TensorShapeRefused):
        load_tensors(network, starting_tensors(CHEST_CNN_GN_1, {"width": 16}, seed=3))


def test_a_process_that_only_checks_messages_does_not_load_torch() -> None:
    looked = "import sys, node.training.catalog, node.training.ports, node.training.benefit, node.training.schedule;"
    subprocess.run([sys.executable, "-c", looked + "sys.exit('torch' in sys.modules)"], check=True)
