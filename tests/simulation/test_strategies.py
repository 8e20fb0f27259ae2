"""Runs under a server optimiser: the same model whoever dies in between, and in secure runs made by every hospital."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from factories import tensor_specs
from fakes.coordinator_world import World
from fakes.secure_world import SecureWorld, a_secure_world, checkpoint, conducted, plain_model

from coordinator.aggregation.server_step import Server
from coordinator.flows.conduct import conduct
from coordinator.publication.release import tensor_blob
from coordinator.rounds.courier import CourierStopped
from coordinator.rounds.run import Run
from coordinator.rounds.starting import starting_weights
from coordinator.rounds.states import EndReason
from node.release.secure.next_models import moments_name, moments_names
from protocols.inbox import RunState
from protocols.strategies import Strategy, StrategyName

ADAM = Strategy(name=StrategyName.FEDADAM, server_rate=0.05, beta_1=0.9, beta_2=0.99, tau=1e-3)
ROUNDS = 3


def after(rounds: int) -> bytes:
    """The model where every hospital moved every number by 0.125 in each round."""
    blob, moments = np.frombuffer(starting_weights(tensor_specs(), 7), "<f4").astype(np.float64), b""
    for _ in range(rounds):
        moved, moments = Server(ADAM, moments).step(np.full(6, 0.125))
        blob = (blob + moved).astype("<f4").astype(np.float64)
    return blob.astype("<f4").tobytes()


def released(world: World, run: Run) -> bytes:
    file = world.models.read_checkpoint(run.run_id, ROUNDS)
    assert file is not None
    return tensor_blob(tensor_specs(), file)


def test_a_plain_run_moves_by_the_optimisers_step_and_remembers_from_round_to_round(world: World) -> None:
    run = world.carried(world.ready("a", "b", strategy=ADAM))
    assert run.state is RunState.FINISHED
    assert released(world, run) == after(ROUNDS)


def begun(world: World, exchange: int) -> Run:
    """A run whose ServerApp died at this exchange, taken up again."""
    offer = world.ready("a", "b", strategy=ADAM)
    courier, first = world.courier(), world.started(offer)
    courier.dies_at = ("train", exchange)
    with pytest.raises(CourierStopped):
        conduct(world.conductor(courier, first.start), first.run_id)
    world.engine.alive.clear()
    world.reconcile()
    return first


@pytest.mark.parametrize("exchange", range(1, 6))
def test_wherever_the_server_app_dies_the_optimiser_goes_on_where_it_was(world: World, exchange: int) -> None:
    first = begun(world, exchange)
    ended = conduct(world.conductor(world.courier(), 2), first.run_id)
    assert ended.state is RunState.FINISHED
    assert released(world, ended) == after(ROUNDS)


@pytest.mark.parametrize("content", [b"", bytes(32), bytes(32 + 48)], ids=["lost", "empty", "another"])
def test_what_is_remembered_of_another_model_ends_the_run(world: World, content: bytes) -> None:
    first = begun(world, 3)
    world.models.write_moments(first.run_id, 2, content)
    ended = conduct(world.conductor(world.courier(), 2), first.run_id)
    assert ended.reason is EndReason.CHECKPOINT_DAMAGED


def test_a_trained_model_is_measured_and_released_without_what_the_optimiser_remembers(world: World) -> None:
    first = begun(world, ROUNDS + 1)
    world.models.write_moments(first.run_id, ROUNDS, b"")
    ended = conduct(world.conductor(world.courier(), 2), first.run_id)
    assert ended.state is RunState.FINISHED
    assert released(world, ended) == after(ROUNDS)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureWorld]:
    made = a_secure_world(tmp_path, 4, threshold=3, rounds=ROUNDS, strategy=ADAM)
    yield made
    made.close()


def test_in_a_secure_run_every_hospital_makes_the_optimisers_step_to_the_bit(secure: SecureWorld) -> None:
    run = conducted(secure, secure.courier, secure.world.started(secure.offer))
    assert (run.state, run.reason, run.rounds_done) == (RunState.FINISHED, None, ROUNDS)
    expected = plain_model(run.run_id, [secure.members] * ROUNDS, ADAM)
    assert checkpoint(secure, run, ROUNDS) == expected
    assert expected != plain_model(run.run_id, [secure.members])
    assert [one.fit.trained for one in secure.members] == [ROUNDS] * 4


def test_a_hospital_that_lost_what_it_remembers_sits_out_and_the_others_go_on(secure: SecureWorld) -> None:
    run, courier = secure.world.started(secure.offer), secure.courier
    first, plan_id = secure.members[0], secure.offer.plan_id

    def forgets(one: object, asked: object) -> bool:
        kept = moments_name(plan_id, run.run_id, 1)
        if one is first and first.wall.models.kept(kept) is not None:
            first.wall.models.clear(moments_names(plan_id))
        return False

    courier.lost = forgets
    ended = conducted(secure, courier, run)
    assert (ended.state, ended.rounds_done) == (RunState.FINISHED, ROUNDS)
    with secure.world.work.reading() as books:
        closed = {held.round: held.sites for held in books.rounds.of_run(run.run_id)}
    assert closed == {1: 4, 2: 4, 3: 3}
