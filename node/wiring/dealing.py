"""Cases are dealt once a day where what is dealt depends on what was read: extra reads, and repeats."""

from __future__ import annotations

from typing import Final

from node.edges.jobs.loop import Chore
from node.flows.act import Act
from node.flows.deal_out import deal_out_due
from node.ground.audit import Actor, ActorKind
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.place import Place

_EVERY_SECONDS: Final = 24 * 3600.0
_DEALER: Final = Actor(ActorKind.NODE, "jobs")


def dealing_chores(place: Place) -> list[Chore]:
    """Once a day, whoever read what and whenever: so that no deal answers an act."""
    ward = WardStore(place.engine(Database.WARD))
    return [Chore("deals", _EVERY_SECONDS, lambda: deal_out_due(ward, Act(_DEALER, place.clock.now())))]
