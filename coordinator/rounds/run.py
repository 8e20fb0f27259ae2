"""Runs, attempts at rounds, what each site answered, and what sites measured: the values a run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from coordinator.rounds.states import EndReason, RoundAct, RoundState, RunAct, next_round_state, next_run_state
from protocols.inbox import RunState
from protocols.plans import MetricName

MAX_STARTS = 8
"""How often a ServerApp may take up one run before the run ends."""


class Step(StrEnum):
    """What an instruction asks for."""

    TRAIN = "train"
    MEASURE = "measure"
    """Evaluate the last model."""
    MEASURE_FINAL = "measure-final"
    """Evaluate the chosen model; nodes keep it and work out their verdicts."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a plan. `start` counts the ServerApps that took it up: only the latest may write."""

    run_id: str
    plan_id: str
    state: RunState
    opened_at: datetime
    rounds_done: int = 0
    start: int = 0
    engine_run: int | None = None
    """The SuperLink's number for the latest start."""
    chosen_round: int | None = None
    reason: EndReason | None = None
    ended_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether more will happen."""
        return self.state in (RunState.WAITING, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class RunMember:
    """A hospital that a secure run began with; until the run ends nobody comes and nobody goes."""

    run_id: str
    site_id: str


@dataclass(frozen=True, slots=True)
class RoundAttempt:
    """One attempt at one round: which model went out and which came of it."""

    run_id: str
    round: int
    attempt: int
    state: RoundState
    base_sha256: str
    opened_at: datetime
    model_sha256: str | None = None
    sites: int = 0
    update_norm: float | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one site answered to one instruction: `outcome` is `accepted`, `silent` or a code of refusal."""

    run_id: str
    step: Step
    round: int
    attempt: int
    site_id: str
    outcome: str
    answered_at: datetime
    weight: int | None = None
    update_norm: float | None = None


ACCEPTED = "accepted"
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one site measured about the model of one round (round 0: the starting weights)."""

    run_id: str
    round: int
    final: bool
    site_id: str
    name: MetricName
    value: float
    weight: int


def opened(run_id: str, plan_id: str, *, now: datetime) -> Run:
    """A run that waits for its first ServerApp."""
    return Run(run_id, plan_id, RunState.WAITING, opened_at=now)


def taken_up(run: Run) -> Run:
    """The run under a new start, its engine not yet known. Raises: StepRefused."""
    state = next_run_state(run.state, RunAct.TAKE_UP)
    return replace(run, state=state, start=run.start + 1, engine_run=None)


def ended(run: Run, reason: EndReason, *, now: datetime) -> Run:
    """The run ended early. Raises: StepRefused."""
    return replace(run, state=next_run_state(run.state, RunAct.END), reason=reason, ended_at=now)


def finished(run: Run, *, now: datetime) -> Run:
    """The run with its model released. Raises: StepRefused."""
    return replace(run, state=next_run_state(run.state, RunAct.FINISH), ended_at=now)


def closed(attempt: RoundAttempt, model_sha256: str, *, sites: int, update_norm: float, now: datetime) -> RoundAttempt:
    """The attempt with the model that came of it. Raises: StepRefused."""
    state = next_round_state(attempt.state, RoundAct.CLOSE)
    return replace(attempt, state=state, model_sha256=model_sha256, sites=sites, update_norm=update_norm, closed_at=now)


def voided(attempt: RoundAttempt, *, sites: int, now: datetime) -> RoundAttempt:
    """The attempt of which nothing came. Raises: StepRefused."""
    return replace(attempt, state=next_round_state(attempt.state, RoundAct.VOID), sites=sites, closed_at=now)
