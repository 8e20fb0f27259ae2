"""A plan against the plan of the same partner, for the same question, that this hospital approved last: in words.

The hospital looks for that plan itself; a partner cannot leave it out by calling a new version a new plan. Each change
says whether it loosens what was approved. A field that no row speaks of is named as changed all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from node.ground.texts import Language, text
from protocols.plans import AggregationMode, AttackPolicy, PrivacyMechanism, TrainingPlan

Say = Callable[[TrainingPlan, Language], str]
Rank = Callable[[TrainingPlan], float]

NOT_COMPARED = frozenset({"plan_id", "partner_id", "created_at"})
"""Fields that differ between any two plans, or are the same by the choice of the former plan."""


class Weight(StrEnum):
    """What a change does to what was approved."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One change as a sentence."""

    text: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class _Row:
    """One thing to compare: its field of the plan, its name, what it is in words, and which way is looser."""

    field: str
    name: str
    say: Say
    weigh: Callable[[TrainingPlan, TrainingPlan], Weight]


def same_question(one: TrainingPlan, other: TrainingPlan) -> bool:
    """Whether two plans are of one partner and ask the same question: versions of one thing under any name."""
    asked = [(plan.partner_id, plan.cohort.schema_code, plan.cohort.question_code) for plan in (one, other)]
    return asked[0] == asked[1]


def plan_changes(former: TrainingPlan, plan: TrainingPlan, language: Language) -> tuple[PlanChange, ...]:
    """What is otherwise than in the former plan, in the order of reading; nothing where nothing is."""
    fired = [row for row in _ROWS if any(row.say(former, one) != row.say(plan, one) for one in Language)]
    told = [PlanChange(_line(row, former, plan, language), row.weigh(former, plan)) for row in fired]
    silent = {
        name
        for name in TrainingPlan.model_fields
        if getattr(former, name) != getattr(plan, name) and name not in {row.field for row in fired} | NOT_COMPARED
    }
    told += [PlanChange(_text("change_untold", language, field=name), Weight.OTHER) for name in sorted(silent)]
    return tuple(told)


def _line(row: _Row, former: TrainingPlan, plan: TrainingPlan, language: Language) -> str:
    what = _text(f"change_{row.name}", language)
    return _text("change_line", language, what=what, before=row.say(former, language), after=row.say(plan, language))


def _text(name: str, language: Language, **fields: object) -> str:
    return text(f"release.{name}", language, **fields)


def _ranked(rank: Rank) -> Callable[[TrainingPlan, TrainingPlan], Weight]:
    """More is looser."""

    def weigh(former: TrainingPlan, plan: TrainingPlan) -> Weight:
        before, after = rank(former), rank(plan)
        if before == after:
            return Weight.OTHER
        return Weight.LOOSER if after > before else Weight.TIGHTER

    return weigh


def _listed(items: Callable[[TrainingPlan], Collection[object]]) -> Callable[[TrainingPlan, TrainingPlan], Weight]:
    """Something new in a list is looser, whatever else went."""

    def weigh(former: TrainingPlan, plan: TrainingPlan) -> Weight:
        before, after = set(items(former)), set(items(plan))
        if after - before:
            return Weight.LOOSER
        return Weight.TIGHTER if before - after else Weight.OTHER

    return weigh


def _other(_former: TrainingPlan, _plan: TrainingPlan) -> Weight:
    return Weight.OTHER


def _number(field: str, name: str, rank: Rank, *, fewer_is_looser: bool = False, ordered: bool = True) -> _Row:
    weigh = _ranked((lambda plan: -rank(plan)) if fewer_is_looser else rank) if ordered else _other
    return _Row(field, name, lambda plan, language: _figure(rank(plan), language), weigh)


def _day(field: str, name: str, day: Callable[[TrainingPlan], date], *, earlier_is_looser: bool = False) -> _Row:
    sign = -1 if earlier_is_looser else 1
    return _Row(
        field, name, lambda plan, _: day(plan).isoformat(), _ranked(lambda plan: sign * float(day(plan).toordinal()))
    )


def _figure(value: float, language: Language) -> str:
    return _text("change_no_limit", language) if math.isinf(value) else f"{value:,.10g}"


def _words(prefix: str, values: Sequence[StrEnum], language: Language) -> str:
    named = [_text(f"{prefix}_{value.value.replace('-', '_')}", language) for value in values]
    return ", ".join(named) or _text("none", language)


def _capped(value: float | None) -> float:
    return math.inf if value is None else value


def _board(plan: TrainingPlan, language: Language) -> str:
    decision = plan.board_decision
    return _text(
        "change_board_is",
        language,
        board=decision.board,
        number=decision.number,
        decided_on=decision.decided_on.isoformat(),
        digest=decision.document_sha256[:16],
    )


def _starting(plan: TrainingPlan, _language: Language) -> str:
    return ", ".join(f"{name} {value}" for name, value in plan.starting_weights.model_dump(mode="json").items())


def _model(plan: TrainingPlan, _language: Language) -> str:
    settings = plan.model.model_dump(mode="json", include={"architecture", "hyperparameters", "input_channels"})
    return ", ".join(str(value) for value in settings.values() if value not in ([], None))


