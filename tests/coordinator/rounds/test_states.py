from itertools import product

import pytest

from coordinator.ground.texts import Language, text
from coordinator.rounds.states import (
    ROUND_TRANSITIONS,
    RUN_TRANSITIONS,
    EndReason,
    RoundAct,
    RoundState,
    RunAct,
    StepRefused,
    next_round_state,
    next_run_state,
)
from protocols.inbox import RunState


@pytest.mark.parametrize(("state", "act"), list(product(RunState, RunAct)))
def test_a_run_moves_as_the_table_says_and_no_other_way(state: RunState, act: RunAct) -> None:
    if (state, act) in RUN_TRANSITIONS:
        assert next_run_state(state, act) is RUN_TRANSITIONS[(state, act)]
    else:
        with pytest.raises(StepRefused):
            next_run_state(state, act)


@pytest.mark.parametrize(("state", "act"), list(product(RoundState, RoundAct)))
def test_a_round_moves_as_the_table_says_and_no_other_way(state: RoundState, act: RoundAct) -> None:
    if (state, act) in ROUND_TRANSITIONS:
        assert next_round_state(state, act) is ROUND_TRANSITIONS[(state, act)]
    else:
        with pytest.raises(StepRefused):
            next_round_state(state, act)


def test_a_run_that_ended_never_moves_again() -> None:
    assert not {state for state, _ in RUN_TRANSITIONS} & {RunState.FINISHED, RunState.ENDED}


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_its_sentence_in_both_languages(language: Language) -> None:
    assert all(text(f"ends.{reason.value}", language) for reason in EndReason)


@pytest.mark.parametrize("reason", EndReason)
def test_every_sentence_names_who_acts_next(reason: EndReason) -> None:
    said = text(f"ends.{reason.value}", Language.EN)
    assert any(owner in said for owner in ("the operator ", "the partner ", "have not compared keys do so"))
    assert said.count(".") == 1, "one sentence"
    assert any(owner in text(f"ends.{reason.value}", Language.KO) for owner in ("운영자가", "협력사가"))
