"""ServerApps that die, come back, or come twice: the run goes on where its last checkpoint was."""

import numpy as np
import pytest
from factories import NOW, tensor_specs
from fakes.coordinator_world import World

from coordinator.flows.conduct import conduct
from coordinator.flows.overview import overview
from coordinator.flows.scene import RunSuperseded
from coordinator.flows.start import live_run, start_run
from coordinator.rounds.courier import CourierStopped
from coordinator.rounds.run import MAX_STARTS
from coordinator.rounds.starting import starting_weights
from coordinator.rounds.states import EndReason
from protocols.inbox import RunState
from protocols.models import model_digest


def test_a_server_app_that_dies_is_resumed_after_its_last_checkpoint_under_a_new_attempt(world: World) -> None:
    offer = world.ready("a", "b")
    courier = world.courier()
    courier.dies_at = ("train", 3)
    first = world.started(offer)
    with pytest.raises(CourierStopped):
        conduct(world.conductor(courier, first.start), first.run_id)
    world.engine.alive.clear()
    world.reconcile()
    second = live_run(world.work, offer.plan_id)
    assert second is not None
    assert (second.run_id, second.start, second.rounds_done) == (first.run_id, 2, 2)
    ended = conduct(world.conductor(world.courier(), second.start), second.run_id)
    assert (ended.state, ended.rounds_done) == (RunState.FINISHED, 3)
    trained = [(number, attempt) for kind, number, attempt in world.hospitals[0].heard if kind == "train-instruction"]
    assert trained == [(1, 1), (2, 1), (3, 2)]


@pytest.mark.parametrize("exchange", [1, 2, 3, 4, 5])
def test_wherever_the_server_app_dies_the_resumed_run_releases_the_same_model(world: World, exchange: int) -> None:
    offer = world.ready("a", "b")
    courier = world.courier()
    courier.dies_at = ("train", exchange)
    first = world.started(offer)
    with pytest.raises(CourierStopped):
        conduct(world.conductor(courier, first.start), first.run_id)
    world.engine.alive.clear()
    world.reconcile()
    ended = conduct(world.conductor(world.courier(), 2), first.run_id)
    assert ended.state is RunState.FINISHED
    moved = np.frombuffer(starting_weights(tensor_specs(), 7), dtype="<f4")
    for _ in range(3):
        moved = (moved.astype(np.float64) + 0.125).astype("<f4")
    assert overview(world.work, now=NOW).releases[0].model_sha256 == model_digest(tensor_specs(), moved.tobytes())


def test_an_older_server_app_may_not_write_after_a_newer_one_took_the_run_up(world: World) -> None:
    offer = world.ready("a", "b")
    run = world.started(offer)
    world.engine.alive.clear()
    world.reconcile()
    with pytest.raises(RunSuperseded):
        conduct(world.conductor(world.courier(), run.start), run.run_id)


def test_a_server_app_that_keeps_dying_ends_the_run_with_a_reason(world: World) -> None:
    offer = world.ready("a", "b")
    world.started(offer)
    for _ in range(MAX_STARTS + 1):
        world.engine.alive.clear()
        world.reconcile()
    ended = overview(world.work, now=NOW).runs[0].run
    assert (ended.state, ended.reason) == (RunState.ENDED, EndReason.ENGINE_FAILED)
    assert len(world.engine.started) == MAX_STARTS


def test_a_checkpoint_with_one_changed_byte_ends_the_run(world: World) -> None:
    offer = world.ready("a", "b")
    courier = world.courier()
    courier.dies_at = ("train", 2)
    run = world.started(offer)
    with pytest.raises(CourierStopped):
        conduct(world.conductor(courier, run.start), run.run_id)
    checkpoint = next(world.home.runs.rglob("round-00001.safetensors"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1] + b"\x01")
    assert conduct(world.conductor(world.courier(), run.start), run.run_id).reason is EndReason.CHECKPOINT_DAMAGED


def test_two_starts_at_once_are_one_run(world: World) -> None:
    offer = world.ready("a", "b")
    first = start_run(world.work, offer.plan_id, now=NOW)
    second = start_run(world.work, offer.plan_id, now=NOW)
    assert (first.new, second.new, first.run.run_id) == (True, False, second.run.run_id)
    world.reconcile()
    world.reconcile()
    assert len(world.engine.started) == 1
