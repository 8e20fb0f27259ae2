"""A member of a secure run whose wall was tampered with: its poison is never published, and nobody is accused."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.secure_walls import WalledHospital
from fakes.secure_world import SecureWorld, a_secure_world, checkpoint, conducted
from fakes.wall_cast import SPECS, START, PlayedFit

from coordinator.flows.overview import overview
from coordinator.publication.release import tensor_blob
from coordinator.rounds.run import Run
from coordinator.rounds.states import EndReason
from node.flows.answer_stores import RoundVectors
from node.release.asked import Asked
from node.release.update import RoundVector
from node.training.evaluate import Evaluation
from node.training.membership import AttackLight, MembershipReading
from node.training.ports import RoundFigures
from node.training.weights import Tensors
from protocols.inbox import RunState
from protocols.models import blob_bytes

ROUNDS, STEP = 3, 0.002
NUMBERS = blob_bytes(SPECS) // 4
GOOD = {name: tensor + ROUNDS * STEP for name, tensor in START.items()}
Poison = Callable[[Asked], bytes | None]


class TrueFit(PlayedFit):
    """Trains towards the good weights and measures truly how far a model is from them."""

    def evaluate(self, tensors: Tensors) -> RoundFigures:
        way = np.concatenate([(tensors[name] - GOOD[name]).ravel() for name in GOOD])
        loss = 0.3 + 50 * float(np.sqrt(np.square(way).mean()))
        return figures(loss, max(0.0, 1.2 - loss))


class FlatteringFit(PlayedFit):
    """Says of every model that it is perfect."""

    def evaluate(self, tensors: Tensors) -> RoundFigures:
        return figures(0.0, 1.0)


def figures(loss: float, auc: float) -> RoundFigures:
    return RoundFigures(Evaluation(loss, auc, 20, 20), MembershipReading(0.5, AttackLight.GREEN))


def towards_good(number: int) -> Callable[[Tensors], Tensors]:
    """A step of the same length every round, with a trace of the hospital's own so that no two updates are equal."""
    rng = np.random.default_rng(number)
    return lambda start: {name: (STEP + rng.normal(0, 1e-5, t.shape)).astype(np.float32) for name, t in start.items()}


class Poisoned:
    """The vectors of a wall that was tampered with: past its gate, in place of what was trained."""

    def __init__(self, held: RoundVectors, poison: Poison) -> None:
        self._held = held
        self._poison = poison

    def keep(self, asked: Asked, vector: RoundVector) -> RoundVector:
        return self._other(asked, self._held.keep(asked, vector))

    def kept(self, asked: Asked) -> RoundVector | None:
        vector = self._held.kept(asked)
        return None if vector is None else self._other(asked, vector)

    def _other(self, asked: Asked, vector: RoundVector) -> RoundVector:
        poison = self._poison(asked)
        return vector if poison is None else replace(vector, vector=poison)


def away(step: float) -> bytes:
    """Every number moved by so much, in fixed point; within the plan's bound."""
    return np.full(NUMBERS, round(step * 2**20), dtype="<i4").tobytes()


def noise(_asked: Asked) -> bytes:
    """Numbers no gate would let out."""
    return np.random.default_rng(5).integers(-(2**31), 2**31, size=NUMBERS, dtype=np.int64).astype("<i4").tobytes()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureWorld]:
    made = a_secure_world(tmp_path, 4, threshold=3, rounds=ROUNDS)
    for one in made.members:
        played(one, TrueFit(update=towards_good(one.number)))
    yield made
    made.close()


def played(one: WalledHospital, fit: PlayedFit) -> None:
    """The hospital's wall, started again with another fit child."""
    one.stop()
    one.fit = fit
    one.start()


def carried(secure: SecureWorld, poison: Poison) -> Run:
    """The run with the third hospital tampered with."""
    third = secure.members[2]
    third.rules = {"vectors_of": lambda held: Poisoned(held, poison)}
    played(third, FlatteringFit(update=towards_good(third.number)))
    return conducted(secure, secure.courier, secure.world.started(secure.offer))


def nothing_published(secure: SecureWorld, run: Run, reason: EndReason) -> None:
    assert (run.state, run.reason) == (RunState.ENDED, reason)
    assert overview(secure.world.work, now=secure.world.clock.now()).releases == ()


def outcomes(secure: SecureWorld, run: Run) -> set[str]:
    with secure.world.work.reading() as books:
        return {one.outcome for one in books.answers.of_run(run.run_id)}


def test_numbers_that_no_gate_lets_out_end_the_run_and_no_hospital_is_named(secure: SecureWorld) -> None:
    run = carried(secure, noise)
    nothing_published(secure, run, EndReason.SUM_OUT_OF_RANGE)
    assert outcomes(secure, run) == {"accepted"}


def test_a_poison_within_the_bounds_makes_a_model_worse_than_its_start_which_is_not_published(
    secure: SecureWorld,
) -> None:
    run = carried(secure, lambda _asked: away(-0.05))
    nothing_published(secure, run, EndReason.WORSE_THAN_START)
    assert outcomes(secure, run) == {"accepted"}


def test_a_poison_in_the_last_round_is_rolled_back_to_a_model_without_it(secure: SecureWorld) -> None:
    run = carried(secure, lambda asked: away(-0.05) if asked.round == ROUNDS else None)
    # Not the round before: a round counts with its neighbours, and that one's neighbour is the poisoned one.
    assert (run.state, run.chosen_round) == (RunState.FINISHED, ROUNDS - 2)
    release = overview(secure.world.work, now=secure.world.clock.now()).releases[0]
    file = secure.world.models.read_release(release.release_id)
    assert file is not None
    assert tensor_blob(SPECS, file) == checkpoint(secure, run, ROUNDS - 2)


def test_without_a_poison_the_last_round_is_the_best_of_all(secure: SecureWorld) -> None:
    run = carried(secure, lambda _asked: None)
    assert (run.state, run.chosen_round) == (RunState.FINISHED, ROUNDS)
