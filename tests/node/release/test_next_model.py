"""The next model made by a hospital: the coordinator's to the bit, and only from a sum bounded updates can have."""

from typing import Any

import numpy as np
import pytest
from factories import a_plan
from hypothesis import given
from hypothesis import strategies as st
from secure_factories import a_round

from coordinator.aggregation.weighted_sum import model_of_sum
from node.release.secure.next_model import check_said, next_model
from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.masking import SumTold, WordBits
from protocols.models import blob_bytes

PLAN = a_plan()
COUNT = blob_bytes(PLAN.model.tensors) // 4
BASE = np.linspace(-1, 1, COUNT, dtype="<f4").tobytes()
SCALE = 2**PLAN.aggregation.scale_bits


def said(**changes: int) -> SumTold:
    return SumTold(**{"survivors": 3, "weight": 30, **changes})


def words(values: Any, bits: WordBits = 64) -> bytes:
    return np.asarray(values, dtype=f"<i{bits // 8}").tobytes()


@given(
    steps=st.lists(st.integers(-(2**20), 2**20), min_size=COUNT, max_size=COUNT),
    weight=st.integers(10, 30),
    bits=st.sampled_from([32, 64]),
)
def test_a_hospital_and_the_coordinator_come_to_the_same_bits(steps: list[int], weight: int, bits: WordBits) -> None:
    told = said(weight=weight)
    made = next_model(BASE, told, words(steps, bits), plan=PLAN, bits=bits)
    theirs = model_of_sum(BASE, np.array(steps, dtype=np.int64), weight, scale_bits=PLAN.aggregation.scale_bits)
    assert made == theirs.blob


def refused(reason: SecureReason, told: SumTold, raw: bytes, *, base: bytes = BASE) -> None:
    with pytest.raises(SecureRefused) as refusal:
        next_model(base, told, raw, plan=PLAN, bits=64)
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
    assert next_model(over, said(), words(fine), plan=PLAN, bits=64) == over
    assert next_model(BASE, said(), words(near), plan=PLAN, bits=64)


def test_a_base_that_is_not_finite_leads_to_no_model() -> None:
    broken = np.full(COUNT, np.inf, dtype="<f4").tobytes()
    refused(SecureReason.SUM_REFUSED, said(), words(np.zeros(COUNT)), base=broken)


def test_a_sum_is_of_as_many_as_may_be_in_one() -> None:
    about = a_round(members_n=5, threshold_t=4)
    assert check_said(said(survivors=4), about, min_survivors=3) == said(survivors=4)
    for told, least in ((None, 3), (said(survivors=3), 3), (said(survivors=6), 3), (said(survivors=4), 5)):
        with pytest.raises(SecureRefused, match="sum-refused"):
            check_said(told, about, min_survivors=least)
