"""Which plan a new one is compared with: the one of its partner for its question that this hospital approved last."""

from datetime import timedelta

import pytest
from factories import NOW, PLAN
from fakes.wall import Wall
from fakes.wall_cast import a_real_plan
from fakes.wall_desk import a_desk

from node.flows.wall_views import PlanChangesView
from node.release.bounds import Offer

PARTNER_OF_ANOTHER = "77777777-7777-4777-8777-777777777777"


def another(wall: Wall, number: int, **changes: object) -> Offer:
    """An offer of another plan of the same partner."""
    plan = a_real_plan(plan_id=PLAN[:-1] + str(number), **changes)
    return wall.offer(plan, offered_at=NOW + timedelta(minutes=number))


def changes(wall: Wall, offered: Offer) -> PlanChangesView | None:
    return a_desk(wall).plan(offered.sha256).changes


def test_a_first_plan_is_compared_with_nothing(wall: Wall) -> None:
    assert changes(wall, wall.offer()) is None


def test_a_new_version_is_compared_with_the_one_approved_whatever_it_is_called(wall: Wall) -> None:
    former = wall.offer()
    wall.approve(former, max_rounds=1)
    said = changes(wall, another(wall, 5, rounds=2, quorum=3))
    assert said is not None
    assert (said.former_plan_id, said.approved_at, said.former_bounds.max_rounds) == (PLAN, wall.clock.now(), 1)
    assert [(change.text.en, change.weight.value) for change in said.changes] == [
        ("Rounds: 3 → 2", "tighter"),
        ("Hospitals that take part at least: 2 → 3", "tighter"),
    ]
    assert said.changes[0].text.ko == "라운드 수: 3 → 2"


def test_the_latest_approval_counts_also_one_that_was_stopped_since(wall: Wall) -> None:
    wall.approve(wall.offer())
    wall.clock.pass_time(timedelta(hours=1))
    second = another(wall, 5, quorum=3)
    wall.approve(second)
    wall.stop(second)
    said = changes(wall, another(wall, 6, quorum=4))
    assert said is not None
    assert [change.text.en for change in said.changes] == ["Hospitals that take part at least: 3 → 4"]


def test_a_plan_that_was_never_approved_here_is_no_former_one(wall: Wall) -> None:
    wall.offer()
    assert changes(wall, another(wall, 5)) is None


def test_an_approved_plan_keeps_being_compared_with_the_one_before_it(wall: Wall) -> None:
    first = wall.offer()
    wall.approve(first)
    wall.clock.pass_time(timedelta(hours=1))
    second = another(wall, 5, quorum=3)
    wall.approve(second)
    assert changes(wall, first) is None
    said = changes(wall, second)
    assert said is not None
    assert said.former_plan_id == PLAN


@pytest.mark.parametrize("change", [{"partner_id": PARTNER_OF_ANOTHER}])
def test_another_partners_plan_is_no_former_one(wall: Wall, change: dict[str, str]) -> None:
    wall.approve(wall.offer())
    assert changes(wall, another(wall, 5, **change)) is None
