from factories import NOW
from fakes.coordinator_world import World

from coordinator.flows.join import admit, remove
from coordinator.flows.start import live_run, start_run
from protocols.inbox import RunState


def test_an_admitted_site_is_let_in_once_and_a_removed_one_shut_out(world: World) -> None:
    hospital = world.admitted("a")
    world.reconcile()
    assert world.engine.registered == {hospital.node_id: hospital.site_id}
    remove(world.work, "a", now=NOW)
    assert world.reconcile() == 0
    assert world.engine.registered == {}


def test_while_the_engine_is_away_nothing_is_lost_and_the_next_pass_follows(world: World) -> None:
    hospital = world.enrolled("a")
    admit(world.work, "a", hospital.identity.public.fingerprint, now=NOW)
    world.engine.down = True
    assert world.reconcile() == 1
    world.engine.down = False
    assert world.reconcile() == 0
    assert list(world.engine.registered.values()) == [hospital.site_id]


def test_one_failure_does_not_hold_up_the_rest(world: World) -> None:
    offer = world.ready("a", "b")
    start_run(world.work, offer.plan_id, now=NOW)
    refused = world.enrolled("c")
    admit(world.work, "c", refused.identity.public.fingerprint, now=NOW)
    world.engine.refused = refused.site_id
    assert world.reconcile() == 1
    assert len(world.engine.started) == 1
    world.engine.refused = ""
    assert world.reconcile() == 0


def test_a_run_whose_start_was_cut_off_is_started_by_the_next_pass(world: World) -> None:
    offer = world.ready("a", "b")
    start_run(world.work, offer.plan_id, now=NOW)
    world.engine.down = True
    assert world.reconcile() == 1
    world.engine.down = False
    world.reconcile()
    run = live_run(world.work, offer.plan_id)
    assert run is not None
    assert (run.state, run.start, world.engine.started) == (RunState.RUNNING, 2, [(offer.plan_id, 2)])


def test_a_live_server_app_is_left_alone(world: World) -> None:
    offer = world.ready("a", "b")
    world.started(offer)
    for _ in range(3):
        assert world.reconcile() == 0
    assert world.engine.started == [(offer.plan_id, 1)]
