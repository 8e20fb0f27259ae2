"""The model of round-overhead: one network of the audited catalog, the same tensors on both sides; nobody trains it."""

from __future__ import annotations

import math
from typing import Final

from node.training.catalog import CHEST_CNN_GN_1, tensor_specs
from protocols.models import Dtype, Hyperparameter, ModelManifest, TensorSpec

WIDTH: Final = 32
"""The smallest of the catalog's widths with more than 0.7 M parameters."""
SHAPES: Final = tensor_specs(CHEST_CNN_GN_1, {"width": WIDTH})
PARAMETERS: Final = sum(math.prod(shape) for _, shape in SHAPES)
SITES: Final = 3

MANIFEST: Final = ModelManifest(
    architecture=CHEST_CNN_GN_1,
    hyperparameters=(Hyperparameter(name="width", value=WIDTH),),
    input_pixels=128,
    tensors=tuple(TensorSpec(name=name, shape=shape, dtype=Dtype.FLOAT32) for name, shape in SHAPES),
)
