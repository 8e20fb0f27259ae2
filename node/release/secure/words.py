"""The vector that is masked: weight x fixed-point update, and the weight itself, in words modulo 2**bits.

The weight stands inside the sum, so that nobody learns how many cases one hospital has; it is in bands, so that two
rounds cannot be differenced into one patient. Sums are exact: they equal those of plain fixed-point updates bit by bit.
Where the plan's updates go in turns, the words are of 16 bits, and there are only as many as have their turn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.masking import WordBits
from protocols.models import blob_bytes
from protocols.plans import TrainingPlan
from protocols.sparse import SparseRefused, SparseTerms, sparse_terms
from protocols.updates import WEIGHT_BAND
from protocols.word_range import RangeNotProven, largest_weight, word_bits

Words = NDArray[np.uint16] | NDArray[np.uint32] | NDArray[np.uint64]
"""[the update's numbers in order, then the weight], modulo 2**bits."""

MASKED_BYTES_MAX = 120 * 1_048_576
"""Of a masked vector; with its header it fits the frame that the node's worker and the coordinator carry."""

_WIRE = np.dtype("<i4")


def words_of_plan(plan: TrainingPlan, *, members: int) -> WordBits:
    """The word in which no sum of the plan's updates can wrap.

    Raises:
        SecureRefused: no word is wide enough.
    """
    if turns_of_plan(plan, members=members) is not None:
        return 16
    weights = members * largest_weight(plan.cohort.max_cases)
    try:
        return word_bits(clip=plan.update_norm_bound, scale_bits=plan.aggregation.scale_bits, weights=weights)
    except RangeNotProven:
        raise SecureRefused(SecureReason.RANGE_NOT_PROVEN) from None


def turns_of_plan(plan: TrainingPlan, *, members: int) -> SparseTerms | None:
    """How the plan's updates go in turns; nothing where they go whole.

    Raises:
        SecureRefused: words of 16 bits are too narrow, or the run too short, for so many members.
    """
    try:
        return sparse_terms(plan, members=members)
    except SparseRefused:
        raise SecureRefused(SecureReason.RANGE_NOT_PROVEN) from None


def vector_bytes(plan: TrainingPlan, *, members: int, round_number: int) -> int:
    """How many bytes a masked vector of the plan has in a round.

    Raises:
        SecureRefused: no word is wide enough.
    """
    bits, turns = words_of_plan(plan, members=members), turns_of_plan(plan, members=members)
    whole = blob_bytes(plan.model.tensors) // _WIRE.itemsize + 1
    return (whole if turns is None else turns.words(round_number)) * bits // 8


def check_fits(plan: TrainingPlan, *, members: int) -> None:
    """Return when a masked update of the plan fits a frame, so that nobody trains for what cannot leave.

    Raises:
        SecureRefused: it does not, or no word is wide enough.
    """
    if vector_bytes(plan, members=members, round_number=plan.rounds) > MASKED_BYTES_MAX:
        raise SecureRefused(SecureReason.TOO_LARGE)


def weighted_words(vector: bytes, weight: int, *, bits: WordBits, largest: int) -> Words:
    """The words of an int32 vector. `largest` is the most weight a hospital may have in this plan.

    Raises:
        SecureRefused: a weight that is not in bands, or larger than the range was proven for.
    """
    if weight % WEIGHT_BAND or not 0 < weight <= largest:
        raise SecureRefused(SecureReason.RANGE_NOT_PROVEN)
    values = np.frombuffer(vector, dtype=_WIRE).astype(np.int64) * weight
    signed = np.append(values, np.int64(weight))
    return signed.astype(np.uint64) if bits == 64 else signed.astype(np.uint32)


def to_bytes(words: Words) -> bytes:
    """The words, little endian."""
    return words.astype(words.dtype.newbyteorder("<")).tobytes()


def from_bytes(raw: bytes, bits: WordBits) -> Words:
    """Words from little endian bytes."""
    match bits:
        case 16:
            return np.frombuffer(raw, dtype="<u2").astype(np.uint16, copy=False)
        case 32:
            return np.frombuffer(raw, dtype="<u4").astype(np.uint32, copy=False)
        case 64:
            return np.frombuffer(raw, dtype="<u8").astype(np.uint64, copy=False)


def bits_of(words: Words) -> WordBits:
    """Bits of a word."""
    widths: dict[int, WordBits] = {2: 16, 4: 32, 8: 64}
    return widths[words.itemsize]
