"""The audited networks in torch. Only the fit child loads this module.

Rules: no buffer, no batch statistics, no randomness in the forward pass; float32 [case, 1, row, column] 0..1 in, one
logit a case out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from node.training.fixed_features import feature_count, features_of, gabor_bank
from node.training.weights import Tensors, TensorShapeRefused

if TYPE_CHECKING:
    from node.training.catalog import Convolution

FEATURE_BATCH = 64


class ChestNetwork(nn.Module):
    """A chest film's logit: strided convolutions with group norm, the mean over the last map, one linear unit.

    Source: Wu and He, Group Normalization, ECCV 2018.
    """

    def __init__(self, layers: Sequence[Convolution]) -> None:
        """Build the layers in order; their parameters are named conv1, norm1, conv2 and so on, then head."""
        super().__init__()
        self.depth = len(layers)
        for number, layer in enumerate(layers, start=1):
            convolution = nn.Conv2d(
                layer.channels_in,
                layer.channels_out,
                layer.kernel_pixels,
                stride=layer.stride_pixels,
                padding=layer.kernel_pixels // 2,
                bias=False,
            )
            self.add_module(f"conv{number}", convolution)
            self.add_module(f"norm{number}", nn.GroupNorm(layer.groups, layer.channels_out))
        self.head = nn.Linear(layers[-1].channels_out, 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Logits [case] of samples [case, 1, row, column] in 0..1."""
        features = (pixels - 0.5) * 4.0
        for number in range(1, self.depth + 1):
            features = self.get_submodule(f"conv{number}")(features)
            features = functional.relu(self.get_submodule(f"norm{number}")(features))
        logits: torch.Tensor = self.head(features.mean(dim=(2, 3)))
        return logits.squeeze(1)


class LinearNetwork(nn.Module):
    """A chest film's logit: features that nobody learnt, and one linear unit above them."""

    def __init__(self, cells: int) -> None:
        """Build the linear unit, named head; the filters are no parameter and no buffer."""
        super().__init__()
        self.cells = cells
        self.bank = gabor_bank()
        self.head = nn.Linear(feature_count(cells), 1)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Features [case, number] of samples [case, 1, row, column] in 0..1."""
        return torch.cat([features_of(few, self.bank, self.cells) for few in torch.split(pixels, FEATURE_BATCH)])

    def forward(self, shown: torch.Tensor) -> torch.Tensor:
        """Logits [case] of samples [case, 1, row, column] in 0..1, or of their features [case, number]."""
        logits: torch.Tensor = self.head(shown if shown.dim() == 2 else self.features(shown))
        return logits.squeeze(1)


def shown_once(network: nn.Module, pixels: torch.Tensor) -> torch.Tensor:
    """What training shows the network of each sample: its pixels, or its features where the network learns none.

    Features [case, number] stay as they are.
    """
    if not isinstance(network, LinearNetwork) or pixels.dim() == 2:
        return pixels
    with torch.inference_mode():
        features = network.features(pixels) if len(pixels) else torch.zeros(0, feature_count(network.cells))
    return features.clone()


def load_tensors(network: nn.Module, tensors: Tensors) -> None:
    """The network holds exactly these weights.

    Raises:
        TensorShapeRefused: a name or a shape differs from the network's own.
    """
    own = dict(network.named_parameters())
    if set(own) != set(tensors) or any(own[name].shape != tensors[name].shape for name in own):
        raise TensorShapeRefused("the weights are not those of the network")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(torch.from_numpy(tensors[name]))


def held_tensors(network: nn.Module) -> Tensors:
    """A copy of the network's weights by name."""
    return {name: parameter.detach().numpy().copy() for name, parameter in network.named_parameters()}
