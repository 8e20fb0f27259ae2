"""A plan in words: what a steward reads before signing, in Korean or English, in a fixed order.

Every line follows from the plan's data, none from a text the partner wrote except title and purpose. A line that warns
says so, so that a page can set it apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from node.ground.texts import Language, text
from node.release.bounds import Offer, turns_here, upload_bytes
from protocols.errors import RefusalCode
from protocols.plans import AggregationMode, MetricName, PrivacyMechanism, TrainingPlan
from protocols.results import MIN_COUNT
from protocols.strategies import Strategy, StrategyName


class Topic(StrEnum):
    """What a line is about, in the order of reading."""

    PARTNER = "partner"
    PURPOSE = "purpose"
    LEGAL_BASIS = "legal-basis"
    BOARD = "board"
    CASES = "cases"
    MODEL = "model"
    ROUNDS = "rounds"
    PRIVACY = "privacy"
    AGGREGATION = "aggregation"
    LEAVES = "leaves"
    RED_LIGHT = "red-light"
    HOSPITAL_USE = "hospital-use"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One sentence or two about one topic."""

    topic: Topic
    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class PrivacyHere:
    """What a private plan comes to with this hospital's patients: the epsilon of all its rounds, and why not, if not.

    Epsilon or delta may be more than promised here, or a patient may exceed the hospital's cap.
    """

    patients: int
    epsilon: float
    refused: RefusalCode | None


def megabytes_leaving(plan: TrainingPlan) -> float:
    """Megabytes of updates that leave over the whole plan, to one decimal."""
    return round(upload_bytes(plan) / 1e6, 1)


def metric_words(name: MetricName, language: Language) -> str:
    """A figure's name."""
    return _word("metric", name, language)


def plan_lines(
    offered: Offer,
    coordinator_name: str,
    language: Language,
    *,
    here: PrivacyHere | None = None,
    permitted: bool = True,
) -> tuple[PlanLine, ...]:
    """The whole plan in words.

    `here` is what a private plan comes to in this hospital, where that is known; `permitted` is whether any project of
    this hospital permits the partner.
    """
    plan = offered.plan
    purpose = plan.purpose.ko if language is Language.KO else plan.purpose.en
    return (
        PlanLine(Topic.PARTNER, _say("partner", language, partner=plan.partner_name, coordinator=coordinator_name)),
        PlanLine(Topic.PURPOSE, _say("purpose", language, purpose=purpose)),
        _basis(plan, language),
        _board(plan, language),
        _cases(plan, language, permitted=permitted),
        _model(plan, language),
        _rounds(plan, language),
        _privacy(plan, language, here),
        _aggregation(plan, language),
        _leaves(plan, language),
        PlanLine(Topic.RED_LIGHT, _say("red_light", language, policy=_word("policy", plan.attack_policy, language))),
        PlanLine(Topic.HOSPITAL_USE, _say("hospital_use", language, use=_word("use", plan.hospital_use, language))),
        PlanLine(Topic.EXPIRY, _say("expiry", language, expires_on=plan.expires_at.date().isoformat())),
    )


def _say(name: str, language: Language, **fields: object) -> str:
    return text(f"release.{name}", language, **fields)


def _word(prefix: str, value: StrEnum, language: Language) -> str:
    return _say(f"{prefix}_{value.value.replace('-', '_')}", language)


def _basis(plan: TrainingPlan, language: Language) -> PlanLine:
    basis = _word("basis", plan.legal_basis, language)
    period = {"from_date": plan.processing_from.isoformat(), "until_date": plan.processing_until.isoformat()}
    return PlanLine(Topic.LEGAL_BASIS, _say("legal_basis", language, basis=basis, **period))


def _board(plan: TrainingPlan, language: Language) -> PlanLine:
    decision = plan.board_decision
    sentence = _say(
        "board",
        language,
        board=decision.board,
        number=decision.number,
        decided_on=decision.decided_on.isoformat(),
        expires_on=decision.expires_on.isoformat(),
    )
    return PlanLine(Topic.BOARD, sentence)


