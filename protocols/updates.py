"""The only training payload that leaves a hospital.

The blob holds the fixed-point difference between the trained and the received model: int32, little endian, in the order
of `tensors`. A real number x is sent as round(x * 2**scale_bits).
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Digest, Part, Wire
from protocols.ids import Uuid
from protocols.instructions import Attempt, RoundNumber
from protocols.models import TensorSpec
from protocols.plans import MetricName

WEIGHT_BAND = 10
"""Weights leave rounded to this many cases, so that two rounds cannot be differenced into one patient."""


class Metric(Part):
    """One figure of the closed list, rounded by the gate."""

    name: MetricName
    value: float


class ModelUpdate(Wire):
    """One hospital's update of one round and attempt."""

    kind: ClassVar[str] = "model-update"
    version: ClassVar[int] = 1

    site_id: Uuid
    plan_id: Uuid
    run_id: Uuid
    round: RoundNumber
    attempt: Attempt
    base_model_sha256: Digest
    weight: Annotated[int, Field(ge=1, le=10_000_000)]
    scale_bits: Annotated[int, Field(ge=8, le=24)]
    tensors: Annotated[tuple[TensorSpec, ...], Field(min_length=1, max_length=4096)]
    metrics: Annotated[tuple[Metric, ...], Field(max_length=16)]
