"""The word in which a plan's sums of weighted fixed-point updates cannot wrap, proven before anything is masked."""

from __future__ import annotations

import math

from protocols.errors import ProtocolError
from protocols.masking import WordBits
from protocols.updates import WEIGHT_BAND


class RangeNotProven(ProtocolError):
    """Sums of this plan could leave the widest words there are."""


def largest_weight(max_cases: int) -> int:
    """The most weight one hospital can have where a plan takes so many cases: weights are in bands."""
    return math.ceil(max_cases / WEIGHT_BAND) * WEIGHT_BAND


def word_bits(*, clip: float, scale_bits: int, weights: int) -> WordBits:
    """The word in which no sum of updates within `clip`, of so many cases together, can wrap.

    Proof: a number of an update is at most clip in size, so weight x fixed point sums to at most clip x scale x weights
    either way, plus half a step of rounding for each case; the bit on top holds that half. The weights themselves sum
    to less, because clip x scale is at least one.

    Raises: RangeNotProven when it takes more than 64 bits, or for a clip below one step of the scale.
    """
    span = clip * 2.0**scale_bits
    if not math.isfinite(span * 2 * weights) or span < 1 or weights < 1:
        raise RangeNotProven("no range follows from these numbers")
    bits = math.ceil(math.log2(2 * span * weights)) + 1
    if bits > 64:
        raise RangeNotProven(f"sums need {bits} bits, words have at most 64")
    return 32 if bits <= 32 else 64
