"""The audited architectures by id: the only networks this node trains. A plan names one, it never brings one.

Rules: group normalisation, never batch statistics, so that no tensor is a running mean over patients; one logit out;
hyperparameters are whole numbers inside audited bounds. Names and shapes are computed without torch, so that a process
that only checks messages need not load it; `architecture` loads it. Weights come as data, `starting_tensors` makes
them from a seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from node.ground.errors import NodeError
from node.training.weights import Tensors, TensorShapes

if TYPE_CHECKING:
    from torch import nn

CHEST_CNN_GN_1 = "chest-cnn-gn-1"
CHEST_GABOR_LINEAR_1 = "chest-gabor-linear-1"
"""Features that nobody learnt under one linear unit: small enough to learn something under differential privacy."""


class UnknownArchitecture(NodeError):
    """A plan names an architecture that is not in this node's audited catalog."""


class HyperparameterRefused(NodeError):
    """A hyperparameter is unknown to the architecture or outside its audited bounds."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The whole numbers a hyperparameter may take: `lowest` to `highest` in steps of `step`."""

    lowest: int
    highest: int
    step: int
    default: int


@dataclass(frozen=True, slots=True)
class Convolution:
    """One convolution, its group norm and its rectifier."""

    channels_in: int
    channels_out: int
    kernel_pixels: int
    stride_pixels: int
    groups: int


@dataclass(frozen=True, slots=True)
class AuditedArchitecture:
    """One catalog entry. A sample is float32 [1, side, side], 0..1."""

    architecture_id: str
    side_pixels: int
    bounds: Mapping[str, Bound]


_CATALOG: Mapping[str, AuditedArchitecture] = {
    CHEST_CNN_GN_1: AuditedArchitecture(
        architecture_id=CHEST_CNN_GN_1,
        side_pixels=128,
        bounds={"width": Bound(lowest=8, highest=64, step=8, default=24)},
    ),
    CHEST_GABOR_LINEAR_1: AuditedArchitecture(
        architecture_id=CHEST_GABOR_LINEAR_1,
        side_pixels=128,
        bounds={"cells": Bound(lowest=2, highest=8, step=2, default=4)},
    ),
}


def audited(architecture_id: str) -> AuditedArchitecture:
    """The catalog entry of this id.

    Raises:
        UnknownArchitecture: the id is not in the catalog.
    """
    if architecture_id not in _CATALOG:
        raise UnknownArchitecture(f"architecture {architecture_id!r} is not in the audited catalog")
    return _CATALOG[architecture_id]


def settled(architecture_id: str, hyperparameters: Mapping[str, float]) -> dict[str, int]:
    """Every hyperparameter of the architecture as a whole number in its bounds; what is not given has its default.

    Raises:
        UnknownArchitecture: the id is not in the catalog.
        HyperparameterRefused: a name is unknown or a number is outside its bounds.
    """
    bounds = audited(architecture_id).bounds
    unknown = sorted(set(hyperparameters) - set(bounds))
    if unknown:
        raise HyperparameterRefused(f"{architecture_id} has no hyperparameter {unknown[0]!r}")
    return {
        name: _within(f"{architecture_id} {name}", hyperparameters.get(name, bound.default), bound)
        for name, bound in bounds.items()
    }


def _within(what: str, number: float, bound: Bound) -> int:
    whole = bound.lowest <= number <= bound.highest and float(number).is_integer()
    if not whole or (int(number) - bound.lowest) % bound.step:
        raise HyperparameterRefused(
            f"{what} is {number}, audited are {bound.lowest} to {bound.highest} in steps of {bound.step}"
        )
    return int(number)


def convolutions(width: int) -> tuple[Convolution, ...]:
    """The layers of chest-cnn-gn-1 from the image on: 128 pixels become 32, 16, 8, 4 and 4 again."""
    plan = ((1, 7, 4), (2, 3, 2), (4, 3, 2), (8, 3, 2), (8, 3, 1))
    layers: list[Convolution] = []
    channels = 1
    for factor, kernel_pixels, stride_pixels in plan:
        out = factor * width
        layers.append(Convolution(channels, out, kernel_pixels, stride_pixels, groups=8))
        channels = out
    return tuple(layers)


def tensor_specs(architecture_id: str, hyperparameters: Mapping[str, float]) -> TensorShapes:
    """Names and shapes of all tensors, in wire order.

    Raises:
        UnknownArchitecture: the id is not in the catalog.
        HyperparameterRefused: a name is unknown or a number is outside its bounds.
    """
    chosen = settled(architecture_id, hyperparameters)
    if architecture_id == CHEST_GABOR_LINEAR_1:
        return (("head.weight", (1, _gabor_features(chosen["cells"]))), ("head.bias", (1,)))
    layers = convolutions(chosen["width"])
    specs: list[tuple[str, tuple[int, ...]]] = []
    for number, layer in enumerate(layers, start=1):
        kernel = (layer.channels_out, layer.channels_in, layer.kernel_pixels, layer.kernel_pixels)
        specs.append((f"conv{number}.weight", kernel))
        specs.append((f"norm{number}.weight", (layer.channels_out,)))
        specs.append((f"norm{number}.bias", (layer.channels_out,)))
    specs.append(("head.weight", (1, layers[-1].channels_out)))
    specs.append(("head.bias", (1,)))
    return tuple(specs)


def _gabor_features(cells: int) -> int:
    """Four levels of eight directions and the grey values, a number a cell; as `fixed_features` says with torch."""
    return (4 * 8 + 1) * cells * cells


def starting_tensors(architecture_id: str, hyperparameters: Mapping[str, float], *, seed: int) -> Tensors:
    """Untrained weights, the same for the same seed: kernels uniform in ±1/sqrt(fan-in), norms one, biases zero.

    Raises:
        UnknownArchitecture: the id is not in the catalog.
        HyperparameterRefused: a name is unknown or a number is outside its bounds.
    """
    rng = np.random.default_rng(seed)
    tensors: Tensors = {}
    for name, shape in tensor_specs(architecture_id, hyperparameters):
        if len(shape) > 1:
            bound = 1.0 / math.sqrt(math.prod(shape[1:]))
            tensors[name] = rng.uniform(-bound, bound, size=shape).astype(np.float32)
        else:
            tensors[name] = np.full(shape, 1.0 if name.endswith(".weight") else 0.0, dtype=np.float32)
    return tensors


def architecture(architecture_id: str, hyperparameters: Mapping[str, float]) -> nn.Module:
    """The network itself, with weights of no meaning; its parameters are `tensor_specs` in that order.

    Raises:
        UnknownArchitecture: the id is not in the catalog.
        HyperparameterRefused: a name is unknown or a number is outside its bounds.
    """
    from node.training.networks import ChestNetwork, LinearNetwork

    chosen = settled(architecture_id, hyperparameters)
    if architecture_id == CHEST_GABOR_LINEAR_1:
        return LinearNetwork(chosen["cells"])
    return ChestNetwork(convolutions(chosen["width"]))
