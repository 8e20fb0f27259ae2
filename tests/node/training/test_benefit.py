"""The benefit verdict."""

from __future__ import annotations

import numpy as np
import pytest

from node.training.benefit import Benefit, BenefitVerdict, HoldoutCases, Unmeasurable, benefit_verdict


def holdout_of(labels: np.ndarray, patients: np.ndarray | None = None) -> HoldoutCases:
    grouped = np.arange(len(labels)) if patients is None else patients
    return HoldoutCases(tuple(f"case-{number}" for number in range(len(labels))), labels, grouped)


def scores_of(holdout: HoldoutCases, *, strength: float, seed: int) -> dict[str, float]:
    noise = np.random.default_rng(seed).normal(size=len(holdout.labels))
    return dict(zip(holdout.case_ids, noise + strength * holdout.labels, strict=True))


BALANCED = holdout_of(np.array([0, 1] * 40))


def verdict_of(own: float, federated: float, holdout: HoldoutCases = BALANCED) -> BenefitVerdict:
    return benefit_verdict(
        holdout,
        own=scores_of(holdout, strength=own, seed=1),
        federated=scores_of(holdout, strength=federated, seed=2),
        seed=7,
    )


def test_a_clearly_better_shared_model_is_called_better() -> None:
    found = verdict_of(0.1, 3.0)
    assert found.benefit is Benefit.BETTER
    assert found.comparison is not None
    assert found.comparison.low > 0


def test_a_clearly_worse_shared_model_is_called_worse() -> None:
    found = verdict_of(3.0, 0.1)
    assert found.benefit is Benefit.WORSE
    assert found.comparison is not None
    assert found.comparison.high < 0


def test_harm_is_said_sooner_than_benefit() -> None:
    """Of many holdouts on which one model is somewhat better, more are called worse than better after a swap."""
    stronger, weaker = 1.6, 0.9
    called = {Benefit.BETTER: 0, Benefit.WORSE: 0, Benefit.NOT_DISTINGUISHABLE: 0}
    for seed in range(40):
        one, other = (
            scores_of(BALANCED, strength=strength, seed=seed + at) for strength, at in ((stronger, 0), (weaker, 500))
        )
        for own, federated in ((one, other), (other, one)):
            called[benefit_verdict(BALANCED, own=own, federated=federated, seed=seed).benefit] += 1
    assert called[Benefit.WORSE] > called[Benefit.BETTER] > 0


def test_a_warning_without_need_is_rare() -> None:
    warned = 0
    for seed in range(200):
        own, federated = (scores_of(BALANCED, strength=1.0, seed=seed + at) for at in (0, 1000))
        warned += benefit_verdict(BALANCED, own=own, federated=federated, seed=seed).benefit is Benefit.WORSE
    assert warned <= 20


def test_two_equal_models_are_not_distinguishable_and_the_smallest_detectable_difference_is_stated() -> None:
    found = verdict_of(1.0, 1.0)
    assert found.benefit is Benefit.NOT_DISTINGUISHABLE
    assert found.comparison is not None
    assert 0.05 < found.comparison.smallest_detectable < 0.5


def test_the_same_model_twice_has_a_difference_of_nothing() -> None:
    scores = scores_of(BALANCED, strength=1.0, seed=1)
    found = benefit_verdict(BALANCED, own=scores, federated=scores, seed=1)
    assert found.comparison is not None
    assert (found.comparison.low, found.comparison.high, found.comparison.smallest_detectable) == (0.0, 0.0, 0.0)


def test_the_same_seed_gives_the_same_verdict() -> None:
    assert verdict_of(0.5, 1.0) == verdict_of(0.5, 1.0)


def test_many_films_of_few_patients_are_less_certain_than_as_many_patients() -> None:
    labels = np.repeat(np.array([0, 1] * 8), 5)
    alone = verdict_of(1.0, 1.5, holdout_of(labels))
    grouped = verdict_of(1.0, 1.5, holdout_of(labels, np.repeat(np.arange(16), 5)))
    assert alone.comparison is not None
    assert grouped.comparison is not None
    assert grouped.patients == 16
    assert grouped.comparison.own_auc == alone.comparison.own_auc


@pytest.mark.parametrize(
    ("holdout", "reason"),
    [
        (holdout_of(np.array([], dtype=np.int64)), Unmeasurable.NO_HOLDOUT),
        (holdout_of(np.ones(26, dtype=np.int64)), Unmeasurable.ONE_CLASS_ONLY),
        (holdout_of(np.array([0] * 30 + [1] * 4)), Unmeasurable.TOO_FEW_PATIENTS),
        (holdout_of(np.array([0] * 30 + [1] * 30), np.array([*range(30), *[99] * 30])), Unmeasurable.TOO_FEW_PATIENTS),
    ],
)
def test_what_cannot_be_measured_is_a_verdict_with_a_reason(holdout: HoldoutCases, reason: Unmeasurable) -> None:
    found = verdict_of(1.0, 1.0, holdout)
    assert found.benefit is Benefit.CANNOT_BE_MEASURED
    assert found.reason is reason
    assert found.comparison is None


def test_without_an_own_model_nothing_can_be_compared() -> None:
    found = benefit_verdict(BALANCED, own=None, federated=scores_of(BALANCED, strength=1.0, seed=1), seed=1)
    assert found.reason is Unmeasurable.NO_OWN_MODEL


def test_a_holdout_case_without_a_score_is_refused() -> None:
    scores = scores_of(BALANCED, strength=1.0, seed=1)
    with pytest.raises(KeyError):
        benefit_verdict(BALANCED, own=scores, federated={}, seed=1)


def test_a_verdict_without_figures_and_without_a_reason_does_not_exist() -> None:
    with pytest.raises(ValueError, match="figures or a reason"):
        BenefitVerdict(Benefit.BETTER, 10, 10, None, None)
