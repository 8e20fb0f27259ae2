"""The mean of a round's updates as a step of the model, by the plan's strategy; bit for bit what hospitals make of it.

What a server optimiser remembers from round to round (m and v of `protocols.strategies`) is float32, little endian, all
of m and then all of v; the other strategies remember nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coordinator.ground.errors import CoordinatorError
from protocols.strategies import Strategy

Numbers = npt.NDArray[np.float64]


class MomentsDamaged(CoordinatorError):
    """What the optimiser remembers does not fit the model, or is none of its numbers."""


@dataclass(frozen=True, slots=True)
class Server:
    """A plan's strategy with what it remembers of the rounds before; nothing before the first."""

    strategy: Strategy
    moments: bytes = b""

    def step(self, mean: Numbers) -> tuple[Numbers, bytes]:
        """By how much each number moves, and what is remembered after it.

        Raises:
            MomentsDamaged: what is remembered is not of this many numbers.
        """
        rule = self.strategy
        if rule.server_rate is None or rule.beta_1 is None or rule.beta_2 is None or rule.tau is None:
            return mean, b""
        first, second = self._before(mean.size, rule.tau)
        first = rule.beta_1 * first + (1.0 - rule.beta_1) * mean
        second = rule.beta_2 * second + (1.0 - rule.beta_2) * mean * mean
        moved = rule.server_rate * first / (np.sqrt(second) + rule.tau)
        return moved, np.concatenate([first, second]).astype("<f4").tobytes()

    def _before(self, size: int, tau: float) -> tuple[Numbers, Numbers]:
        if not self.moments:
            return np.zeros(size), np.full(size, tau * tau)
        held = np.frombuffer(self.moments, dtype="<f4").astype(np.float64)
        if held.size != 2 * size or not bool(np.isfinite(held).all()) or bool((held[size:] < 0).any()):
            raise MomentsDamaged("not what was remembered of this model")
        return held[:size], held[size:]
