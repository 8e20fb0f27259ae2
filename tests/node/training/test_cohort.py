"""The split by patient."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.training.cohort import CohortTooSmall, LabelledCase, Part, cases_in, split_by_patient

KEY = b"k" * 32


def case_of(number: int, patient: int, *, label: int = 0, holdout: bool = False) -> LabelledCase:
    return LabelledCase(f"case-{number}", patient, Path(f"{number}.bin"), label, float(label), holdout)


def cohort_of(cases: int, patients: int) -> list[LabelledCase]:
    return [case_of(number, number % patients, label=number % 2) for number in range(cases)]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60),
    st.binary(min_size=16, max_size=32),
)
def test_no_patient_is_in_two_parts(drawn: list[tuple[int, bool]], key: bytes) -> None:
    cases = [case_of(number, patient, holdout=held) for number, (patient, held) in enumerate(drawn)]
    try:
        split = split_by_patient(cases, key=key, min_cases=1)
    except CohortTooSmall:
        return
    parts: dict[int, set[Part]] = defaultdict(set)
    for case in split:
        parts[case.patient_number].add(case.part)
    assert all(len(found) == 1 for found in parts.values())
    assert cases_in(split, Part.TRAIN)
    assert cases_in(split, Part.VALIDATION)


def test_the_split_is_the_same_tomorrow_and_another_under_another_key() -> None:
    cases = cohort_of(200, 100)
    first, again, other = (split_by_patient(cases, key=key, min_cases=10) for key in (KEY, KEY, b"x" * 32))
    assert first == again
    assert first != other


def test_a_patient_keeps_the_part_when_others_join() -> None:
    before = {case.case_id: case.part for case in split_by_patient(cohort_of(200, 200), key=KEY, min_cases=10)}
    after = {case.case_id: case.part for case in split_by_patient(cohort_of(300, 300), key=KEY, min_cases=10)}
    assert all(after[case_id] is part for case_id, part in before.items())


def test_about_a_fifth_of_the_patients_validate() -> None:
    split = split_by_patient(cohort_of(2000, 2000), key=KEY, min_cases=10)
    assert 0.17 < len(cases_in(split, Part.VALIDATION)) / 2000 < 0.23


def test_the_holdout_mark_binds_the_patient_whose_other_cases_are_left_out() -> None:
    cases = [*cohort_of(20, 10), case_of(99, 3, holdout=True)]
    split = split_by_patient(cases, key=KEY, min_cases=5)
    assert [case.case_id for case in split if case.patient_number == 3] == ["case-99"]
    assert cases_in(split, Part.HOLDOUT)[0].case_id == "case-99"


def test_too_few_cases_and_a_single_patient_are_refused() -> None:
    with pytest.raises(CohortTooSmall, match="20 cases"):
        split_by_patient(cohort_of(20, 10), key=KEY, min_cases=21)
    with pytest.raises(CohortTooSmall, match="1 patients"):
        split_by_patient(cohort_of(20, 1), key=KEY, min_cases=5)


def test_holdout_cases_do_not_count_towards_the_cohort() -> None:
    held = [case_of(100 + number, 100 + number, holdout=True) for number in range(50)]
    with pytest.raises(CohortTooSmall):
        split_by_patient([*cohort_of(4, 4), *held], key=KEY, min_cases=5)


def test_a_hospital_with_one_class_may_train() -> None:
    cases = [case_of(number, number, label=1) for number in range(30)]
    assert len(split_by_patient(cases, key=KEY, min_cases=10)) == 30


@pytest.mark.parametrize(("label", "posterior"), [(2, 0.5), (-1, 0.5), (1, 1.2), (1, float("nan"))])
def test_a_label_that_is_none_and_a_posterior_that_is_no_probability_are_refused(label: int, posterior: float) -> None:
    with pytest.raises(ValueError, match="case-1"):
        LabelledCase("case-1", 1, Path("1.bin"), label, posterior)
