"""The states of a run and of a round, as tables. What is not in a table does not happen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from coordinator.ground.errors import CoordinatorError
from protocols.inbox import RunState


class StepRefused(CoordinatorError):
    """A run or a round cannot do this in the state it is in."""


class RunAct(StrEnum):
    """What happens to a run."""

    TAKE_UP = "take-up"
    """A ServerApp takes it up, for the first time or after another one died."""
    FINISH = "finish"
    """Its model is released."""
    END = "end"
    """It ends early, with a reason."""


RUN_TRANSITIONS: Mapping[tuple[RunState, RunAct], RunState] = {
    (RunState.WAITING, RunAct.TAKE_UP): RunState.RUNNING,
    (RunState.WAITING, RunAct.END): RunState.ENDED,
    (RunState.RUNNING, RunAct.TAKE_UP): RunState.RUNNING,
    (RunState.RUNNING, RunAct.FINISH): RunState.FINISHED,
    (RunState.RUNNING, RunAct.END): RunState.ENDED,
}


class RoundState(StrEnum):
    """Where one attempt at a round stands."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"
    """Nothing came of it: the ServerApp died over it, or too few sites answered."""


class RoundAct(StrEnum):
    """What happens to an attempt at a round."""

    CLOSE = "close"
    VOID = "void"


ROUND_TRANSITIONS: Mapping[tuple[RoundState, RoundAct], RoundState] = {
    (RoundState.OPEN, RoundAct.CLOSE): RoundState.CLOSED,
    (RoundState.OPEN, RoundAct.VOID): RoundState.VOID,
}


class EndReason(StrEnum):
    """Why a run ended early; the texts are in `ground/texts/*/ends.toml`."""

    TOO_FEW_SITES = "too-few-sites"
    TOO_FEW_ANSWERS = "too-few-answers"
    PLAN_EXPIRED = "plan-expired"
    NOT_MEASURED = "not-measured"
    WORSE_THAN_START = "worse-than-start"
    NOT_FINITE = "not-finite"
    NORM_EXCEEDED = "norm-exceeded"
    ATTACK_LIGHT_RED = "attack-light-red"
    ATTACK_NOT_MEASURED = "attack-not-measured"
    RED_LIGHT_NOT_ACCEPTED = "red-light-not-accepted"
    CHECKPOINT_DAMAGED = "checkpoint-damaged"
    ENGINE_FAILED = "engine-failed"
    MEMBERS_DO_NOT_FIT = "members-do-not-fit"
    MEMBERS_LOST = "members-lost"
    MODELS_DIFFER = "models-differ"
    SHARES_DO_NOT_OPEN = "shares-do-not-open"
    SUM_OUT_OF_RANGE = "sum-out-of-range"


class RunEnds(CoordinatorError):
    """The run ends early, with the reason."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(f"the run ends: {reason.value}")
        self.reason = reason


class AttemptVoid(CoordinatorError):
    """Nothing came of an attempt at a round, with the reason and how many sites gave an update."""

    def __init__(self, reason: EndReason, sites: int) -> None:
        super().__init__(f"the attempt is void: {reason.value}")
        self.reason = reason
        self.sites = sites


def next_run_state(state: RunState, act: RunAct) -> RunState:
    """The state after the act. Raises: StepRefused."""
    try:
        return RUN_TRANSITIONS[(state, act)]
    except KeyError:
        raise StepRefused(f"a run that is {state.value} cannot {act.value}") from None


def next_round_state(state: RoundState, act: RoundAct) -> RoundState:
    """The state after the act. Raises: StepRefused."""
    try:
        return ROUND_TRANSITIONS[(state, act)]
    except KeyError:
        raise StepRefused(f"a round that is {state.value} cannot {act.value}") from None
