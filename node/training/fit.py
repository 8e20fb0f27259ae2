"""Local training in torch: a number of optimiser steps from given weights, deterministic for a seed.

Rules: every pass shows every sample once, in an order of its own; a call makes at most `PASSES_MAX` passes, so that a
small hospital makes fewer steps than the plan allows and none is learnt by heart; samples are shifted by up to eight
pixels and never mirrored, since left and right differ in a body; a loss that is not finite ends training. The optimiser
is stochastic gradient descent with Nesterov momentum of 0.9, which starts from rest in every call: no state lives
between rounds. Labels are those of the consensus. One process trains one network at a time. Where a plan holds
unlike hospitals together, every step is pulled back towards the weights the call began with (`pulled_back`).

Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013; Li et al.,
Federated Optimization in Heterogeneous Networks, MLSys 2020, equation 2 (the pull).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.optim.sgd import sgd

from node.ground.errors import NodeError
from node.training.networks import held_tensors, load_tensors, shown_once
from node.training.ports import FitReport, FitSettings
from node.training.samples import PartSamples
from node.training.schedule import MOMENTUM
from node.training.weights import Tensors, update_between

PASSES_MAX = 2
SHIFT_PIXELS = 8
SCORING_BATCH = 64


class TrainingDiverged(NodeError):
    """The loss is not finite: these settings cannot train this network."""


class NothingToTrain(NodeError):
    """The training part holds no sample."""


def train_steps(network: nn.Module, start: Tensors, samples: PartSamples, settings: FitSettings) -> FitReport:
    """The update of at most `settings.local_steps` optimiser steps from these weights; the mean loss over the steps.

    Raises:
        NothingToTrain: there is no sample.
        TrainingDiverged: the loss is not finite.
        TensorShapeRefused: the weights are not those of the network.
    """
    if not len(samples):
        raise NothingToTrain("the training part holds no sample")
    load_tensors(network, start)
    network.train()
    rng = torch.Generator().manual_seed(settings.seed)
    momenta: list[torch.Tensor | None] = [None for _ in network.parameters()]
    shown = shown_once(network, torch.from_numpy(samples.pixels))
    parameters = list(network.parameters())
    began = copied(parameters)
    targets = targets_of(samples, settings.label_smoothing)
    losses = []
    for batch in _batches(len(samples), settings, rng):
        loss = functional.binary_cross_entropy_with_logits(network(shifted(shown[batch], rng)), targets[batch])
        losses.append(_finite(float(loss.detach())))
        gradients = list(torch.autograd.grad(loss, parameters))
        descend(parameters, pulled_back(gradients, parameters, began, settings.proximal_mu), momenta, settings)
    return FitReport(update_between(start, held_tensors(network)), sum(losses) / len(losses), len(losses))


def copied(parameters: list[nn.Parameter]) -> list[torch.Tensor]:
    """The weights as they are now, apart from what training does to them."""
    return [parameter.detach().clone() for parameter in parameters]


def pulled_back(
    gradients: list[torch.Tensor], parameters: list[nn.Parameter], began: list[torch.Tensor], proximal_mu: float
) -> list[torch.Tensor]:
    """The gradients of the loss with `proximal_mu` / 2 times the squared way from the beginning; as they are at zero.

    A weight at 3 that began at 1 has 2 * mu added to its gradient.
    """
    if proximal_mu == 0.0:
        return gradients
    with torch.no_grad():
        return [
            gradient + proximal_mu * (parameter - start)
            for gradient, parameter, start in zip(gradients, parameters, began, strict=True)
        ]


def descend(
    parameters: list[nn.Parameter],
    gradients: list[torch.Tensor],
    momenta: list[torch.Tensor | None],
    settings: FitSettings,
) -> None:
    """One optimiser step. The function beneath `torch.optim.SGD`: the class loads a compiler, two seconds a child."""
    with torch.no_grad():
        sgd(
            list(parameters),
            gradients,
            momenta,
            foreach=False,
            weight_decay=settings.weight_decay,
            momentum=MOMENTUM,
            lr=settings.learning_rate,
            dampening=0.0,
            nesterov=True,
            maximize=False,
        )


def targets_of(samples: PartSamples, label_smoothing: float) -> torch.Tensor:
    """What the loss asks of every sample: its label, drawn towards a half by the smoothing; float32 [case]."""
    hard = torch.from_numpy(samples.labels).to(torch.float32)
    return hard * (1.0 - label_smoothing) + 0.5 * label_smoothing


def steps_in_round(settings: FitSettings, *, samples: int) -> int:
    """How many optimiser steps a hospital with so many samples makes in one call."""
    return min(settings.local_steps, -(-PASSES_MAX * samples // settings.batch_size))


def _batches(count: int, settings: FitSettings, rng: torch.Generator) -> Iterator[torch.Tensor]:
    """The batches of indices of one call, cut from one pass's order after the other."""
    needed = steps_in_round(settings, samples=count) * settings.batch_size
    order = torch.cat([torch.randperm(count, generator=rng) for _ in range(-(-needed // count))])
    yield from torch.split(order[:needed], settings.batch_size)


def _finite(loss: float) -> float:
    if not math.isfinite(loss):
        raise TrainingDiverged("the training loss is not finite")
    return loss


def shifted(shown: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Samples as they are shown this time: pixels are shifted, features are what they are."""
    return augmented(shown, rng) if shown.dim() == 4 and len(shown) else shown


def augmented(pixels: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """The samples [case, 1, row, column], each shifted by up to eight pixels both ways; edges are repeated."""
    count, _, rows, columns = pixels.shape
    padded = functional.pad(pixels, (SHIFT_PIXELS,) * 4, mode="replicate")
    corners = torch.randint(0, 2 * SHIFT_PIXELS + 1, (count, 2), generator=rng).tolist()
    shifted = [padded[case, :, top : top + rows, left : left + columns] for case, (top, left) in enumerate(corners)]
    return torch.stack(shifted)


def logits_of(network: nn.Module, tensors: Tensors, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logit of every sample: float64 [case].

    Raises:
        TensorShapeRefused: the weights are not those of the network.
    """
    load_tensors(network, tensors)
    network.eval()
    with torch.inference_mode():
        parts = [network(batch) for batch in torch.split(torch.from_numpy(pixels), SCORING_BATCH)]
    return torch.cat(parts).numpy().astype(np.float64) if len(pixels) else np.empty(0)
