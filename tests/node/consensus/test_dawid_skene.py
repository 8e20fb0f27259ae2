"""Dawid and Skene's model on their own data, its anchors, and its guard against exchanged options."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.consensus.dawid_skene import Beliefs, _Fit, case_posterior, dawid_skene
from node.consensus.errors import NothingToFuse, OpinionsRefused
from node.consensus.opinion_table import NO_GOLD, Opinion, OpinionTable, gold_of, opinion_table

# Dawid and Skene 1979, table 1: 45 patients, five anaesthetists, four grades; the first judged each patient thrice.
ANAESTHETISTS = """
    111-1-1-1-1 333-4-3-3-4 112-2-1-2-2 222-3-1-2-1 222-3-2-2-2 222-3-3-2-2 122-2-1-1-1 333-3-4-3-3 222-2-2-2-3
    232-2-2-2-3 444-4-4-4-4 222-3-3-4-3 111-1-1-1-1 222-3-2-1-2 121-1-1-1-1 111-2-1-1-1 111-1-1-1-1 111-1-1-1-1
    222-2-2-2-1 222-1-3-2-2 222-2-2-2-2 222-2-2-2-1 222-3-2-2-2 221-2-2-2-2 111-1-1-1-1 111-1-1-1-1 232-2-2-2-2
    111-1-1-1-1 111-1-1-1-1 112-1-1-2-1 111-1-1-1-1 333-3-2-3-3 111-1-1-1-1 222-2-2-2-2 222-3-2-3-2 433-4-3-4-3
    221-2-2-3-2 232-3-2-3-3 333-3-4-3-2 111-1-1-1-1 111-1-1-1-1 121-2-1-1-1 232-2-2-2-2 121-1-1-1-1 222-2-2-2-2
""".split()
NO_PRIOR = Beliefs(strength=1e-9, even=1e-9)
YES_NO = ("no", "yes")


def anaesthetists() -> OpinionTable:
    opinions = [
        Opinion(f"{patient:02}", str(observer), grade)
        for patient, row in enumerate(ANAESTHETISTS)
        for observer, grades in enumerate(row.split("-"))
        for grade in grades
    ]
    return opinion_table(opinions, "1234")


def table_of(said: dict[str, str]) -> OpinionTable:
    """`said`: by reader, one letter a case, `-` for none."""
    words = {"y": "yes", "n": "no"}
    return opinion_table(
        [
            Opinion(f"{case:03}", reader, words[letter])
            for reader, letters in said.items()
            for case, letter in enumerate(letters)
            if letter in words
        ],
        YES_NO,
    )


def test_from_the_votes_the_solution_is_that_of_1979() -> None:
    """Table 2: the grades' shares are .40, .42, .11 and .07."""
    table = anaesthetists()
    votes = table.counts() / table.counts().sum(axis=1, keepdims=True)
    fit = _Fit(table, gold_of(table, {}), NO_PRIOR, np.ones(45))
    solution, likelihood = fit.solved(votes)
    assert solution.converged
    assert solution.shares == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=5e-3)
    assert likelihood <= max(fit.solved(start)[1] for start in fit.starts(np.random.default_rng(1)))


def test_among_the_starts_the_likeliest_solution_wins() -> None:
    table = anaesthetists()
    chosen = dawid_skene(table, gold_of(table, {}), seed=1, beliefs=NO_PRIOR)
    fit = _Fit(table, gold_of(table, {}), NO_PRIOR, np.ones(45))
    best = max((fit.solved(start) for start in fit.starts(np.random.default_rng(1))), key=lambda one: one[1])
    assert np.array_equal(chosen.fused.posterior, best[0].fused.posterior)
    assert chosen.converged
    assert not chosen.inverted


def test_what_a_case_says_is_bayes_rule() -> None:
    matrices = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.9, 0.1], [0.1, 0.9]], [[0.6, 0.4], [0.4, 0.6]]])
    posterior = case_posterior(matrices, np.array([0.5, 0.5]), [(0, 1), (1, 1), (2, 0)])
    assert posterior[1] == pytest.approx(54 / 55)


def test_gold_cases_stay_what_gold_says() -> None:
    table = table_of({"a": "yyyy", "b": "yyyy", "c": "yyyy"})
    found = dawid_skene(table, gold_of(table, {"000": "no"}), seed=1)
    assert found.fused.posterior[0].tolist() == [1.0, 0.0]


