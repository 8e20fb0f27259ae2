"""The pooled baseline's own film preparation, network and training loop, in plain pydicom, numpy and torch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import cast

import numpy as np
import pydicom
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from deploy.demo.pooled import WIDTH, PooledFilms, PooledSettings

SIDE = 128
_SHIFT = 8


def prepared(file: Path) -> NDArray[np.float32]:
    """The film as the network sees it: float32 [1, 128, 128], 0..1, bright is dense."""
    dataset = pydicom.dcmread(file)
    stored = dataset.pixel_array.astype(np.float32)
    upright = stored.max() - stored if dataset.PhotometricInterpretation == "MONOCHROME1" else stored
    return resampled(upright)


def resampled(film: NDArray[np.float32]) -> NDArray[np.float32]:
    """Contrast between the 1st and 99th percentile, black margins to a square, then 128 by 128 pixels."""
    low, high = (float(np.percentile(film, percent)) for percent in (1, 99))
    grey = np.clip((film - low) / max(high - low, 1e-6), 0, 1)
    missing = max(film.shape) - np.array(film.shape)
    before = missing // 2
    square = np.pad(grey, [(before[axis], missing[axis] - before[axis]) for axis in (0, 1)])
    weights = _triangle_weights(len(square))
    return cast("NDArray[np.float32]", (weights @ square @ weights.T)[None].astype(np.float32))


def _triangle_weights(length: int) -> NDArray[np.float64]:
    """The antialiased bilinear filter from `length` pixels to 128 as a matrix [128, length]."""
    scale = length / SIDE
    centres = (np.arange(SIDE) + 0.5) * scale
    distances = np.abs(np.arange(length)[None, :] + 0.5 - centres[:, None]) / max(scale, 1.0)
    weights = np.maximum(0.0, 1.0 - distances)
    return cast("NDArray[np.float64]", weights / weights.sum(axis=1, keepdims=True))


class PooledNetwork(nn.Module):
    """The same shape as `chest-cnn-gn-1`, written down a second time."""

    def __init__(self, width: int = WIDTH) -> None:
        """Five convolutions with group norm, and one linear unit."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 7, 4, 3, bias=False)
        self.norm1 = nn.GroupNorm(8, width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, 2, 1, bias=False)
        self.norm2 = nn.GroupNorm(8, 2 * width)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 3, 2, 1, bias=False)
        self.norm3 = nn.GroupNorm(8, 4 * width)
        self.conv4 = nn.Conv2d(4 * width, 8 * width, 3, 2, 1, bias=False)
        self.norm4 = nn.GroupNorm(8, 8 * width)
        self.conv5 = nn.Conv2d(8 * width, 8 * width, 3, 1, 1, bias=False)
        self.norm5 = nn.GroupNorm(8, 8 * width)
        self.head = nn.Linear(8 * width, 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """One logit a film."""
        x = functional.relu(self.norm1(self.conv1(4 * pixels - 2)))
        x = functional.relu(self.norm2(self.conv2(x)))
        x = functional.relu(self.norm3(self.conv3(x)))
        x = functional.relu(self.norm4(self.conv4(x)))
        x = functional.relu(self.norm5(self.conv5(x)))
        return cast("torch.Tensor", self.head(x.mean((2, 3)))[:, 0])


PASSES_MAX = 2
"""As in a node's round: no film is shown more often than this in one epoch."""


def trained_scores(
    train: PooledFilms, validation: PooledFilms, holdout: PooledFilms, settings: PooledSettings, *, seed: int
) -> NDArray[np.float64]:
    """The holdout's logits by the epoch with the lowest validation loss; every epoch has all sites' steps."""
    torch.set_num_threads(settings.threads)
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PooledNetwork()
    optimiser = torch.optim.SGD(
        network.parameters(), lr=settings.learning_rate, momentum=0.9, nesterov=True, weight_decay=settings.weight_decay
    )
    best, scores = math.inf, np.zeros(len(holdout.labels))
    for epoch in range(settings.epochs_like_rounds):
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * _fraction(epoch, settings.epochs_like_rounds)
        _train_epoch(network, optimiser, train, settings, rng)
        loss = _loss(network, validation)
        if loss <= best:
            best, scores = loss, _logits(network, holdout)
    return scores


def _fraction(epoch: int, epochs: int) -> float:
    return 0.05 + 0.95 * (1 + math.cos(math.pi * epoch / max(1, epochs - 1))) / 2


def _train_epoch(
    network: PooledNetwork,
    optimiser: torch.optim.Optimizer,
    films: PooledFilms,
    settings: PooledSettings,
    rng: torch.Generator,
) -> None:
    pixels, labels = torch.from_numpy(films.pixels), torch.from_numpy(films.labels).float()
    order = torch.empty(0, dtype=torch.int64)
    most = -(-PASSES_MAX * len(labels) // settings.batch_size)
    for _ in range(min(settings.local_steps * len(np.unique(films.sites)), most)):
        if len(order) < settings.batch_size:
            order = torch.cat([order, torch.randperm(len(labels), generator=rng)])
        batch, order = order[: settings.batch_size], order[settings.batch_size :]
        loss = functional.binary_cross_entropy_with_logits(network(_varied(pixels[batch], rng)), labels[batch])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()


def _varied(films: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Each film shifted by up to eight pixels."""
    padded = functional.pad(films, (_SHIFT, _SHIFT, _SHIFT, _SHIFT), mode="replicate")
    varied = torch.empty_like(films)
    for place, film in enumerate(padded):
        top, left = (int(torch.randint(0, 2 * _SHIFT + 1, (1,), generator=rng)) for _ in range(2))
        varied[place] = film[:, top : top + SIDE, left : left + SIDE]
    return varied


def _logits(network: PooledNetwork, films: PooledFilms) -> NDArray[np.float64]:
    with torch.inference_mode():
        parts = [network(batch) for batch in torch.split(torch.from_numpy(films.pixels), 64)]
    return cast("NDArray[np.float64]", torch.cat(parts).double().numpy())


def _loss(network: PooledNetwork, films: PooledFilms) -> float:
    logits = torch.from_numpy(_logits(network, films))
    return float(functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(films.labels).double()))