def _server(plan: TrainingPlan, language: Language) -> str:
    held = plan.strategy.model_dump(mode="json", include={"server_rate", "beta_1", "beta_2", "tau"}, exclude_none=True)
    return ", ".join(f"{name} {value:g}" for name, value in held.items()) or _text("none", language)


def _parameters(plan: TrainingPlan) -> float:
    return float(sum(math.prod(spec.shape) for spec in plan.model.tensors))


_ROWS: tuple[_Row, ...] = (
    _Row("partner_name", "partner", lambda plan, _: plan.partner_name, _other),
    _Row("title", "title", lambda plan, language: getattr(plan.title, language.value), _other),
    _Row("purpose", "purpose", lambda plan, language: getattr(plan.purpose, language.value), _other),
    _Row("legal_basis", "legal_basis", lambda plan, language: _words("basis", [plan.legal_basis], language), _other),
    _day("processing_from", "processing_from", lambda plan: plan.processing_from, earlier_is_looser=True),
    _day("processing_until", "processing_until", lambda plan: plan.processing_until),
    _Row("board_decision", "board", _board, _other),
    _day("board_decision", "board_until", lambda plan: plan.board_decision.expires_on),
    _Row(
        "cohort",
        "modalities",
        lambda plan, _: ", ".join(code.upper() for code in plan.cohort.modalities),
        _listed(lambda plan: plan.cohort.modalities),
    ),
    _number("cohort", "schema_version", lambda plan: plan.cohort.schema_version, ordered=False),
    _number("cohort", "min_readings", lambda plan: plan.cohort.min_readings, fewer_is_looser=True),
    _number("cohort", "min_cases", lambda plan: plan.cohort.min_cases, fewer_is_looser=True),
    _number("cohort", "max_cases", lambda plan: plan.cohort.max_cases),
    _Row("model", "model", _model, _other),
    _number("model", "input_pixels", lambda plan: plan.model.input_pixels),
    _number("model", "parameters", _parameters),
    _Row("starting_weights", "starting_weights", _starting, _other),
    _number("rounds", "rounds", lambda plan: plan.rounds),
    _number("training", "local_steps", lambda plan: plan.training.local_steps),
    _number("training", "batch_size", lambda plan: plan.training.batch_size, ordered=False),
    _number("training", "learning_rate", lambda plan: plan.training.learning_rate, ordered=False),
    _number("training", "weight_decay", lambda plan: plan.training.weight_decay, ordered=False),
    _number("training", "seed", lambda plan: plan.training.seed, ordered=False),
    _Row(
        "strategy",
        "strategy",
        lambda plan, language: _text(f"strategy_name_{plan.strategy.name.value}", language),
        _other,
    ),
    _number("strategy", "mu", lambda plan: plan.strategy.mu, ordered=False),
    _Row("strategy", "server", _server, _other),
    _number("quorum", "quorum", lambda plan: plan.quorum, fewer_is_looser=True),
    _number("round_deadline_seconds", "deadline", lambda plan: plan.round_deadline_seconds, ordered=False),
    _number("update_norm_bound", "norm", lambda plan: plan.update_norm_bound),
    _Row(
        "privacy",
        "privacy",
        lambda plan, language: _text(f"change_mechanism_{plan.privacy.mechanism.value.replace('-', '_')}", language),
        _ranked(lambda plan: float(plan.privacy.mechanism is PrivacyMechanism.NONE)),
    ),
    _number("privacy", "epsilon", lambda plan: _capped(plan.privacy.epsilon_cap)),
    _number("privacy", "delta", lambda plan: _capped(plan.privacy.delta_cap)),
    _number("privacy", "clip", lambda plan: _capped(plan.privacy.clip_norm)),
    _number("privacy", "noise", lambda plan: plan.privacy.noise_multiplier or 0.0, fewer_is_looser=True),
    _Row(
        "aggregation",
        "aggregation",
        lambda plan, language: _text(f"change_mode_{plan.aggregation.mode.value}", language),
        _ranked(lambda plan: float(plan.aggregation.mode is AggregationMode.PLAIN)),
    ),
    _number("aggregation", "threshold", lambda plan: plan.aggregation.threshold_t, fewer_is_looser=True),
    _number("aggregation", "colluders", lambda plan: plan.aggregation.colluders_c, fewer_is_looser=True),
    _number("aggregation", "scale_bits", lambda plan: plan.aggregation.scale_bits),
    _Row(
        "aggregation",
        "compression",
        lambda plan, language: _words("compression", [plan.aggregation.compression], language),
        _other,
    ),
    _Row(
        "metrics",
        "metrics",
        lambda plan, language: _words("metric", plan.metrics, language),
        _listed(lambda plan: plan.metrics),
    ),
    _Row(
        "attack_policy",
        "attack_policy",
        lambda plan, language: _words("policy", [plan.attack_policy], language),
        _ranked(lambda plan: float(plan.attack_policy is AttackPolicy.REPORT)),
    ),
    _Row("hospital_use", "hospital_use", lambda plan, language: _words("use", [plan.hospital_use], language), _other),
    _Row(
        "expires_at",
        "expiry",
        lambda plan, _: f"{plan.expires_at:%Y-%m-%d %H:%M} UTC",
        _ranked(lambda plan: plan.expires_at.timestamp()),
    ),
)
