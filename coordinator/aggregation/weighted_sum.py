"""The weighted mean of updates, exact up to one rounding: integers are summed in 64 bits, so order cannot matter.

Source: McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data (2017), algorithm 1;
the sum is taken in fixed point instead of floating point. What a server optimiser makes of the mean: `server_step`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coordinator.aggregation.server_step import Server
from coordinator.aggregation.update import Contribution
from coordinator.ground.errors import CoordinatorError
from protocols.strategies import Strategy

MEAN = Server(Strategy())
"""The model moves by the mean itself."""
_SUM_OF_WEIGHTS_LIMIT = 2**32
"""Below it, a sum of weight x int32 cannot leave 64 bits."""


class SumRefused(CoordinatorError):
    """Contributions that cannot be summed: none, one site twice, lengths that differ, or weights too large."""


class ModelNotFinite(CoordinatorError):
    """The new model holds a number that is not finite in float32."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The next model's bytes (float32), how long the mean update was (Euclidean norm), and what the plan's server
    optimiser remembers after it."""

    blob: bytes
    update_norm: float
    moments: bytes = b""


def next_model(
    base: bytes, contributions: Sequence[Contribution], *, scale_bits: int, server: Server = MEAN
) -> Aggregate:
    """The base plus the weighted mean of the contributions, or plus what the server makes of it.

    Two sites of weights 10 and 30 that move one number by 4 and 0 steps move it by one step.

    Raises:
        SumRefused: see there.
        ModelNotFinite: the result left the range of float32, or the base was not finite.
    """
    weight = _checked_weight(contributions, len(base) // 4)
    total = np.zeros(len(base) // 4, dtype=np.int64)
    for contribution in contributions:
        total += contribution.values.astype(np.int64) * contribution.weight
    return model_of_sum(base, total, weight, scale_bits=scale_bits, server=server)


def model_of_sum(
    base: bytes, total: npt.NDArray[np.int64], weight: int, *, scale_bits: int, server: Server = MEAN
) -> Aggregate:
    """The base plus an exact sum of weight x fixed-point update, divided by the sum of weights, or plus what the
    server makes of that mean.

    However the sum was taken, equal sums give equal bits.

    Raises:
        ModelNotFinite: the result left the range of float32, or the base was not finite.
        MomentsDamaged: what the server remembers is of another model.
    """
    return model_moved(base, total.astype(np.float64) / (float(weight) * 2.0**scale_bits), server)


def model_moved(base: bytes, mean: npt.NDArray[np.float64], server: Server = MEAN) -> Aggregate:
    """The base moved by the mean of a round, or by what the server makes of it. Raises: ModelNotFinite."""
    moved, moments = server.step(mean)
    start = np.frombuffer(base, dtype="<f4").astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found and refused in the next line
        model = (start + moved).astype("<f4")
    if not bool(np.isfinite(model).all()):
        raise ModelNotFinite("the new model is not finite")
    return Aggregate(model.tobytes(), float(np.linalg.norm(mean)), moments)


def _checked_weight(contributions: Sequence[Contribution], count: int) -> int:
    if not contributions:
        raise SumRefused("there is nothing to sum")
    if len({contribution.site_id for contribution in contributions}) != len(contributions):
        raise SumRefused("a site contributes twice")
    if any(contribution.values.size != count or contribution.weight < 1 for contribution in contributions):
        raise SumRefused("a contribution does not fit the model")
    weight = sum(contribution.weight for contribution in contributions)
    if weight >= _SUM_OF_WEIGHTS_LIMIT:
        raise SumRefused("the weights are too large for an exact sum")
    return weight
