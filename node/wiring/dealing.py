"""Cases are dealt once a day where what is dealt depends on what was read; what was drawn of closed ones is fused."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from node.edges.jobs.loop import Chore
from node.flows.act import Act
from node.flows.deal_out import deal_out_certified, deal_out_due
from node.flows.fuse_shapes import fuse_due_shapes
from node.ground.audit import Actor, ActorKind
from node.ground.clock import Clock
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.place import Place

_EVERY_SECONDS: Final = 24 * 3600.0
_SHAPES_EVERY_SECONDS: Final = 30.0
_SHAPES_AT_MOST_SECONDS: Final = 5.0
_CERTIFIED_EVERY_SECONDS: Final = 300.0
_AT_FIRST: Final = timedelta(days=1)
_STORED_WITHIN: Final = timedelta(minutes=5)
"""Far longer than a certificate waits for the database."""
_DEALER: Final = Actor(ActorKind.NODE, "jobs")


def dealing_chores(place: Place) -> list[Chore]:
    """Deals once a day, whoever read what and whenever, so that none answers an act; shapes within minutes."""
    ward = WardStore(place.engine(Database.WARD))
    return [
        Chore("deals", _EVERY_SECONDS, lambda: deal_out_due(ward, Act(_DEALER, place.clock.now()))),
        Chore("certified", _CERTIFIED_EVERY_SECONDS, CertifiedDeals(ward, place.clock)),
        Chore("shapes", _SHAPES_EVERY_SECONDS, lambda: _fuse_for_a_while(ward, place.clock)),
    ]


def _fuse_for_a_while(ward: WardStore, clock: Clock) -> None:
    """Shapes are fused for some seconds: images that wait to be cleaned share this process."""
    until = clock.monotonic_seconds() + _SHAPES_AT_MOST_SECONDS
    fuse_due_shapes(ward, Act(_DEALER, clock.now()), goes_on=lambda: clock.monotonic_seconds() < until)


class CertifiedDeals:
    """Deals to whoever a course certified since shortly before the last time, or since a day ago at the first.

    A certificate bears the time at which it was asked for and is seen once it is stored, so some are asked about twice;
    dealing twice changes nothing.
    """

    def __init__(self, ward: WardStore, clock: Clock) -> None:
        self._ward, self._clock = ward, clock
        self._since = clock.now() - _AT_FIRST

    def __call__(self) -> None:
        now = self._clock.now()
        deal_out_certified(self._ward, self._since, Act(_DEALER, now))
        self._since = now - _STORED_WITHIN
