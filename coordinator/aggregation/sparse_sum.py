"""The sum of 16-bit words as a step of the model: numbers whose turn it was not stay as they are.

The order of numbers is the run's own and is derived here as every node derives it (`protocols.sparse`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coordinator.aggregation.secure_relay import SecureFault, SecureRoundFailed
from protocols.mask_streams import stream
from protocols.sparse import DIGIT_BASE, WEIGHT_WORDS, SparseTerms
from protocols.updates import WEIGHT_BAND

Order = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SparseMean:
    """The weighted mean of a round's updates (all numbers, zero where it was not their turn), and the weight."""

    moved: npt.NDArray[np.float64]
    weight: int


def order_of(seed: bytes, size: int) -> Order:
    """The run's order of numbers, from its seed; the same on every machine."""
    drawn = np.frombuffer(stream(seed, 8 * size), dtype="<u8")
    return np.argsort(drawn, kind="stable")


def places_of(order: Order, terms: SparseTerms, round_number: int) -> Order:
    """The numbers whose turn it is in a round."""
    turn = terms.places(round_number)
    return order[np.arange(turn.start, turn.stop) % terms.size]


def sparse_mean(total: npt.NDArray[np.int64], *, terms: SparseTerms, places: Order, survivors: int) -> SparseMean:
    """The mean of an opened sum of so many survivors' words.

    Raises:
        SecureRoundFailed: a sum that words of this plan cannot have.
    """
    steps, high, low = total[:-WEIGHT_WORDS], int(total[-2]), int(total[-1])
    weight = (high * DIGIT_BASE + low) * WEIGHT_BAND
    if steps.size != places.size or not survivors * WEIGHT_BAND <= weight <= survivors * terms.largest_weight:
        raise SecureRoundFailed(SecureFault.SUM_OUT_OF_RANGE)
    if np.abs(steps).max(initial=0) > survivors * terms.steps:
        raise SecureRoundFailed(SecureFault.SUM_OUT_OF_RANGE)
    moved = np.zeros(terms.size)
    moved[places] = steps * terms.unit(weight)
    return SparseMean(moved, weight)
