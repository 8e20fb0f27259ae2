"""A plan in words: complete in both languages, and honest."""

import pytest
from fakes.wall_cast import a_real_plan, a_sealed_offer, opened

from node.ground.texts import Language, table, text
from node.release.plan_words import PrivacyHere, Topic, megabytes_leaving, plan_lines
from protocols.errors import RefusalCode
from protocols.plans import (
    Aggregation,
    AggregationMode,
    AttackPolicy,
    Compression,
    HospitalUse,
    LegalBasis,
    Privacy,
    PrivacyMechanism,
    TrainingPlan,
)
from protocols.sparse import sparse_terms
from protocols.strategies import Strategy, StrategyName

BOTH = pytest.mark.parametrize("language", list(Language))
DP = Privacy(mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=1.0, epsilon_cap=3.0, delta_cap=1e-5)


def lines(plan: TrainingPlan, language: Language) -> dict[Topic, tuple[str, bool]]:
    return {
        line.topic: (line.text, line.warns)
        for line in plan_lines(opened(a_sealed_offer(plan)), "Example coordinator", language)
    }


@BOTH
def test_a_plan_is_told_on_every_topic_once(language: Language) -> None:
    told = plan_lines(opened(a_sealed_offer()), "Example coordinator", language)
    assert [line.topic for line in told] == list(Topic)
    assert all(line.text and "{" not in line.text for line in told)


@BOTH
def test_plain_aggregation_and_no_privacy_are_warnings(language: Language) -> None:
    told = lines(a_real_plan(), language)
    assert told[Topic.AGGREGATION][1]
    assert told[Topic.PRIVACY][1]
    secured = lines(
        a_real_plan(privacy=DP, aggregation=Aggregation(mode=AggregationMode.SECURE, threshold_t=3)), language
    )
    assert not secured[Topic.AGGREGATION][1]
    assert not secured[Topic.PRIVACY][1]


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        *({"legal_basis": basis} for basis in LegalBasis),
        *({"hospital_use": use} for use in HospitalUse),
        *({"attack_policy": policy} for policy in AttackPolicy),
        {"metrics": ()},
        {"privacy": DP},
    ],
    ids=str,
)
def test_every_value_a_plan_can_have_has_words(language: Language, changes: dict[str, object]) -> None:
    assert len(lines(a_real_plan(**changes), language)) == len(Topic)


@BOTH
def test_a_private_plan_says_its_epsilon_with_its_delta_and_what_it_does_not_cover(language: Language) -> None:
    told, warns = lines(a_real_plan(privacy=DP), language)[Topic.PRIVACY]
    assert "3" in told
    assert "1e-05" in told
    assert text("release.privacy_not_covered", language) in told
    assert not warns


@BOTH
@pytest.mark.parametrize("refused", [None, RefusalCode.OUTSIDE_APPROVAL, RefusalCode.BUDGET_EXHAUSTED])
def test_what_a_private_plan_comes_to_here_is_said_and_a_promise_not_kept_is_a_warning(
    language: Language, refused: RefusalCode | None
) -> None:
    offered = opened(a_sealed_offer(a_real_plan(privacy=DP)))
    told = plan_lines(offered, "Example coordinator", language, here=PrivacyHere(240, 2.345, refused))
    line = next(line for line in told if line.topic is Topic.PRIVACY)
    assert "240" in line.text
    assert "2.3" in line.text
    assert line.warns is (refused is not None)


@BOTH
@pytest.mark.parametrize(
    ("strategy", "numbers"),
    [
        (Strategy(name=StrategyName.FEDPROX, proximal_mu=0.25), ["FedProx", "0.25"]),
        (
            Strategy(name=StrategyName.FEDADAM, server_rate=0.06, beta_1=0.9, beta_2=0.99, tau=0.001),
            ["FedAdam", "0.06", "0.9", "0.99", "0.001"],
        ),
    ],
)
def test_another_strategy_than_the_mean_is_told_with_its_numbers(
    language: Language, strategy: Strategy, numbers: list[str]
) -> None:
    mean, _ = lines(a_real_plan(), language)[Topic.ROUNDS]
    told, warns = lines(a_real_plan(strategy=strategy), language)[Topic.ROUNDS]
    assert told.startswith(mean)
    assert all(number in told[len(mean) :] for number in numbers)
    assert not warns


def test_the_megabytes_told_are_those_of_all_rounds() -> None:
    plan = a_real_plan(rounds=10)
    numbers = sum(spec.size_bytes for spec in plan.model.tensors)
    assert megabytes_leaving(plan) == round(10 * numbers / 1e6, 1)
    assert f"{megabytes_leaving(plan)} MB" in lines(plan, Language.EN)[Topic.LEAVES][0]


@BOTH
def test_a_plan_whose_updates_go_in_turns_says_how_much_goes_and_what_rounding_costs(language: Language) -> None:
    whole = a_real_plan(rounds=10, aggregation=Aggregation(mode=AggregationMode.SECURE, threshold_t=3))
    turns = whole.model_copy(
        update={"aggregation": whole.aggregation.model_copy(update={"compression": Compression.TURNS})}
    )
    terms = sparse_terms(turns, members=3)
    assert terms is not None
    told, warns = lines(turns, language)[Topic.AGGREGATION]
    assert f"{terms.window / terms.size:.0%}" in told
    assert f"{terms.rounding(turns.cohort.min_cases):.2%}" in told
    assert not warns
    assert told.startswith(lines(whole, language)[Topic.AGGREGATION][0])
    assert megabytes_leaving(turns) <= megabytes_leaving(whole) / 3.9


@BOTH
def test_a_plan_whose_updates_cannot_go_in_turns_is_shown_all_the_same(language: Language) -> None:
    turns = Aggregation(mode=AggregationMode.SECURE, threshold_t=3, compression=Compression.TURNS)
    assert lines(a_real_plan(rounds=3, aggregation=turns), language)[Topic.LEAVES]


def test_both_languages_have_the_same_texts() -> None:
    english, korean = ({key for key in table(language) if key.startswith("release.")} for language in Language)
    assert english == korean
