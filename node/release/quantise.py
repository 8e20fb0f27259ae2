"""Fixed point: a real number x leaves as the int32 round(x * 2**scale_bits), little endian.

The range is proven before any training: no element of an update is larger than the update's norm, so a norm bound of
at most (2**31 - 1) / 2**scale_bits can never overflow. What overflows all the same is refused, never wrapped or cut.
The error of one number is at most 2**-(scale_bits + 1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from node.ground.errors import NodeError
from node.training.weights import TensorShapes

INT32_MAX = 2**31 - 1
_WIRE = np.dtype("<i4")


class RangeNotProven(NodeError):
    """The norm bound times the scale does not fit in 32 bits."""


class OutOfRange(NodeError):
    """A number of the update does not fit in 32 bits."""


def check_range(norm_bound: float, scale_bits: int) -> None:
    """Return when no update within the norm bound can leave the range of int32.

    Raises:
        RangeNotProven: one could.
    """
    if norm_bound * 2**scale_bits > INT32_MAX:
        raise RangeNotProven(f"a norm of {norm_bound:g} at {scale_bits} bits does not fit in 32 bits")


def quantise(values: NDArray[np.float32], scale_bits: int) -> NDArray[np.int32]:
    """The numbers in fixed point, in the same shape.

    Raises:
        OutOfRange: a number is not finite or does not fit.
    """
    scaled = np.rint(values.astype(np.float64) * 2.0**scale_bits)
    if not np.isfinite(scaled).all() or (np.abs(scaled) > INT32_MAX).any():
        raise OutOfRange("a number of the update does not fit in 32 bits")
    return scaled.astype(np.int32)


def restore(fixed: NDArray[np.int32], scale_bits: int) -> NDArray[np.float64]:
    """The real numbers that fixed-point numbers stand for."""
    return fixed.astype(np.float64) / 2.0**scale_bits


def to_vector(shapes: TensorShapes, update: Mapping[str, NDArray[np.float32]], scale_bits: int) -> bytes:
    """The whole update in fixed point, in the order of the specification.

    Raises:
        OutOfRange: a number is not finite or does not fit.
    """
    return b"".join(quantise(update[name], scale_bits).astype(_WIRE).tobytes() for name, _ in shapes)


def vector_norm(vector: bytes, scale_bits: int) -> float:
    """The Euclidean norm of the update that a fixed-point vector stands for."""
    return float(np.linalg.norm(restore(np.frombuffer(vector, dtype=_WIRE), scale_bits)))


def rounding_norm(count: int, scale_bits: int) -> float:
    """By how much rounding can lengthen an update of so many numbers: half a step in every direction."""
    return math.sqrt(count) * 0.5 / 2.0**scale_bits
