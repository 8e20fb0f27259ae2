"""What training claims about privacy."""

from __future__ import annotations

import pytest

from node.training.privacy import (
    PatientNoise,
    PrivacyClaim,
    PrivacyMechanismUnavailable,
    check_mechanism,
    patient_noise,
    unclaimed,
)


def test_without_a_mechanism_nothing_is_claimed() -> None:
    assert unclaimed(320) == PrivacyClaim("none", None, None, 320)


@pytest.mark.parametrize("mechanism", ["none", "dp-sgd"])
def test_the_mechanisms_of_this_node(mechanism: str) -> None:
    check_mechanism(mechanism)


@pytest.mark.parametrize("mechanism", ["local-dp", "", "NONE"])
def test_a_mechanism_that_cannot_be_accounted_for_is_refused(mechanism: str) -> None:
    with pytest.raises(PrivacyMechanismUnavailable):
        check_mechanism(mechanism)


def test_the_rate_follows_from_the_frozen_cohort() -> None:
    assert patient_noise(1.0, 2.0, patients_a_step=32, patients=320) == PatientNoise(1.0, 2.0, 0.1, 32.0)


def test_a_cohort_smaller_than_a_step_is_shown_whole() -> None:
    assert patient_noise(1.0, 2.0, patients_a_step=32, patients=20) == PatientNoise(1.0, 2.0, 1.0, 20.0)


def test_a_cohort_of_nobody_has_no_noise_to_hide_in() -> None:
    with pytest.raises(ValueError, match="positive"):
        patient_noise(1.0, 2.0, patients_a_step=32, patients=0)


@pytest.mark.parametrize(
    "numbers", [(0.0, 1.0, 0.1, 1.0), (1.0, 0.0, 0.1, 1.0), (1.0, 1.0, 1.1, 1.0), (1.0, 1.0, 0.1, 0.0)]
)
def test_noise_that_cannot_be_accounted_for_does_not_exist(numbers: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        PatientNoise(*numbers)
