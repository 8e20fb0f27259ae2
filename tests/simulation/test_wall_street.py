"""Three hospitals' walls and the coordinator's own sums over a whole run, in one process: every byte passes a gate."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from factories import PLAN, RUN
from fakes.wall import Wall, a_wall
from fakes.wall_cast import HOSPITAL, SPECS, START_BLOB, PlayedFit, a_real_plan, instruct

from coordinator.aggregation.update import check_update
from coordinator.aggregation.weighted_sum import next_model
from node.release.ledger import verify_stored
from node.training.weights import Tensors
from protocols.encoding import decode
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.models import model_digest
from protocols.results import ErrorReport, EvaluationResult
from protocols.signing import Purpose, unseal
from protocols.updates import ModelUpdate

ROUNDS = 3
PLANNED = a_real_plan(rounds=ROUNDS)


def moves_by(step: np.float32) -> Callable[[Tensors], Tensors]:
    """A training that moves every number by this much."""
    return lambda start: {name: np.full_like(tensor, step) for name, tensor in start.items()}


@pytest.fixture
def walls(tmp_path: Path) -> list[Wall]:
    made = []
    for number in range(3):
        home = tmp_path / f"hospital-{number}"
        home.mkdir()
        step = np.float32(0.001 * (number + 1))
        made.append(a_wall(home, fit=PlayedFit(update=moves_by(step))))
    return made


def train(wall: Wall, number: int, blob: bytes, *, attempt: int = 1) -> bytes:
    message = TrainInstruction(
        plan_id=PLAN, run_id=RUN, round=number, attempt=attempt, model_sha256=model_digest(SPECS, blob)
    )
    return wall.answering.answer("train", instruct(message, blob))


def sum_up(base: bytes, replies: list[bytes]) -> bytes:
    """The next model, as the coordinator makes it from what left."""
    parts = []
    for number, sealed in enumerate(replies):
        update, blob = decode(unseal(sealed, HOSPITAL.public, Purpose.UPDATE), ModelUpdate)
        named = update.model_copy(update={"site_id": f"{number}{update.site_id[1:]}"})
        parts.append(check_update(named, blob, PLANNED, max_cases=100))
    return next_model(base, parts, scale_bits=PLANNED.aggregation.scale_bits).blob


def test_a_whole_run_moves_the_model_by_the_exact_weighted_mean(walls: list[Wall]) -> None:
    for wall in walls:
        wall.approve(wall.offer(PLANNED))
    blob = START_BLOB
    for number in range(1, ROUNDS + 1):
        blob = sum_up(blob, [train(wall, number, blob) for wall in walls])
    moved = np.frombuffer(blob, "<f4") - np.frombuffer(START_BLOB, "<f4")
    assert np.allclose(moved, ROUNDS * 0.002, atol=1e-5)
    digest = model_digest(SPECS, blob)
    for wall in walls:
        final = EvaluateInstruction(plan_id=PLAN, run_id=RUN, round=ROUNDS, attempt=1, model_sha256=digest, final=True)
        told, _ = decode(
            unseal(wall.answering.answer("evaluate", instruct(final, blob)), HOSPITAL.public, Purpose.RESULT),
            EvaluationResult,
        )
        assert told.model_sha256 == digest
        assert verify_stored(wall.ledger.stored(5), wall.ledger.head()) == ROUNDS + 2
        assert len(wall.verdicts.verdicts()) == 1


def test_a_hospital_that_did_not_approve_only_refuses_and_the_others_go_on(walls: list[Wall]) -> None:
    for wall in walls[:2]:
        wall.approve(wall.offer(PLANNED))
    walls[2].offer(PLANNED)
    replies = [train(wall, 1, START_BLOB) for wall in walls]
    sum_up(START_BLOB, replies[:2])
    refusal, _ = decode(unseal(replies[2], HOSPITAL.public, Purpose.REFUSAL), ErrorReport)
    assert refusal.code.value == "approval-missing"
    assert walls[2].fit.trained == 0


def test_a_coordinator_that_lost_its_round_gets_the_same_sum_from_the_next_attempt(walls: list[Wall]) -> None:
    for wall in walls:
        wall.approve(wall.offer(PLANNED))
    first = sum_up(START_BLOB, [train(wall, 1, START_BLOB) for wall in walls])
    second = sum_up(START_BLOB, [train(wall, 1, START_BLOB, attempt=2) for wall in walls])
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    assert [wall.fit.trained for wall in walls] == [1, 1, 1]
