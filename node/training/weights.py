"""Weights as named float32 arrays, and their bytes in the order of a specification.

Rules: names, shapes and order are those of the specification, exactly; bytes are little-endian float32, concatenated
without padding; every value is finite. No architecture is known here and nothing is read from disk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from node.ground.errors import NodeError

Tensors = dict[str, NDArray[np.float32]]
TensorShapes = tuple[tuple[str, tuple[int, ...]], ...]

_WIRE = np.dtype("<f4")


class TensorShapeRefused(NodeError):
    """Tensors are not those of the specification: a name, a shape or the number of bytes differs."""


class TensorNotFinite(NodeError):
    """A tensor holds NaN or infinity."""


def blob_size_bytes(specs: Sequence[tuple[str, tuple[int, ...]]]) -> int:
    """Bytes the tensors of a specification take."""
    return sum(math.prod(shape) for _, shape in specs) * _WIRE.itemsize


def check_tensors(specs: Sequence[tuple[str, tuple[int, ...]]], tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Return when the tensors are exactly those of the specification, and finite.

    Raises:
        TensorShapeRefused: a name is missing or too many, or a shape differs.
        TensorNotFinite: a value is NaN or infinite.
    """
    if set(tensors) != {name for name, _ in specs}:
        raise TensorShapeRefused(f"{len(tensors)} tensors are not the {len(specs)} of the specification")
    for name, shape in specs:
        if tensors[name].shape != shape:
            raise TensorShapeRefused(f"tensor {name} has shape {tensors[name].shape}, the specification states {shape}")
        if not np.isfinite(tensors[name]).all():
            raise TensorNotFinite(f"tensor {name} holds a value that is not finite")


def to_blob(specs: Sequence[tuple[str, tuple[int, ...]]], tensors: Mapping[str, NDArray[np.float32]]) -> bytes:
    """The bytes of the tensors in the order of the specification.

    Raises:
        TensorShapeRefused: a name is missing or too many, or a shape differs.
        TensorNotFinite: a value is NaN or infinite.
    """
    check_tensors(specs, tensors)
    return b"".join(np.ascontiguousarray(tensors[name], dtype=_WIRE).tobytes() for name, _ in specs)


def from_blob(specs: Sequence[tuple[str, tuple[int, ...]]], blob: bytes) -> Tensors:
    """The tensors whose bytes these are; the arrays are copies and may be written.

    Raises:
        TensorShapeRefused: the blob is shorter or longer than the specification states.
        TensorNotFinite: a value is NaN or infinite.
    """
    expected = blob_size_bytes(specs)
    if len(blob) != expected:
        raise TensorShapeRefused(f"the blob has {len(blob)} bytes, the specification states {expected}")
    tensors: Tensors = {}
    offset = 0
    for name, shape in specs:
        count = math.prod(shape)
        flat = np.frombuffer(blob, dtype=_WIRE, count=count, offset=offset)
        tensors[name] = flat.reshape(shape).astype(np.float32)
        offset += count * _WIRE.itemsize
    check_tensors(specs, tensors)
    return tensors


def update_between(before: Mapping[str, NDArray[np.float32]], after: Mapping[str, NDArray[np.float32]]) -> Tensors:
    """What training changed: after minus before, tensor by tensor."""
    return {name: np.asarray(after[name] - before[name], dtype=np.float32) for name in before}


def update_norm(update: Mapping[str, NDArray[np.float32]]) -> float:
    """The Euclidean norm over all tensors of an update, in double precision."""
    return math.sqrt(sum(float(np.square(tensor, dtype=np.float64).sum()) for tensor in update.values()))
