"""What a model is on the wire: an architecture of the audited catalog and tensors in a fixed order.

Tensor bytes are concatenated little endian in the order of the specification, without padding.
"""

from __future__ import annotations

import hashlib
import math
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from protocols.encoding import Code, Digest, Part
from protocols.errors import TensorsRefused


class Dtype(StrEnum):
    """Element types that may travel."""

    FLOAT32 = "float32"
    INT32 = "int32"

    @property
    def item_bytes(self) -> int:
        """Bytes an element takes."""
        return 4


TensorName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.]{1,120}$")]
Side = Annotated[int, Field(ge=1, le=1_000_000)]


class TensorSpec(Part):
    """One tensor: its name, shape and element type."""

    name: TensorName
    shape: Annotated[tuple[Side, ...], Field(max_length=8)]
    dtype: Dtype

    @property
    def size_bytes(self) -> int:
        """Bytes of the tensor's content."""
        return math.prod(self.shape) * self.dtype.item_bytes


class Hyperparameter(Part):
    """One number that shapes an architecture; its bounds are the catalog's."""

    name: Code
    value: int | float


class ModelManifest(Part):
    """Which audited architecture, how it is shaped, and the tensors it has."""

    architecture: Code
    hyperparameters: Annotated[tuple[Hyperparameter, ...], Field(max_length=32)] = ()
    input_pixels: Annotated[int, Field(ge=16, le=4096)]
    input_channels: Literal[1, 3] = 1
    tensors: Annotated[tuple[TensorSpec, ...], Field(min_length=1, max_length=4096)]


class StartingWeights(Part):
    """The weights of round one, by digest; the bytes come with the first instruction."""

    origin: Literal["seed", "file"]
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    sha256: Digest | None = None


def blob_bytes(specs: tuple[TensorSpec, ...]) -> int:
    """Bytes a blob of these tensors has."""
    return sum(spec.size_bytes for spec in specs)


def check_blob(specs: tuple[TensorSpec, ...], blob: bytes) -> None:
    """Return when the blob has exactly the bytes the specification states.

    Raises:
        TensorsRefused: it is shorter or longer.
    """
    expected = blob_bytes(specs)
    if len(blob) != expected:
        raise TensorsRefused(f"tensors have {len(blob)} bytes, their specification states {expected}")


def model_digest(specs: tuple[TensorSpec, ...], blob: bytes) -> str:
    """SHA-256 over names, shapes, types and bytes of a model; hexadecimal.

    Raises:
        TensorsRefused: the blob does not fit the specification.
    """
    check_blob(specs, blob)
    digest = hashlib.sha256(b"intramuros/model/1")
    for spec in specs:
        line = f"{spec.name}|{','.join(map(str, spec.shape))}|{spec.dtype.value}\n"
        digest.update(line.encode("ascii"))
    digest.update(blob)
    return digest.hexdigest()
