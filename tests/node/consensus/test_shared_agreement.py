"""Agreement sums that could travel: counts that name no case, no reader, and nothing small."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import Opinion, OpinionTable, opinion_table
from node.consensus.shared_agreement import (
    MIN_COUNT,
    ROUNDED_TO,
    AgreementSums,
    Asked,
    Meeting,
    agreement_beyond_chance,
    agreement_sums,
)

ASKED = Asked("chest-film-abnormal", 1, "abnormal")
OPTIONS = ("absent", "present")


def hospital(seed: int, *, cases: int = 60, readers: int = 5, right: float = 0.85) -> OpinionTable:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, cases)
    return opinion_table(
        [
            Opinion(f"case-{case}", f"dr-{reader}", OPTIONS[value if rng.random() < right else 1 - value])
            for case, value in enumerate(truth)
            for reader in range(readers)
        ],
        OPTIONS,
    )


def test_a_hospital_of_few_readers_or_cases_gives_nothing() -> None:
    assert agreement_sums(ASKED, hospital(1, readers=4)) is None
    assert agreement_sums(ASKED, hospital(1, cases=19)) is None
    assert agreement_sums(ASKED, hospital(1, cases=20)) is not None


def test_the_sums_hold_counts_and_the_question_and_nothing_else() -> None:
    sums = agreement_sums(ASKED, hospital(1))
    assert sums is not None
    assert {field.name for field in fields(sums)} == {"schema_code", "schema_version", "question", "cases", "meetings"}
    assert "dr-" not in repr(sums)
    assert "case-" not in repr(sums)
    assert len(sums.meetings) == 3


def test_all_counts_are_rounded_and_a_small_one_takes_a_companion_with_it() -> None:
    every = [Opinion(f"c{case}", f"r{reader}", "absent") for case in range(30) for reader in range(5)]
    every[0] = Opinion("c0", "r0", "present")
    sums = agreement_sums(ASKED, opinion_table(every, OPTIONS))
    assert sums is not None
    assert [meeting.pairs for meeting in sums.meetings] == [295, None, None]


@settings(max_examples=40)
@given(st.integers(0, 500), st.floats(0.4, 1.0), st.integers(20, 40))
def test_no_small_count_and_never_a_single_hidden_one_is_given(seed: int, right: float, cases: int) -> None:
    sums = agreement_sums(ASKED, hospital(seed, cases=cases, right=right))
    assert sums is not None
    shown = [meeting.pairs for meeting in sums.meetings if meeting.pairs is not None]
    assert all(count >= MIN_COUNT and count % ROUNDED_TO == 0 for count in [*shown, sums.cases])
    assert len(sums.meetings) - len(shown) != 1


def test_added_sums_give_the_agreement_of_all_hospitals() -> None:
    parts = [agreement_sums(ASKED, hospital(seed, cases=400)) for seed in (1, 2, 3)]
    whole = agreement_beyond_chance(part for part in parts if part is not None)
    assert whole == pytest.approx((2 * 0.85 - 1) ** 2, abs=0.03)


def test_scotts_pi_of_a_table_worked_by_hand() -> None:
    """50 cases, 20 and 15 alike, 15 apart: shares .55 and .45, chance .505, pi (.7 - .505) / .495 = .394."""
    meetings = (Meeting("a", "a", 20), Meeting("a", "b", 15), Meeting("b", "b", 15))
    assert agreement_beyond_chance([AgreementSums("s", 1, "q", 50, meetings)]) == pytest.approx(0.394, abs=5e-4)


def test_nothing_left_is_no_agreement() -> None:
    hidden = AgreementSums("s", 1, "q", 50, (Meeting("a", "a", None), Meeting("a", "b", None)))
    with pytest.raises(AgreementUnmeasurable):
        agreement_beyond_chance([hidden])
