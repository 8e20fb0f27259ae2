"""Starting weights from a seed: made from the tensor specification alone, the same every time.

Source: He, Zhang, Ren, Sun, Delving Deep into Rectifiers (2015), equation 10: normal with variance 2 / fan-in.
"""

from __future__ import annotations

import math

import numpy as np

from protocols.models import TensorSpec


def starting_weights(specs: tuple[TensorSpec, ...], seed: int) -> bytes:
    """The blob (float32) of a new model: He normal for two and more dimensions, ones for `*.weight` of one, else zeros.

    `starting_weights((TensorSpec(name="norm.weight", shape=(2,), dtype="float32"),), 7)` is two times 1.0.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    return b"".join(_tensor(spec, rng) for spec in specs)


def _tensor(spec: TensorSpec, rng: np.random.Generator) -> bytes:
    if len(spec.shape) >= 2:
        fan_in = math.prod(spec.shape[1:])
        drawn = rng.standard_normal(spec.shape) * math.sqrt(2.0 / fan_in)
        return drawn.astype("<f4").tobytes()
    fill = 1.0 if spec.name.endswith(".weight") else 0.0
    return np.full(spec.shape, fill, dtype="<f4").tobytes()
