"""A hospital's days and the coordinator's word under them, both roles real and the line between them played."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW
from fakes.coordinator_world import World
from fakes.wall import migrated

from coordinator.flows.overview import overview
from coordinator.flows.witness import receive_root
from coordinator.membership.ledger_root import RootRefused
from node.flows.close_days import Witnessing, look
from node.flows.coordinator_line import CoordinatorRefused
from node.flows.send import OwnSite
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.outbox import Origin, Parcel
from node.storage.engine import Database
from node.storage.wall_ledger import WallOutbox
from node.storage.wall_roots import WallRoots
from protocols.ledger_roots import RootFault
from protocols.receipts import Channel

DAY = timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@dataclass
class Line:
    world: World

    def deliver(self, _kind: str, sealed: bytes) -> bytes:
        try:
            return receive_root(self.world.work, self.world.face, sealed, now=self.world.clock.now())
        except RootRefused:
            raise CoordinatorRefused("root-refused", 422) from None


def a_node(world: World, site: OwnSite, home: Path) -> Witnessing:
    home.mkdir(exist_ok=True)
    engine = migrated(Database.WALL, home)
    return Witnessing(site, WallRoots(engine), Line(world), WallOutbox(engine), world.clock)


def left(node: Witnessing, content: bytes) -> None:
    now = node.clock.now()
    parcel = Parcel(content, "error-report", Channel.FLEET, Origin(), now)
    with node.roots.closing() as door:
        door.put(parcel)
        door.enter(parcel, AuditEvent(now, Actor(ActorKind.NODE, "test"), "test.done", "test:1"))


def witnessed(node: Witnessing) -> int:
    assert isinstance(node.roots, WallRoots)
    return sum(held.sealed_witness is not None for held in node.roots.every())


def site_of(world: World) -> OwnSite:
    hospital = world.admitted("a")
    return OwnSite(hospital.site_id, hospital.identity, world.face.identity.public)


def test_day_after_day_is_closed_and_witnessed_and_nothing_is_held_against_the_hospital(
    world: World, tmp_path: Path
) -> None:
    node = a_node(world, site_of(world), tmp_path / "home")
    left(node, b"first")
    for day in range(1, 8):
        world.clock.at = NOW + day * DAY
        if day % 3 == 0:
            left(node, b"day %d" % day)
        look(node)
        assert witnessed(node) == day
    assert overview(world.work, now=world.clock.now()).evidence == ()


def test_a_node_that_begins_its_ledger_anew_is_found_at_its_first_root(world: World, tmp_path: Path) -> None:
    site = site_of(world)
    node = a_node(world, site, tmp_path / "home")
    left(node, b"first")
    for day in (1, 2):
        world.clock.at = NOW + day * DAY
        look(node)
    anew = a_node(world, site, tmp_path / "anew")
    world.clock.at = NOW + DAY
    left(anew, b"another story")
    world.clock.at = NOW + 2 * DAY
    look(anew)
    assert witnessed(anew) == 0
    assert [kept.fault for kept in overview(world.work, now=world.clock.now()).evidence] == [RootFault.TWO_ROOTS]


def test_a_coordinator_that_was_away_for_days_witnesses_them_all_when_it_is_back(world: World, tmp_path: Path) -> None:
    node = a_node(world, site_of(world), tmp_path / "home")
    left(node, b"first")
    world.clock.at = NOW + 6 * DAY
    with node.roots.closing() as door:
        assert door.last_root(node.site.site_id) is None
    look(node)
    world.clock.at = NOW + 12 * DAY
    look(node)
    assert witnessed(node) == 7
