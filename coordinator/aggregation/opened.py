"""What an opened sum leads to: the next model, and the sum as hospitals are told it, to make that model themselves.

Where updates go in turns, the sum is of the steps of the numbers whose turn it was, and whoever is in it is named: the
others send what they gave again. Elsewhere it is of all numbers, and nobody is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coordinator.aggregation.masked_update import check_length, model_after, plan_bits
from coordinator.aggregation.secure_sum import sum_of
from coordinator.aggregation.sparse_sum import order_of, places_of, sparse_mean
from coordinator.aggregation.weighted_sum import Aggregate, model_moved
from coordinator.rounds.instruction import Model
from protocols.masking import MaskingRound, SumTold
from protocols.plans import TrainingPlan
from protocols.sparse import WEIGHT_WORDS, order_seed, sparse_terms, terms_in_turn


@dataclass(frozen=True, slots=True)
class Made:
    """The next model; `said` and `words` (little endian) tell the sum it was made of."""

    aggregate: Aggregate
    said: SumTold
    words: bytes


def made_of(
    words: npt.NDArray[np.int64], base: Model, plan: TrainingPlan, *, about: MaskingRound, survivors: tuple[str, ...]
) -> Made:
    """What the opened words of these survivors lead to from the model `base`.

    Raises:
        SecureRoundFailed: words that updates within the plan's bounds cannot add up to.
        ModelNotFinite: the result left the range of float32.
    """
    if sparse_terms(plan, members=about.members_n) is not None:
        return _in_turn(words, base, plan, about=about, survivors=survivors)
    opened = sum_of(words, survivors=len(survivors))
    aggregate = model_after(base.blob, opened, plan, survivors=len(survivors), moments=base.moments)
    bits = plan_bits(plan, members=about.members_n)
    said = SumTold(survivors=len(survivors), weight=opened.weight)
    return Made(aggregate, said, opened.total.astype(f"<i{bits // 8}").tobytes())


def _in_turn(
    words: npt.NDArray[np.int64], base: Model, plan: TrainingPlan, *, about: MaskingRound, survivors: tuple[str, ...]
) -> Made:
    terms = terms_in_turn(plan, members=about.members_n)
    order = order_of(order_seed(about.plan_id, about.members_sha256), terms.size)
    places = places_of(order, terms, about.round)
    mean = sparse_mean(words, terms=terms, places=places, survivors=len(survivors))
    aggregate = model_moved(base.blob, mean.moved)
    check_length(aggregate, plan)
    said = SumTold(survivors=len(survivors), weight=mean.weight, sites=survivors)
    return Made(aggregate, said, words[:-WEIGHT_WORDS].astype("<i2").tobytes())
