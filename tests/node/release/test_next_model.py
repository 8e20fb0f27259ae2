"""The next model made by a hospital: the coordinator's to the bit, and only from a sum bounded updates can have."""

from typing import Any

import numpy as np
import pytest
from factories import a_manifest, a_plan
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from secure_factories import SITES, a_round

from coordinator.aggregation.opened import made_of
from coordinator.aggregation.weighted_sum import model_of_sum
from coordinator.rounds.instruction import Model
from node.release.secure.next_model import Made, check_said, next_in_turn, next_model
from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.masking import SumTold, WordBits
from protocols.models import Dtype, TensorSpec, blob_bytes
from protocols.plans import Aggregation, AggregationMode, Compression
from protocols.sparse import SparseTerms, sparse_terms

PLAN = a_plan()
COUNT = blob_bytes(PLAN.model.tensors) // 4
BASE = np.linspace(-1, 1, COUNT, dtype="<f4").tobytes()
SCALE = 2**PLAN.aggregation.scale_bits


def said(*, survivors: int = 3, weight: int = 30) -> SumTold:
    return SumTold(survivors=survivors, weight=weight)


def words(values: Any, bits: WordBits = 64) -> bytes:
    return np.asarray(values, dtype=f"<i{bits // 8}").tobytes()


@given(
    steps=st.lists(st.integers(-(2**20), 2**20), min_size=COUNT, max_size=COUNT),
    weight=st.integers(10, 30),
    bits=st.sampled_from([32, 64]),
)
def test_a_hospital_and_the_coordinator_come_to_the_same_bits(steps: list[int], weight: int, bits: WordBits) -> None:
    told = said(weight=weight)
    made = next_model(Made(BASE), told, words(steps, bits), plan=PLAN, bits=bits)
    theirs = model_of_sum(BASE, np.array(steps, dtype=np.int64), weight, scale_bits=PLAN.aggregation.scale_bits)
    assert made == Made(theirs.blob)


def refused(reason: SecureReason, told: SumTold, raw: bytes, *, base: bytes = BASE) -> None:
    with pytest.raises(SecureRefused) as refusal:
        next_model(Made(base), told, raw, plan=PLAN, bits=64)
    assert refusal.value.reason is reason


def test_a_sum_that_no_bounded_updates_can_have_is_refused() -> None:
    fine, long = np.zeros(COUNT, dtype=np.int64), int(PLAN.update_norm_bound * SCALE * 30) + SCALE * 30
    far = fine.copy()
    far[0] = long
    refused(SecureReason.SUM_REFUSED, said(), words(far))
    for raw in (b"", words(fine)[:-1], words(fine) + bytes(8), words(fine, 32)):
        refused(SecureReason.SUM_REFUSED, said(), raw)
    refused(SecureReason.SUM_REFUSED, said(weight=3 * PLAN.cohort.max_cases + 100), words(fine))
    over = np.full(COUNT, np.float32(3.4e38), dtype="<f4").tobytes()
    near = np.full(COUNT, SCALE * 30, dtype=np.int64)
    assert next_model(Made(over), said(), words(fine), plan=PLAN, bits=64) == Made(over)
    assert next_model(Made(BASE), said(), words(near), plan=PLAN, bits=64).blob


def test_a_base_that_is_not_finite_leads_to_no_model() -> None:
    broken = np.full(COUNT, np.inf, dtype="<f4").tobytes()
    refused(SecureReason.SUM_REFUSED, said(), words(np.zeros(COUNT)), base=broken)


def test_a_sum_is_of_as_many_as_may_be_in_one() -> None:
    about = a_round(members_n=5, threshold_t=4)
    assert check_said(said(survivors=4), about, min_survivors=3) == said(survivors=4)
    for told, least in ((None, 3), (said(survivors=3), 3), (said(survivors=6), 3), (said(survivors=4), 5)):
        with pytest.raises(SecureRefused, match="sum-refused"):
            check_said(told, about, min_survivors=least)


TURN_PLAN = a_plan(
    model=a_manifest(tensors=(TensorSpec(name="head.weight", shape=(30_000,), dtype=Dtype.FLOAT32),)),
    aggregation=Aggregation(mode=AggregationMode.SECURE, threshold_t=3, compression=Compression.TURNS),
    rounds=6,
)
TURN_BASE = np.linspace(-1, 1, 30_000, dtype="<f4").tobytes()


def turn_terms() -> SparseTerms:
    found = sparse_terms(TURN_PLAN, members=3)
    assert found is not None
    return found


def steps_of(seed: int, number: int) -> NDArray[np.int64]:
    count = len(turn_terms().places(number))
    return np.random.default_rng(seed).integers(-100, 100, size=count)


@pytest.mark.parametrize("number", [1, 3, 6])
def test_in_turns_too_a_hospital_and_the_coordinator_come_to_the_same_bits(number: int) -> None:
    opened, about = np.append(steps_of(number, number), [1, 50]), a_round(round=number)
    theirs = made_of(opened, Model(number - 1, "ab" * 32, TURN_BASE), TURN_PLAN, about=about, survivors=SITES)
    assert (theirs.said.weight, theirs.said.sites) == (3060, SITES)
    made = next_in_turn(Made(TURN_BASE), theirs.said, theirs.words, plan=TURN_PLAN, about=about)
    assert made.blob == theirs.aggregate.blob != TURN_BASE


def test_in_turns_too_a_sum_that_no_bounded_updates_can_have_is_refused() -> None:
    terms, steps = turn_terms(), steps_of(1, 1)
    fine = SumTold(survivors=3, weight=3060, sites=SITES)

    def told(said: SumTold, values: NDArray[np.int64], cut: int = 0) -> bytes:
        raw = values.astype("<i2").tobytes()
        return next_in_turn(Made(TURN_BASE), said, raw[: len(raw) - cut], plan=TURN_PLAN, about=a_round()).blob

    assert told(fine, steps)
    far, long = steps.copy(), np.full(steps.size, 3 * terms.steps)
    far[0] = 3 * terms.steps + 1
    light, heavy = (fine.model_copy(update={"weight": weight}) for weight in (20, 3 * terms.largest_weight + 10))
    refusals = [
        (fine, far, 0),
        (fine, long, 0),
        (light, steps, 0),
        (heavy, steps, 0),
        (fine, steps, 1),
        (fine, steps, 2),
    ]
    for said, values, cut in refusals:
        with pytest.raises(SecureRefused, match="sum-refused"):
            told(said, values, cut)
