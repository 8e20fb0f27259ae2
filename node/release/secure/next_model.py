"""The next model, made here: from the model this hospital holds and the sum that was opened, never taken on trust.

The coordinator sends the opened sum of the last round with the asking for the keys of the next. Who made up a model
for all hospitals alike would have to find a sum that leads to it: no longer in the mean than one update may be, of no
more weight than so many hospitals can have, and the same for everybody, because adverts name the model that follows.
Sums are whole numbers, so every hospital and the coordinator come to the same bits.
Not done here: whether the sum is the one that was really opened; nobody but the coordinator holds all masked updates.
"""

from __future__ import annotations

import numpy as np

from node.release.quantise import rounding_norm
from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.masking import MaskingRound, SumTold, WordBits
from protocols.models import blob_bytes
from protocols.plans import TrainingPlan
from protocols.word_range import largest_weight

_NUMBER_BYTES = 4


def next_model(base: bytes, said: SumTold, words: bytes, *, plan: TrainingPlan, bits: WordBits) -> bytes:
    """The model after the round whose sum this is; `base` and the result are float32, little endian.

    Raises:
        SecureRefused: not as many words as the model has numbers, more weight than the survivors can have, a mean
            update longer than the plan's bound, or a result that is not finite.
    """
    if len(words) != blob_bytes(plan.model.tensors) // _NUMBER_BYTES * bits // 8:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    if said.weight > said.survivors * largest_weight(plan.cohort.max_cases):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    total = np.frombuffer(words, dtype=f"<i{bits // 8}").astype(np.int64)
    scale_bits = plan.aggregation.scale_bits
    moved = total.astype(np.float64) / (float(said.weight) * 2.0**scale_bits)
    if float(np.linalg.norm(moved)) > plan.update_norm_bound + rounding_norm(total.size, scale_bits):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found and refused in the next line
        model = (np.frombuffer(base, dtype="<f4").astype(np.float64) + moved).astype("<f4")
    if not bool(np.isfinite(model).all()):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    return model.tobytes()


def check_said(said: SumTold | None, about: MaskingRound, *, min_survivors: int) -> SumTold:
    """The sum that comes with the asking for keys of a later round.

    Raises:
        SecureRefused: there is none, or one of fewer hospitals than may be in a sum or of more than there are.
    """
    if said is None or not max(about.least_survivors, min_survivors) <= said.survivors <= about.members_n:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    return said
