"""A site's update in 16-bit words, and what it keeps for later (see `protocols.sparse` for the why and the range)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.mask_streams import stream
from protocols.sparse import DIGIT_BASE, REACH, SparseTerms
from protocols.updates import WEIGHT_BAND

Numbers = NDArray[np.float64]
Order = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Compressed:
    """What a round sends and what it leaves."""

    words: NDArray[np.uint16]
    """[the numbers whose turn it is, in steps; two digits of the weight], modulo 2**16."""
    kept: Numbers
    """What the next update begins with when this one was in the sum."""
    whole: Numbers
    """The same when it was not: everything of it is still to be sent."""


def order_of(seed: bytes, size: int) -> Order:
    """The run's order of numbers, from its seed; the same on every machine."""
    drawn = np.frombuffer(stream(seed, 8 * size), dtype="<u8")
    return np.argsort(drawn, kind="stable")


def compress(update: Numbers, kept: Numbers, *, terms: SparseTerms, places: Order, weight: int) -> Compressed:
    """The words of an update and what was kept of earlier ones. `places` are the numbers whose turn it is.

    Raises:
        SecureRefused: a weight that is not in bands or beyond the plan, or a number that is not finite.
    """
    if weight % WEIGHT_BAND or not 0 < weight <= terms.largest_weight:
        raise SecureRefused(SecureReason.RANGE_NOT_PROVEN)
    whole = update + kept
    if not np.isfinite(whole).all():
        raise SecureRefused(SecureReason.RANGE_NOT_PROVEN)
    share = weight / terms.largest_weight
    step = terms.clip / terms.steps
    steps = _steps(
        np.clip(whole[places] * share, -terms.clip, terms.clip) / step, REACH * terms.norm_bound * share / step
    )
    left = whole.copy()
    left[places] -= steps * step / share
    digits = divmod(weight // WEIGHT_BAND, DIGIT_BASE)
    words = np.append(steps.astype(np.int64), digits).astype(np.uint16)
    return Compressed(words, left, whole)


def _steps(wanted: Numbers, longest: float) -> Numbers:
    """Whole steps next to those wanted, shortened together where they are longer than may be."""
    length = _length(wanted)
    if length > longest:
        wanted = wanted * (longest / length)
    rounded = np.rint(wanted)
    return rounded if _length(rounded) <= longest else np.trunc(wanted)


def _length(numbers: Numbers) -> float:
    return float(np.sqrt(np.sum(np.square(numbers))))


def places_of(order: Order, terms: SparseTerms, round_number: int) -> Order:
    """The numbers whose turn it is in a round."""
    turn = terms.places(round_number)
    return order[np.arange(turn.start, turn.stop) % terms.size]
