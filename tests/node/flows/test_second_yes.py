"""The two-person rule: what one steward says counts for nothing, and only another one makes it an approval."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from fakes.asking import answer, refusal, train, update
from fakes.wall import Wall
from fakes.wall_cast import PERSON

from node.flows.approve import OfferUnknown, PlanTaken, Stewardship, approve
from node.flows.second_yes import confirm, drop_first_yes, say_first_yes
from node.ground.config import NodeConfig
from node.release.approvals import ActRefused
from node.release.bounds import Offer
from node.release.refusals import GateRefused, OutsideApproval, PlanStopped
from node.release.stops import Office
from node.release.wish import ApprovalWish, FirstYes, FirstYesGone, SecondYesIsYours, SecondYesNeeded
from node.storage.audit import events
from node.storage.wall_tables import audit
from protocols.approvals import Bounds
from protocols.errors import RefusalCode

OTHER = PERSON[:-1] + ("0" if PERSON[-1] != "0" else "1")
THIRD = PERSON[:-1] + ("8" if PERSON[-1] != "8" else "9")


@pytest.fixture
def desk(wall: Wall) -> Stewardship:
    """The desk of a hospital that approves by two people."""
    return replace(wall.stewardship, two_people=True)


def wish(wall: Wall, offered: Offer, *, days: int = 30, **bounds: int) -> ApprovalWish:
    widest = {"max_rounds": 3, "max_attempts_per_round": 3, "max_cases": 100}
    return ApprovalWish(offered.sha256, Bounds(**{**widest, **bounds}), True, wall.clock.now() + timedelta(days=days))


def waiting(wall: Wall, offered: Offer) -> FirstYes | None:
    known = wall.plans.offer(offered.sha256)
    assert known is not None
    return known.first_yes


def test_one_person_is_enough_unless_the_hospital_says_otherwise() -> None:
    assert not NodeConfig(name="Example").wall.two_people
    assert NodeConfig.model_validate({"name": "Example", "wall": {"two_people": True}}).wall.two_people


def test_a_first_yes_signs_nothing_and_lets_nothing_leave(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    assert waiting(wall, offered) == first
    assert wall.ledger.head().number == 0
    assert wall.outbox.waiting() == []
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_MISSING


def test_the_second_yes_signs_exactly_what_the_first_wished_for(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    wished = wish(wall, offered, max_rounds=2, max_cases=77, days=9)
    first = say_first_yes(desk, wished, PERSON)
    wall.clock.pass_time(timedelta(days=1))
    given = confirm(desk, offered.sha256, first.yes_id, OTHER)
    assert (given.bounds, given.expires_at, given.approved_at) == (wished.bounds, wished.expires_at, wall.clock.now())
    assert waiting(wall, offered) is None
    update(answer(wall, train()))


def test_nobody_is_the_second_person_to_themselves_nor_approves_alone(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    with pytest.raises(SecondYesIsYours):
        confirm(desk, offered.sha256, first.yes_id, PERSON)
    for person in (PERSON, OTHER):
        with pytest.raises(SecondYesNeeded):
            approve(desk, wish(wall, offered), person)
    assert waiting(wall, offered) == first
    assert wall.ledger.head().number == 0


def test_what_was_said_anew_takes_the_place_of_what_was_read(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    read = say_first_yes(desk, wish(wall, offered, max_rounds=1), PERSON)
    anew = say_first_yes(desk, wish(wall, offered, max_rounds=3), PERSON)
    with pytest.raises(FirstYesGone):
        confirm(desk, offered.sha256, read.yes_id, OTHER)
    assert confirm(desk, offered.sha256, anew.yes_id, OTHER).bounds.max_rounds == 3


@pytest.mark.parametrize("person", [PERSON, OTHER], ids=["taken back", "turned down"])
def test_a_first_yes_that_was_dropped_waits_no_more(wall: Wall, desk: Stewardship, person: str) -> None:
    offered = wall.offer()
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    drop_first_yes(desk, offered.sha256, first.yes_id, person)
    assert waiting(wall, offered) is None
    with pytest.raises(FirstYesGone):
        confirm(desk, offered.sha256, first.yes_id, OTHER)
    with pytest.raises(FirstYesGone):
        drop_first_yes(desk, offered.sha256, first.yes_id, person)


def test_a_stop_ends_a_first_yes_for_good(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    wall.stop(offered, Office.ETHICS)
    with pytest.raises(FirstYesGone):
        confirm(desk, offered.sha256, first.yes_id, OTHER)
    with pytest.raises(PlanStopped):
        say_first_yes(desk, wish(wall, offered), PERSON)
    wall.lift(offered, Office.ETHICS)
    with pytest.raises(FirstYesGone):
        confirm(desk, offered.sha256, first.yes_id, OTHER)


def test_what_could_not_be_approved_is_refused_at_the_first_yes(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    for refused, wished in (
        (OutsideApproval, wish(wall, offered, max_rounds=4)),
        (GateRefused, wish(wall, offered, days=-1)),
        (OfferUnknown, replace(wish(wall, offered), offer_sha256="ab" * 32)),
    ):
        with pytest.raises(refused):
            say_first_yes(desk, wished, PERSON)
    assert waiting(wall, offered) is None


def test_what_can_no_longer_be_approved_is_refused_at_the_second(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    first = say_first_yes(desk, wish(wall, offered, days=2), PERSON)
    wall.clock.pass_time(timedelta(days=2))
    with pytest.raises(GateRefused):
        confirm(desk, offered.sha256, first.yes_id, OTHER)
    assert wall.ledger.head().number == 0


def test_a_plan_that_is_approved_takes_no_other_first_yes(wall: Wall, desk: Stewardship) -> None:
    offered, other = wall.offer(), wall.offer(offered_at=wall.clock.now() + timedelta(hours=1))
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    confirm(desk, offered.sha256, first.yes_id, OTHER)
    with pytest.raises(ActRefused):
        say_first_yes(desk, wish(wall, offered), PERSON)
    with pytest.raises(PlanTaken):
        say_first_yes(desk, wish(wall, other), PERSON)


def test_a_first_yes_is_for_one_offer_and_not_for_another_of_the_same_plan(wall: Wall, desk: Stewardship) -> None:
    offered, other = wall.offer(), wall.offer(offered_at=wall.clock.now() + timedelta(hours=1))
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    assert waiting(wall, other) is None
    with pytest.raises(FirstYesGone):
        confirm(desk, other.sha256, first.yes_id, OTHER)


def test_a_hospital_that_went_back_to_one_person_drops_what_waited(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    say_first_yes(desk, wish(wall, offered), PERSON)
    approve(wall.stewardship, wish(wall, offered), OTHER)
    assert waiting(wall, offered) is None


def test_both_people_stand_in_the_audit_trail(wall: Wall, desk: Stewardship) -> None:
    offered = wall.offer()
    first = say_first_yes(desk, wish(wall, offered), PERSON)
    confirm(desk, offered.sha256, first.yes_id, OTHER)
    with wall.engine.connect() as connection:
        told = [(event.action, event.actor.actor_id) for event in events(connection, audit)]
    assert {("plan.first-yes", PERSON), ("plan.confirmed", OTHER), ("plan.approved", OTHER)} <= set(told)


def test_two_seconds_at_once_give_one_approval(wall: Wall, desk: Stewardship) -> None:
    offered, failed = wall.offer(), []
    first = say_first_yes(desk, wish(wall, offered), PERSON)

    def second(person: str) -> None:
        try:
            confirm(desk, offered.sha256, first.yes_id, person)
        except (FirstYesGone, PlanTaken, ActRefused) as refused:
            failed.append(refused)

    threads = [Thread(target=second, args=(person,)) for person in (OTHER, THIRD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 1
    assert wall.ledger.head().number == 1
