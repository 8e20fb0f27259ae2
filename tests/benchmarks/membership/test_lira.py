"""The likelihood-ratio attack on numbers whose answer is known."""

import numpy as np
import pytest
from benchmarks.membership.lira import attacks, halves, true_positives_at

MODELS, PATIENTS = 17, 400


def played(shift: float) -> list[float]:
    """The AUCs where having seen a patient moves the confidence by so many standard deviations."""
    rng = np.random.default_rng(1)
    inside = halves(MODELS, PATIENTS, rng)
    confidences = rng.normal(size=PATIENTS) * 3 + rng.normal(size=inside.shape) + shift * inside
    return [found.auc for found in attacks(confidences, inside)]


def test_every_model_sees_one_half_and_every_patient_is_seen_by_some() -> None:
    inside = halves(MODELS, PATIENTS, np.random.default_rng(1))
    assert set(inside.sum(axis=1)) == {PATIENTS // 2}
    assert inside.any(axis=0).all()
    assert not inside.all(axis=0).any()


def test_what_nothing_tells_is_a_coin() -> None:
    assert np.mean(played(0.0)) == pytest.approx(0.5, abs=0.02)


def test_the_attack_reaches_what_an_attacker_who_knows_everything_would() -> None:
    # Two normal distributions one deviation apart are told apart with AUC 0.760 (Phi of 1 / sqrt 2); shadow means of
    # some eight models each cost a little.
    assert 0.70 < np.mean(played(1.0)) <= 0.77
    assert np.mean(played(4.0)) > 0.98


def test_members_are_found_above_the_score_that_few_others_exceed() -> None:
    members = np.array([True] * 4 + [False] * 200)
    scores = np.concatenate([[5.0, 3.0, 1.5, 0.0], np.linspace(0, 1, 198), [2.0, 4.0]])
    # One in a hundred of two hundred others may be accused: the two highest, so what lies above the third counts.
    assert true_positives_at(scores, members, 0.01) == pytest.approx(3 / 4)
    assert true_positives_at(scores, members, 0.0) == pytest.approx(1 / 4)
