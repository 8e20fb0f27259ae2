"""Many hospitals of one plain run: honest ones behind their real walls, and every way of not being one.

The coordinator's store, flows and courier are real, the grid is `fakes.federation`, time moves only once every node has
done what it does. `Way` says what a site is like, `counted` in which rounds its update belongs in the sum.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from factories import an_approval
from fakes.broken_words import LIES, told
from fakes.coordinator_world import World
from fakes.federation import FakeGrid, Respond, crashed, node_with, silent
from fakes.hospitals import Hospital
from fakes.secure_walls import WalledHospital, kept_offer
from fakes.secure_world import offered
from fakes.wall_cast import a_real_plan
from flwr.app import Message

from coordinator.edges.federation.grid import Clock
from coordinator.edges.federation.server_app import GridCourier
from coordinator.flows.conduct import conduct
from coordinator.offers.offer import Offer
from coordinator.rounds.run import Run
from node.edges.federation.worker import Answers, WorkerSettings
from node.flows.inbox import COORDINATOR
from node.ground.audit import AuditEvent
from node.storage.wall_send import WallUnit
from protocols.approvals import Bounds
from protocols.errors import RefusalCode

ROUNDS, DEADLINE_SECONDS, SLOW_SECONDS = 3, 10, 7.0
LAST_ROUND_APPROVED = 1
"""Of a site that approved fewer rounds than the plan has, or withdraws when it is asked for the next."""
SETTINGS = WorkerSettings("127.0.0.1:1", Path("secret"), "a" * 64)


class Way(StrEnum):
    """What a site is like."""

    HONEST = "honest"
    NARROW = "narrow"
    """Honest, and approved the first round only."""
    LEAVING = "leaving"
    """Honest, and withdraws when it is asked for the second round."""
    SLOW = "slow"
    """Honest, and takes most of every deadline."""
    LATE = "late"
    """Honest, and answers its first instruction after the deadline."""
    NOT_FINITE = "not-finite"
    """Its training gives numbers that are none; its wall stands."""
    LYING = "lying"
    SILENT = "silent"
    CRASHED = "crashed"
    UNASKED = "unasked"
    """It never approved."""


WALLED = frozenset({Way.HONEST, Way.NARROW, Way.LEAVING, Way.SLOW, Way.LATE, Way.NOT_FINITE})
SHARES: Mapping[Way, float] = {
    Way.HONEST: 0.48, Way.NARROW: 0.05, Way.LEAVING: 0.04, Way.SLOW: 0.05, Way.LATE: 0.05, Way.NOT_FINITE: 0.05,
    Way.LYING: 0.12, Way.SILENT: 0.08, Way.CRASHED: 0.04, Way.UNASKED: 0.04,
}  # fmt: skip


def counted(way: Way, number: int) -> bool:
    """Whether an update of such a site belongs in the sum of a round."""
    match way:
        case Way.HONEST | Way.SLOW:
            return True
        case Way.NARROW | Way.LEAVING:
            return number <= LAST_ROUND_APPROVED
        case Way.LATE:
            return number > 1
        case _:
            return False


def ways_of(count: int, rng: random.Random) -> list[Way]:
    """So many ways in the shares of the table, each at least once, in any order; honest ones fill up."""
    drawn = [way for way, share in SHARES.items() for _ in range(max(1, int(share * count)))]
    ways = [*drawn, *[Way.HONEST] * (count - len(drawn))]
    rng.shuffle(ways)
    return ways


@dataclass
class PlayedSite:
    """One site: its way, itself as the coordinator knows it, its wall if it has one, and how often it was asked."""

    way: Way
    enrolled: Hospital
    wall: WalledHospital | None
    lie: str
    asked: list[str] = field(default_factory=list)


@dataclass
class ManyHospitals:
    """A coordinator with its offer and all sites."""

    world: World
    offer: Offer
    sites: list[PlayedSite]

    def conducted(self) -> Run:
        """The run of the offer, to its end, over the grid."""
        grid = FakeGrid(
            {site.enrolled.node_id: self._respond(site) for site in self.sites},
            delay=self._delay,
            now=self.world.clock.monotonic_seconds,
        )

        def passes(seconds: float) -> None:
            grid.settle()
            _pulls_are_over()
            self.world.clock.sleep(seconds)

        courier = GridCourier(grid, Clock(self.world.clock.monotonic_seconds, passes))
        run = self.world.started(self.offer)
        try:
            return conduct(self.world.conductor(courier, run.start), run.run_id)
        finally:
            grid.close()

    def walled(self) -> Iterator[tuple[Way, WalledHospital]]:
        """Every site with a wall."""
        for site in self.sites:
            if site.wall is not None:
                yield site.way, site.wall

    def in_round(self, number: int) -> list[WalledHospital]:
        """The walls whose update belongs in the sum of a round."""
        return [wall for way, wall in self.walled() if counted(way, number)]

    def close(self) -> None:
        for _, wall in self.walled():
            wall.stop()
        self.world.close()

    def _delay(self, node_id: int, before: int) -> float:
        way = next(site.way for site in self.sites if site.enrolled.node_id == node_id)
        if way is Way.LATE and before == 0:
            return DEADLINE_SECONDS + 30.0
        return SLOW_SECONDS if way is Way.SLOW else 0.0

    def _respond(self, site: PlayedSite) -> Respond:
        answer = self._answers(site)

        def heard(message: Message) -> Message | None:
            site.asked.append(message.metadata.message_type)
            if site.way is Way.LEAVING and site.asked.count("train") == LAST_ROUND_APPROVED + 1:
                self._leaves(site)
            return answer(message)

        return heard

    def _answers(self, site: PlayedSite) -> Respond:
        if site.wall is not None:
            answering = site.wall.wall.answering
            return node_with(Answers(answering.answer, answering.refuse), SETTINGS)
        if site.way is Way.LYING:
            return node_with(Answers(lambda _type, sealed: told(site.enrolled, sealed, site.lie), _nothing), SETTINGS)
        return crashed if site.way is Way.CRASHED else silent

    def _leaves(self, site: PlayedSite) -> None:
        assert site.wall is not None
        site.wall.withdraw()
        self.world.withdraw(site.enrolled, self.offer)


def _pulls_are_over() -> None:
    """Every pull that was begun has ended: none is late because the machine is."""
    for thread in threading.enumerate():
        if thread.name == "pull":
            thread.join()


def _nothing(code: RefusalCode) -> bytes:
    raise AssertionError(f"a lying site was made to refuse: {code.value}")


@contextmanager
def many_hospitals(folder: Path, count: int, *, seed: int, **changes: Any) -> Iterator[ManyHospitals]:
    """So many sites, drawn by a seed, and a plan that all but the unasked ones approved."""
    rng, world = random.Random(seed), World(folder)
    ways = ways_of(count, rng)
    enrolled = [world.admitted(f"h{number}") for number in range(1, count + 1)]
    world.plan()
    fields = {"rounds": ROUNDS, "round_deadline_seconds": DEADLINE_SECONDS, "quorum": count // 4, **changes}
    offer = offered(world, a_real_plan(partner_id=world.partner_id, **fields))
    sites = []
    for number, (way, one) in enumerate(zip(ways, enrolled, strict=True), start=1):
        bounds = Bounds(
            max_rounds=LAST_ROUND_APPROVED if way is Way.NARROW else ROUNDS, max_attempts_per_round=1, max_cases=100
        )
        if way is not Way.UNASKED:
            world.approve(one, offer, bounds=bounds)
        wall = a_walled_site(folder, number, one, offer, bounds) if way in WALLED else None
        if wall is not None and way is Way.NOT_FINITE:
            wall.fit.update = lambda start: {name: np.full_like(t, np.nan) for name, t in start.items()}
        sites.append(PlayedSite(way, one, wall, rng.choice(sorted(LIES))))
    made = ManyHospitals(world, offer, sites)
    try:
        yield made
    finally:
        made.close()


def a_walled_site(folder: Path, number: int, one: Hospital, offer: Offer, bounds: Bounds) -> WalledHospital:
    """A site's real wall, which holds an approval of these bounds."""
    made = WalledHospital(number, offer.plan, folder / one.name, {}, secure=False, named=one.site_id, key=one.identity)
    held = kept_offer(made, offer.sealed_offer)
    approval = an_approval(
        plan_id=offer.plan_id,
        site_id=one.site_id,
        offer_sha256=held.sha256,
        bounds=bounds,
        approved_at=made.wall.clock.now(),
    )
    with WallUnit(made.wall.engine).deciding() as door:
        event = AuditEvent(made.wall.clock.now(), COORDINATOR, "plan.approved", f"approval:{approval.approval_id}")
        door.hold(approval, event)
    return made
