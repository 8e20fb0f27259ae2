"""Features of a film that nobody learnt: how strongly edges and stripes of each direction and size occur, and where.

Rules: a bank of Gabor filters, written down here, over a pyramid of the film; the length of each complex response is
averaged over the cells of a grid, its root taken, and each level of the pyramid brought to mean 0 and one common
length within the film; the averaged grey values follow. Nothing of one film depends on another, there is no parameter,
and the whole vector has length 1. So a linear layer above it has few numbers to learn and a gradient that is bounded
of itself: the best that is known for differential privacy on few patients.

Source: Daugman, J. Opt. Soc. Am. A 2 (1985) for the filters; Tramer and Boneh, Differentially Private Learning Needs
Better Features (or Much More Data), ICLR 2021, for fixed features under DP-SGD.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

ORIENTATIONS = 8
LEVELS = 4
_REACH = 4
_SPREAD_PIXELS = 2.0
_CYCLES_A_PIXEL = 0.22
_TINY = 1e-8


def feature_count(cells: int) -> int:
    """How many numbers a film becomes on a grid of so many cells a side."""
    return (LEVELS * ORIENTATIONS + 1) * cells * cells


def gabor_bank() -> torch.Tensor:
    """The filters, real parts before imaginary: float32 [2 * orientation, 1, row, column]; none hears plain grey."""
    along = torch.arange(-_REACH, _REACH + 1, dtype=torch.float64)
    down, across = torch.meshgrid(along, along, indexing="ij")
    window = torch.exp(-(down**2 + across**2) / (2 * _SPREAD_PIXELS**2))
    angles = torch.arange(ORIENTATIONS, dtype=torch.float64) * math.pi / ORIENTATIONS
    phases = [2 * math.pi * _CYCLES_A_PIXEL * (across * a.cos() + down * a.sin()) for a in angles]
    waves = [window * phase.cos() for phase in phases] + [window * phase.sin() for phase in phases]
    flat = [wave - window * (wave.sum() / window.sum()) for wave in waves]
    return torch.stack([one / one.norm() for one in flat])[:, None].to(torch.float32)


def features_of(pixels: torch.Tensor, bank: torch.Tensor, cells: int) -> torch.Tensor:
    """The features [case, number] of samples [case, 1, row, column] in 0..1; each film's have length 1."""
    film, parts = pixels, []
    for _ in range(LEVELS):
        padded = functional.pad(film, (_REACH,) * 4, mode="replicate")
        real, imaginary = functional.conv2d(padded, bank).chunk(2, dim=1)
        strength = (real.square() + imaginary.square() + _TINY).sqrt()
        parts.append(_level(functional.adaptive_avg_pool2d(strength, cells).sqrt()))
        film = functional.avg_pool2d(film, 2)
    parts.append(_level(functional.adaptive_avg_pool2d(pixels, cells)))
    return functional.normalize(torch.cat(parts, dim=1), dim=1)


def _level(pooled: torch.Tensor) -> torch.Tensor:
    """One level's numbers with mean 0 and length 1 within each film."""
    flat = pooled.flatten(1)
    return functional.normalize(flat - flat.mean(dim=1, keepdim=True), dim=1)
