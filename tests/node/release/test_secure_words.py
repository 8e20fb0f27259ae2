"""The masked vector's words: exact, in a word that cannot wrap, with the weight in bands inside."""

import numpy as np
import pytest
from fakes.secure import a_secure_plan
from hypothesis import given
from hypothesis import strategies as st

from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.words import from_bytes, to_bytes, weighted_words, words_of_plan
from protocols.masking import WordBits

VECTOR = np.array([1, -2, 2**31 - 1, -(2**31)], dtype="<i4")


@pytest.mark.parametrize("bits", [32, 64])
def test_words_hold_weighted_numbers_and_then_the_weight(bits: WordBits) -> None:
    words = weighted_words(VECTOR[:2].tobytes(), 40, bits=bits, largest=5000)
    assert [int(word) for word in words] == [40, 2**bits - 80, 40]
    assert from_bytes(to_bytes(words), bits).tolist() == words.tolist()


@pytest.mark.parametrize("weight", [0, -10, 7, 5010])
def test_a_weight_outside_the_bands_or_the_plan_is_refused(weight: int) -> None:
    with pytest.raises(SecureRefused) as refusal:
        weighted_words(VECTOR.tobytes(), weight, bits=64, largest=5000)
    assert refusal.value.reason is SecureReason.RANGE_NOT_PROVEN


@given(st.lists(st.lists(st.integers(-(10**7), 10**7), min_size=3, max_size=3), min_size=1, max_size=6))
def test_sums_of_words_are_sums_of_numbers(vectors: list[list[int]]) -> None:
    total = np.zeros(4, dtype=np.uint64)
    for vector in vectors:
        total += weighted_words(np.array(vector, dtype="<i4").tobytes(), 4990, bits=64, largest=5000)
    signed = total.view(np.int64).tolist()
    assert signed == [*(4990 * sum(column) for column in zip(*vectors, strict=True)), 4990 * len(vectors)]


def test_a_plan_whose_sums_could_wrap_is_refused() -> None:
    plan = a_secure_plan(4, threshold=3)
    assert words_of_plan(plan, members=4) == 64
    small = plan.model_copy(
        update={"update_norm_bound": 1.0, "cohort": plan.cohort.model_copy(update={"max_cases": 100})}
    )
    assert words_of_plan(small, members=4) == 32
    wide = plan.model_copy(update={
        "update_norm_bound": 1e6, "cohort": plan.cohort.model_copy(update={"max_cases": 10_000_000}),
        "aggregation": plan.aggregation.model_copy(update={"scale_bits": 24}),
    })  # fmt: skip
    with pytest.raises(SecureRefused) as refusal:
        words_of_plan(wide, members=64)
    assert refusal.value.reason is SecureReason.RANGE_NOT_PROVEN
