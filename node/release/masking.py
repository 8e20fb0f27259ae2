"""The last step before an update is sealed: the mask that hides it in a sum.

With plain aggregation the mask is the identity, and the plan's own words say so to whoever approves. A mode without
an implementation is refused here, so that no update ever leaves unmasked by mistake.
"""

from __future__ import annotations

from node.release.refusals import GateRefused
from protocols.plans import Aggregation, AggregationMode


def masked(vector: bytes, aggregation: Aggregation) -> bytes:
    """The vector as it may leave under the plan's aggregation.

    Raises:
        GateRefused: by `mask`, for an aggregation this release cannot mask for.
    """
    if aggregation.mode is not AggregationMode.PLAIN:
        raise GateRefused("mask", f"no mask for {aggregation.mode.value} aggregation in this release")
    return vector