def _cases(plan: TrainingPlan, language: Language, *, permitted: bool) -> PlanLine:
    cohort = plan.cohort
    sentence = _say(
        "cases",
        language,
        modalities=", ".join(code.upper() for code in cohort.modalities),
        readings=cohort.min_readings,
        question=cohort.question_code,
        schema=cohort.schema_code,
        version=cohort.schema_version,
        min_cases=cohort.min_cases,
        max_cases=cohort.max_cases,
    )
    told = sentence if permitted else f"{sentence} {_say('not_permitted', language)}"
    return PlanLine(Topic.CASES, told, warns=not permitted)


def _model(plan: TrainingPlan, language: Language) -> PlanLine:
    parameters = sum(math.prod(spec.shape) for spec in plan.model.tensors)
    fields = {"architecture": plan.model.architecture, "pixels": plan.model.input_pixels}
    return PlanLine(Topic.MODEL, _say("model", language, parameters=f"{parameters:,}", **fields))


def _rounds(plan: TrainingPlan, language: Language) -> PlanLine:
    sentence = _say(
        "rounds",
        language,
        rounds=plan.rounds,
        steps=plan.training.local_steps,
        minutes=math.ceil(plan.round_deadline_seconds / 60),
        quorum=plan.quorum,
    )
    return PlanLine(Topic.ROUNDS, " ".join([sentence, *_strategy(plan.strategy, language)]))


def _strategy(held: Strategy, language: Language) -> list[str]:
    """What is otherwise than a mean of the updates; nothing where nothing is."""
    match held.name:
        case StrategyName.FEDAVG:
            return []
        case StrategyName.FEDPROX:
            return [_say("strategy_fedprox", language, mu=f"{held.mu:g}")]
        case StrategyName.FEDADAM:
            numbers = held.model_dump(include={"server_rate", "beta_1", "beta_2", "tau"})
            return [_say("strategy_fedadam", language, **{name: f"{value:g}" for name, value in numbers.items()})]


def _privacy(plan: TrainingPlan, language: Language, here: PrivacyHere | None) -> PlanLine:
    if plan.privacy.mechanism is PrivacyMechanism.NONE:
        return PlanLine(Topic.PRIVACY, _say("privacy_none", language), warns=True)
    promised = {"epsilon": f"{plan.privacy.epsilon_cap:g}", "delta": f"{plan.privacy.delta_cap:g}"}
    sentences = [_say("privacy_dp_sgd", language, **promised)]
    if here is not None:
        forecast = {"patients": here.patients, "epsilon": f"{here.epsilon:.2f}", "delta": promised["delta"]}
        kept = "privacy_here" if here.refused is None else "privacy_here_not_kept"
        sentences.append(_say(kept, language, **forecast))
    sentences.append(_say("privacy_not_covered", language))
    return PlanLine(Topic.PRIVACY, " ".join(sentences), warns=here is not None and here.refused is not None)


def _aggregation(plan: TrainingPlan, language: Language) -> PlanLine:
    mode = plan.aggregation.mode
    sentence = _say(f"aggregation_{mode.value}", language, threshold=plan.aggregation.threshold_t)
    told = " ".join((sentence, *_turns(plan, language)))
    return PlanLine(Topic.AGGREGATION, told, warns=mode is AggregationMode.PLAIN)


def _turns(plan: TrainingPlan, language: Language) -> tuple[str, ...]:
    """What goes each round where updates go in turns, and what that costs; nothing where they go whole."""
    turns = turns_here(plan)
    if turns is None:
        return ()
    share, lost = turns.window / turns.size, turns.rounding(plan.cohort.min_cases)
    fields = {"share": f"{share:.0%}", "lost": f"{lost:.2%}", "cases": plan.cohort.min_cases}
    return (_say("aggregation_turns", language, **fields),)


def _leaves(plan: TrainingPlan, language: Language) -> PlanLine:
    names = [_word("metric", name, language) for name in plan.metrics]
    sentence = _say(
        "leaves",
        language,
        metrics=", ".join(names) or _say("none", language),
        megabytes=f"{megabytes_leaving(plan):,}",
        min_count=MIN_COUNT,
    )
    return PlanLine(Topic.LEAVES, sentence)
