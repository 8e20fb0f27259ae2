"""Any process killed at random moments of runs: no double spend, no gap in a ledger, and every run ends in words.

The full form kills a hundred times over at most fifteen runs, the short one ten times.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from e2e.federation_place import Federation, running_federation
from fakes.killed_federation import Kills, ended_with_a_sentence, everybody_answers, nothing_lost_or_said_twice

from deploy.demo.plan import Schedule
from node.training.catalog import CHEST_GABOR_LINEAR_1, tensor_specs
from protocols.models import Dtype, ModelManifest, TensorSpec
from protocols.plans import Privacy, PrivacyMechanism, TrainingPlan

pytestmark = [
    pytest.mark.attacks,
    pytest.mark.timeout(7200),
    # A drawn film may be compressed to the very size it had; pydicom says so, and reads it.
    pytest.mark.filterwarnings("ignore:The number of bytes of compressed pixel data:UserWarning"),
]
KILLS_SHORT, KILLS_FULL, RUNS_MAX = 10, 100, 15
A_RUN_SHORT, A_RUN_FULL = 5, 10
"""Kills of one run at most, so that both kinds of plan get theirs."""
SEED = 20261123
ROUNDS = 4
BRIEF = Schedule(rounds=ROUNDS, local_steps=4, batch_size=8, learning_rate=0.002, weight_decay=0.0001)
PRIVATE = Privacy(
    mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=4.0, epsilon_cap=8.0, delta_cap=1e-3
)


def private_terms() -> dict[str, Any]:
    """A private plan over few numbers, whose every training is charged to its patients."""
    shapes = tensor_specs(CHEST_GABOR_LINEAR_1, {})
    tensors = tuple(TensorSpec(name=name, shape=shape, dtype=Dtype.FLOAT32) for name, shape in shapes)
    model = ModelManifest(architecture=CHEST_GABOR_LINEAR_1, input_pixels=128, tensors=tensors)
    return {"privacy": PRIVATE, "model": model}


def planned(federation: Federation, turn: int) -> TrainingPlan:
    """Private plans and others in turn; a hospital that is gone costs its round half a minute and no more."""
    return federation.plan(BRIEF, quorum=1, round_deadline_seconds=30, **(private_terms() if turn % 2 else {}))


def test_no_kill_spends_twice_tears_the_ledger_or_leaves_a_run_without_an_end(tmp_path: Path, *, short: bool) -> None:
    wanted, a_run = (KILLS_SHORT, A_RUN_SHORT) if short else (KILLS_FULL, A_RUN_FULL)
    with running_federation(tmp_path, films=24) as federation:
        kills, ends = Kills(federation, random.Random(SEED)), []
        for turn in range(RUNS_MAX):
            plan = planned(federation, turn)
            run_id = federation.started(plan)
            kills.while_running(run_id, min(a_run, wanted - len(kills.done)))
            run = federation.wait_end(run_id, 600)
            everybody_answers(federation)
            ended_with_a_sentence(run)
            for hospital in federation.hospitals:
                nothing_lost_or_said_twice(hospital, plan)
            ends.append(f"{run['rounds_done']} rounds, {run['reason'] or run['state']}")
            if len(kills.done) >= wanted:
                break
    print(f"{len(kills.done)} kills over {len(ends)} runs (seed {SEED}): {kills.done}; {ends}")
    assert len(kills.done) >= wanted, ends
