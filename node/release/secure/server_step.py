"""The mean of a round's updates as a step of the model, by the plan's strategy; bit for bit what the coordinator makes.

The steps of `protocols.strategies`, in its order. What a server optimiser remembers from round to round is float32: m
and v, one number each for every number of the model; the other strategies remember nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.release.secure.refusals import SecureReason, SecureRefused
from node.training.weights import Tensors
from protocols.strategies import Strategy

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """m and v of an optimiser: float32 [number]."""

    first: NDArray[np.float32]
    second: NDArray[np.float32]

    @property
    def tensors(self) -> Tensors:
        """As they lie on the shelf."""
        return {"first": self.first, "second": self.second}


def moments_of(tensors: Tensors | None) -> Moments:
    """The moments that lay on the shelf. Raises: SecureRefused when they are not there."""
    if tensors is None or set(tensors) != {"first", "second"}:
        raise SecureRefused(SecureReason.MODEL_MISSING)
    return Moments(tensors["first"], tensors["second"])


def remembers(strategy: Strategy) -> bool:
    """Whether the strategy remembers anything from round to round."""
    return strategy.server_rate is not None


def server_step(mean: Numbers, before: Moments | None, strategy: Strategy) -> tuple[Numbers, Moments | None]:
    """By how much each number moves, and what is remembered after it; `before` is None in the first round.

    Raises:
        SecureRefused: what was remembered is of another model.
    """
    if strategy.server_rate is None or strategy.beta_1 is None or strategy.beta_2 is None or strategy.tau is None:
        return mean, None
    first, second = np.zeros(mean.size), np.full(mean.size, strategy.tau * strategy.tau)
    if before is not None:
        first, second = before.first.astype(np.float64), before.second.astype(np.float64)
    if first.shape != mean.shape or second.shape != mean.shape:
        raise SecureRefused(SecureReason.MODEL_MISSING)
    first = strategy.beta_1 * first + (1.0 - strategy.beta_1) * mean
    second = strategy.beta_2 * second + (1.0 - strategy.beta_2) * mean * mean
    moved = strategy.server_rate * first / (np.sqrt(second) + strategy.tau)
    return moved, Moments(first.astype(np.float32), second.astype(np.float32))
