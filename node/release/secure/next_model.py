"""The next model, made here: from the model this hospital holds and the sum that was opened, never taken on trust.

The coordinator sends the opened sum of the last round with the asking for the keys of the next. Who made up a model
for all hospitals alike would have to find a sum that leads to it: no longer in the mean than one update may be, of no
more weight than so many hospitals can have, and the same for everybody, because adverts name the model that follows.
Sums are whole numbers, so every hospital and the coordinator come to the same bits.
Not done here: whether the sum is the one that was really opened; nobody but the coordinator holds all masked updates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from node.release.quantise import rounding_norm
from node.release.secure.compress import Numbers
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.server_step import Moments, server_step
from node.release.secure.turns import places_in
from node.release.secure.words import turns_of_plan
from protocols.masking import MaskingRound, SumTold, WordBits
from protocols.models import blob_bytes
from protocols.plans import TrainingPlan
from protocols.sparse import longest_mean
from protocols.updates import WEIGHT_BAND
from protocols.word_range import largest_weight

_NUMBER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Made:
    """A model (float32, little endian) and what the plan's server optimiser remembers with it, if anything."""

    blob: bytes
    moments: Moments | None = None


def next_model(before: Made, said: SumTold, words: bytes, *, plan: TrainingPlan, bits: WordBits) -> Made:
    """The model after the round whose sum this is.

    Raises:
        SecureRefused: not as many words as the model has numbers, more weight than the survivors can have, a mean
            update longer than the plan's bound, or a result that is not finite.
    """
    if len(words) != blob_bytes(plan.model.tensors) // _NUMBER_BYTES * bits // 8:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    if said.weight > said.survivors * largest_weight(plan.cohort.max_cases):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    total = np.frombuffer(words, dtype=f"<i{bits // 8}").astype(np.int64)
    moved = total.astype(np.float64) / (float(said.weight) * 2.0**plan.aggregation.scale_bits)
    return _moved(before, moved, plan)


def next_in_turn(before: Made, said: SumTold, words: bytes, *, plan: TrainingPlan, about: MaskingRound) -> Made:
    """The model after the round `about`, in which only some numbers had their turn; the others stay as they are.

    Raises:
        SecureRefused: a sum that words of so many survivors cannot have, a mean update longer than may be, or a result
            that is not finite.
    """
    terms = turns_of_plan(plan, members=about.members_n)
    if terms is None:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    steps = np.frombuffer(words[: len(words) // 2 * 2], dtype="<i2").astype(np.int64)
    places = places_in(about, terms)
    least, most = said.survivors * WEIGHT_BAND, said.survivors * terms.largest_weight
    if len(words) != 2 * places.size or not least <= said.weight <= most:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    if np.abs(steps).max(initial=0) > said.survivors * terms.steps:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    moved = np.zeros(terms.size)
    moved[places] = steps * terms.unit(said.weight)
    return _moved(before, moved, plan)


def _moved(before: Made, mean: Numbers, plan: TrainingPlan) -> Made:
    """The model moved by the mean of a round, or by what the plan's server optimiser makes of it, once that is a mean
    that bounded updates can have."""
    if float(np.linalg.norm(mean)) > longest_mean(plan) + rounding_norm(mean.size, plan.aggregation.scale_bits):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    moved, moments = server_step(mean, before.moments, plan.strategy)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found and refused in the next line
        model = (np.frombuffer(before.blob, dtype="<f4").astype(np.float64) + moved).astype("<f4")
    if not bool(np.isfinite(model).all()):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    return Made(model.tobytes(), moments)


def check_said(said: SumTold | None, about: MaskingRound, *, min_survivors: int) -> SumTold:
    """The sum that comes with the asking for keys of a later round.

    Raises:
        SecureRefused: there is none, or one of fewer hospitals than may be in a sum or of more than there are.
    """
    if said is None or not max(about.least_survivors, min_survivors) <= said.survivors <= about.members_n:
        raise SecureRefused(SecureReason.SUM_REFUSED)
    return said
