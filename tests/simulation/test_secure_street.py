"""Secure runs from the coordinator's books to hospitals' walls and back: the sum is the plain one, or there is none."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.secure_walls import WalledHospital
from fakes.secure_world import SecureWorld, WalledCourier, a_secure_world, approve, checkpoint, conducted, plain_model
from fakes.wall_cast import SPECS

from coordinator.rounds.courier import CourierStopped
from coordinator.rounds.run import Run
from coordinator.rounds.starting import starting_weights
from coordinator.rounds.states import EndReason, RoundState
from node.release.ledger import verify_stored
from protocols.inbox import RunState
from protocols.masking import AdvertInstruction, MaskInstruction, ShareInstruction, SurvivorInstruction
from protocols.models import model_digest

Made = Callable[..., SecureWorld]
START = starting_weights(SPECS, 7)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    worlds: list[SecureWorld] = []

    def make(count: int, **changes: Any) -> SecureWorld:
        worlds.append(a_secure_world(tmp_path, count, **changes))
        return worlds[-1]

    yield make
    for one in worlds:
        one.close()


def carried(secure: SecureWorld, courier: WalledCourier | None = None) -> tuple[Run, WalledCourier]:
    courier, run = courier or secure.courier, secure.world.started(secure.offer)
    return conducted(secure, courier, run), courier


def outcomes(secure: SecureWorld, run: Run) -> list[tuple[int, int, int, str]]:
    """Round, attempt, number of the hospital and outcome of every training answer."""
    numbers = {one.site_id: one.number for one in secure.members}
    with secure.world.work.reading() as books:
        answers = books.answers.of_run(run.run_id)
    return [(one.round, one.attempt, numbers[one.site_id], one.outcome) for one in answers if one.step == "train"]


def told(hospital: int, kind: type[Any], number: int = 1, *, unmask: bool | None = None) -> Callable[..., bool]:
    """Whether it is this step of this round at this hospital, in the first attempt."""

    def is_it(one: WalledHospital, asked: Any) -> bool:
        if one.number != hospital or not isinstance(asked, kind):
            return False
        if (asked.about.round, asked.about.attempt) != (number, 1):
            return False
        return unmask is None or asked.unmask is unmask

    return is_it


@pytest.mark.parametrize(("count", "threshold"), [(4, 3), (5, 3)])
def test_a_run_of_several_rounds_gives_bit_for_bit_the_plain_fixed_point_model(
    made: Made, count: int, threshold: int
) -> None:
    secure = made(count, threshold=threshold)
    run, courier = carried(secure)
    assert (run.state, run.reason, run.rounds_done) == (RunState.FINISHED, None, 3)
    assert checkpoint(secure, run, 3) == plain_model(run.run_id, [secure.members] * 3)
    for one in secure.members:
        head = one.wall.ledger.head()
        assert verify_stored(one.wall.ledger.stored(head.number), head) == head.number
    sent = {row.entry.sent_sha256 for one in secure.members for row in one.wall.ledger.page(0, 100)}
    assert {hashlib.sha256(sealed).hexdigest() for _, sealed in courier.carried} == sent


def test_nothing_a_hospital_says_in_a_secure_run_holds_its_bare_vector_or_its_weight(made: Made) -> None:
    secure = made(4, threshold=3, rounds=1)
    run, courier = carried(secure)
    digest = model_digest(SPECS, START)
    for one in secure.members:
        bare = one.vector(digest, run_id=run.run_id)
        said = b"".join(sealed for site, sealed in courier.carried if site == one.site_id)
        assert bare.vector not in said
        assert bare.vector[:64] not in said
    with secure.world.work.reading() as books:
        assert {answer.weight for answer in books.answers.of_run(run.run_id)} == {None}


STEPS = [
    (AdvertInstruction, None, False),
    (ShareInstruction, None, False),
    (MaskInstruction, None, False),
    (SurvivorInstruction, False, True),
    (SurvivorInstruction, True, True),
]


@pytest.mark.parametrize("direction", ["lost", "unheard"])
@pytest.mark.parametrize(("kind", "unmask", "counts"), STEPS)
def test_a_hospital_that_drops_out_at_any_step_of_a_round_costs_only_itself(
    made: Made, kind: type[Any], unmask: bool | None, counts: bool, direction: str
) -> None:
    secure = made(5, threshold=3, rounds=2)
    courier = secure.courier
    setattr(courier, direction, told(2, kind, 2, unmask=unmask))
    run, _ = carried(secure, courier)
    others = [one for one in secure.members if one.number != 2]
    assert (run.state, run.rounds_done) == (RunState.FINISHED, 2)
    assert checkpoint(secure, run, 2) == plain_model(run.run_id, [secure.members, secure.members if counts else others])
    assert ((2, 1, 2, "silent") in outcomes(secure, run)) is not counts


@pytest.mark.parametrize(("kind", "moment", "counts"), [
    (MaskInstruction, "unheard", False), (SurvivorInstruction, "lost", True),
])  # fmt: skip
def test_a_hospital_that_withdraws_is_in_no_sum_unless_the_list_was_fixed_before(
    made: Made, kind: type[Any], moment: str, *, counts: bool
) -> None:
    secure = made(4, threshold=3, rounds=1)
    courier, third, enrolled = secure.courier, secure.members[2], secure.world.hospitals[2]

    def leaves(one: WalledHospital, asked: Any) -> bool:
        if one is third and isinstance(asked, kind):
            third.withdraw()
            secure.world.withdraw(enrolled, secure.offer)
        return False

    setattr(courier, moment, leaves)
    run, _ = carried(secure, courier)
    assert (1, 1, 3, "accepted" if counts else "withdrawn") in outcomes(secure, run)
    others = [one for one in secure.members if counts or one is not third]
    assert checkpoint(secure, run, 1) == plain_model(run.run_id, [others])
    assert "unmasking-shares" not in third.kinds()


def test_too_many_drop_outs_end_the_run_with_a_reason_after_a_second_try(made: Made) -> None:
    secure = made(4, threshold=3, rounds=1)
    courier = secure.courier
    courier.lost = lambda one, asked: one.number < 3 and isinstance(asked, MaskInstruction)
    run, _ = carried(secure, courier)
    assert (run.state, run.reason) == (RunState.ENDED, EndReason.MEMBERS_LOST)
    assert {(attempt, outcome) for _, attempt, number, outcome in outcomes(secure, run) if number == 3} == {
        (1, "masked"),
        (2, "masked"),
    }


def test_a_round_that_lost_too_many_is_tried_again_with_the_same_updates_under_fresh_masks(made: Made) -> None:
    secure = made(4, threshold=3, rounds=1)
    courier = secure.courier
    courier.unheard = lambda one, asked: (
        one.number < 3 and isinstance(asked, MaskInstruction) and asked.about.attempt == 1
    )
    run, _ = carried(secure, courier)
    assert run.state is RunState.FINISHED
    assert checkpoint(secure, run, 1) == plain_model(run.run_id, [secure.members])
    assert [one.fit.trained for one in secure.members] == [1] * 4


def test_after_a_list_was_asked_for_a_second_attempt_opens_no_other_sum(made: Made) -> None:
    secure = made(5, threshold=4, rounds=1)
    courier = secure.courier
    courier.lost = told(5, MaskInstruction)
    courier.unheard = lambda one, asked: (
        isinstance(asked, SurvivorInstruction) and asked.about.attempt == 1 and one.number < 3
    )
    run, _ = carried(secure, courier)
    assert run.state is RunState.FINISHED
    assert checkpoint(secure, run, 1) == plain_model(run.run_id, [secure.members[:4]])


@pytest.mark.parametrize("dies_at", range(1, 9))
def test_a_run_whose_server_app_dies_at_any_exchange_is_taken_up_and_comes_to_the_same_model(
    made: Made, dies_at: int
) -> None:
    secure = made(4, threshold=3, rounds=2)
    world, courier = secure.world, secure.courier
    courier.dies_at = dies_at
    run = world.started(secure.offer)
    with pytest.raises(CourierStopped):
        conducted(secure, courier, run)
    world.engine.alive.clear()
    world.reconcile()
    with world.work.reading() as books:
        again = books.runs.find(run.run_id)
    assert again is not None
    done = conducted(secure, secure.courier, again)
    assert (done.state, done.reason) == (RunState.FINISHED, None)
    assert checkpoint(secure, done, 2) == plain_model(run.run_id, [secure.members] * 2)
    assert [one.fit.trained for one in secure.members] == [2] * 4


@pytest.mark.parametrize(("count", "threshold"), [(6, 3), (3, 4)])
def test_a_number_of_hospitals_that_the_threshold_does_not_fit_ends_the_run_before_anybody_is_asked(
    made: Made, count: int, threshold: int
) -> None:
    secure = made(count, threshold=threshold)
    run, courier = carried(secure)
    assert (run.state, run.reason) == (RunState.ENDED, EndReason.MEMBERS_DO_NOT_FIT)
    assert courier.exchanges == 0


def test_a_hospital_that_approves_after_the_first_question_is_no_member_of_the_run(made: Made) -> None:
    secure = made(4, threshold=3, rounds=2)
    courier, world = secure.courier, secure.world
    late = world.admitted("late")

    def approves(_one: WalledHospital, asked: Any) -> bool:
        if isinstance(asked, SurvivorInstruction) and asked.about.round == 1:
            approve(world, late, secure.offer)
        return False

    courier.unheard = approves
    run, _ = carried(secure, courier)
    assert run.state is RunState.FINISHED
    with world.work.reading() as books:
        assert books.runs.members(run.run_id) == tuple(sorted(one.site_id for one in secure.members))
        assert {held.sites for held in books.rounds.of_run(run.run_id) if held.state is RoundState.CLOSED} == {4}
