"""Readers on gold cases, against themselves, and with hard cases allowed for."""

import numpy as np
import pytest

from node.consensus.opinion_table import Indices, Opinion, OpinionTable, gold_of, opinion_table
from node.consensus.quality import abilities, gold_scores, self_agreement, wilson

OPTIONS = ("absent", "present")


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_newcombe_1998(right: int, of: int, low: float, high: float) -> None:
    """Statistics in Medicine 17, table I, method 3 (Wilson's score interval)."""
    rate = wilson(right, of)
    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)
    assert rate.told is (of >= 10)


@pytest.mark.parametrize(("right", "of"), [(0, 0), (2, 1), (-1, 4)])
def test_a_rate_without_answers_is_none(right: int, of: int) -> None:
    with pytest.raises(ValueError, match="answers"):
        wilson(right, of)


def test_gold_tells_sensitivity_and_specificity_and_abstentions_apart() -> None:
    gold = {"g1": "present", "g2": "present", "g3": "absent", "g4": "absent"}
    said = [("g1", "present"), ("g2", "absent"), ("g3", "absent"), ("open", "present"), ("g1", "absent")]
    table = opinion_table([Opinion(case, "a", option) for case, option in said], OPTIONS)
    score = gold_scores(table, gold_of(table, gold), {"a": 1})["a"]
    assert score.overall is not None
    assert (score.overall.right, score.overall.of, score.abstained) == (2, 3, 1)
    assert {name: rate.share for name, rate in score.by_truth.items()} == {"absent": 1.0, "present": 0.5}
    assert not score.overall.told


def test_a_reader_without_gold_has_no_rate() -> None:
    table = opinion_table([Opinion("open", "a", "present")], OPTIONS)
    score = gold_scores(table, gold_of(table, {}), {})["a"]
    assert (score.overall, dict(score.by_truth), score.abstained) == (None, {}, 0)


def test_self_agreement_is_kappa_of_first_against_second() -> None:
    pairs = [("present", "present")] * 20 + [("present", "absent")] * 5
    pairs += [("absent", "present")] * 10 + [("absent", "absent")] * 15
    found = self_agreement(pairs, OPTIONS)
    assert found is not None
    assert found.cases == 50
    assert found.share == pytest.approx(0.70)
    assert found.kappa == pytest.approx(0.40)
    assert self_agreement([], OPTIONS) is None
    always = self_agreement([("absent", "absent")] * 3, OPTIONS)
    assert always is not None
    assert always.kappa is None


def answered(hard_for: str) -> tuple[OpinionTable, Indices]:
    """Two readers of one ability, one of whom was given the hard cases; eight others read all of them."""
    rng = np.random.default_rng(20_261_122)
    easy, hard = [f"easy{number:03}" for number in range(200)], [f"hard{number:03}" for number in range(200)]
    right = {**dict.fromkeys(easy, 0.95), **dict.fromkeys(hard, 0.60)}
    given = {f"other{number}": easy + hard for number in range(8)}
    given |= {"lucky": easy, "unlucky": hard} if hard_for == "unlucky" else {"lucky": hard, "unlucky": easy}
    opinions = [
        Opinion(case, reader, "present" if rng.random() < right[case] else "absent")
        for reader, cases in given.items()
        for case in cases
    ]
    table = opinion_table(opinions, OPTIONS)
    return table, gold_of(table, dict.fromkeys(table.case_ids, "present"))


def test_who_was_given_the_hard_cases_is_not_punished_for_it() -> None:
    table, truth = answered(hard_for="unlucky")
    shares = {name: score.overall.share for name, score in gold_scores(table, truth, {}).items() if score.overall}
    assert shares["lucky"] - shares["unlucky"] > 0.25
    found = abilities(table, truth)
    apart = abs(found["lucky"].value - found["unlucky"].value)
    assert apart < 2 * np.hypot(found["lucky"].standard_error, found["unlucky"].standard_error)


def test_a_reader_who_was_never_wrong_has_a_finite_ability_and_one_of_few_answers_stays_near_the_middle() -> None:
    said = [("g1", "a", "present"), ("g2", "a", "present"), ("g1", "b", "absent")]
    table = opinion_table([Opinion(*one) for one in said], OPTIONS)
    found = abilities(table, gold_of(table, {"g1": "present", "g2": "present"}))
    assert 0 < found["a"].value < 1
    assert -1 < found["b"].value < 0
    assert found["a"].answers == 2


def test_without_known_truth_there_are_no_abilities() -> None:
    table = opinion_table([Opinion("open", "a", "present")], OPTIONS)
    assert abilities(table, gold_of(table, {})) == {}