def test_a_reader_of_one_read_is_judged_like_the_others() -> None:
    said = {"a": "yn" * 40, "b": "yn" * 40, "c": "yn" * 40, "new": "n" + "-" * 79}
    table = table_of(said)
    found = dawid_skene(table, gold_of(table, {}), seed=1)
    at = dict(zip(table.reader_ids, found.matrices, strict=True))
    assert at["a"][1, 1] > 0.94
    assert at["new"][1, 1] == pytest.approx(20 * 0.85 / 21, abs=0.01)


def test_a_reader_who_contradicts_gold_loses_weight() -> None:
    gold = {f"{case:03}": "yes" if case % 2 == 0 else "no" for case in range(40)}
    said = {"a": "yn" * 20 + "y", "b": "yn" * 20 + "n", "c": "ny" * 20 + "n"}
    table = table_of(said)
    found = dawid_skene(table, gold_of(table, gold), seed=1)
    assert dict(zip(table.reader_ids, found.matrices, strict=True))["c"][1, 1] < 0.5
    assert found.fused.winners()[-1] == YES_NO.index("yes")


def simulated(seed: int, *, right: float, gold: int) -> tuple[OpinionTable, dict[str, str], list[str]]:
    rng = np.random.default_rng(seed)
    truth = [YES_NO[value] for value in rng.integers(0, 2, 200)]
    other = {"yes": "no", "no": "yes"}
    said = {
        name: "".join((word if rng.random() < right else other[word])[0] for word in truth) for name in ("a", "b", "c")
    }
    return table_of(said), {f"{case:03}": truth[case] for case in range(gold)}, truth


@pytest.mark.parametrize("seed", range(5))
def test_readers_worse_than_chance_never_turn_the_options_round_unnoticed(seed: int) -> None:
    """Without gold, opinions of readers who are wrong in 80 of 100 cases look like those of good readers: no guard
    can know. With gold it can, and the answers are right."""
    table, gold, truth = simulated(seed, right=0.2, gold=60)
    found = dawid_skene(table, gold_of(table, gold), seed=1)
    winners = [YES_NO[winner] for winner in found.fused.winners()[60:]]
    right = np.mean([one == other for one, other in zip(winners, truth[60:], strict=True)])
    assert found.inverted or right > 0.85


def test_where_every_solution_is_exchanged_the_priors_stand_in() -> None:
    table, gold, _ = simulated(1, right=0.05, gold=200)
    found = dawid_skene(table, gold_of(table, gold), seed=1)
    assert found.inverted
    assert found.steps == 0


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30))
def test_a_posterior_is_a_distribution_and_the_same_for_the_same_seed(said: list[tuple[int, int, int]]) -> None:
    table = opinion_table([Opinion(f"c{case}", f"r{reader}", "abc"[option]) for case, reader, option in said], "abc")
    first, again = (dawid_skene(table, gold_of(table, {}), seed=3) for _ in range(2))
    assert np.array_equal(first.fused.posterior, again.fused.posterior)
    assert first.fused.posterior.sum(axis=1) == pytest.approx(1.0)
    assert first.matrices.sum(axis=2) == pytest.approx(1.0)


def test_a_case_that_occurs_twice_weighs_as_two() -> None:
    table, gold, _ = simulated(2, right=0.8, gold=10)
    twice = dawid_skene(table, gold_of(table, gold), seed=1, times=np.full(200, 2.0))
    copied = OpinionTable(
        (*table.case_ids, *(f"again{name}" for name in table.case_ids)),
        table.reader_ids,
        table.options,
        np.concatenate([table.cases, table.cases + 200]),
        np.tile(table.readers, 2),
        np.tile(table.chosen, 2),
    )
    doubled = dawid_skene(copied, np.tile(gold_of(table, gold), 2), seed=1)
    assert twice.fused.posterior == pytest.approx(doubled.fused.posterior[:200], abs=1e-4)


def test_nothing_and_foreign_options_are_refused() -> None:
    empty = opinion_table([], YES_NO, case_ids=["a"])
    with pytest.raises(NothingToFuse):
        dawid_skene(empty, np.array([NO_GOLD]), seed=1)
    with pytest.raises(OpinionsRefused):
        opinion_table([Opinion("a", "r", "perhaps")], YES_NO)
    with pytest.raises(OpinionsRefused):
        gold_of(table_of({"a": "y"}), {"000": "perhaps"})
