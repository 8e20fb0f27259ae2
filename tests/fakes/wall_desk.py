"""The desk of a played wall, joined or not."""

from __future__ import annotations

from factories import SITE
from fakes.wall import Wall
from fakes.wall_cast import COORDINATOR_IDENTITY, HOSPITAL

from node.flows.peers import Peers
from node.flows.wall_desk import DeskMember, DeskSight, InnerDesk
from node.ground.membership import Membership
from node.storage.wall_peers import WallPeers
from node.storage.wall_roots import WallRoots
from node.storage.wall_taking_part import WallTakingPart
from node.storage.wall_verdicts import WallCohorts


class Told:
    """Whom the desk told of decisions."""

    def __init__(self) -> None:
        self.approved: list[str] = []
        self.withdrawn: list[str] = []


def a_desk(wall: Wall, told: Told | None = None, *, joined: bool = True) -> InnerDesk:
    """The desk over a wall's stores."""
    told = told or Told()
    books = WallCohorts(wall.engine), WallRoots(wall.engine), WallTakingPart(wall.engine)
    sight = DeskSight(wall.ledger, wall.contact, wall.outbox, wall.verdicts, *books)
    membership = Membership(
        site_id=SITE,
        coordinator_name="Example coordinator",
        coordinator_key=COORDINATOR_IDENTITY.public.raw,
        address="127.0.0.1:9443",
        authority_pem="",
        joined_at=wall.clock.now(),
    )
    kept = WallPeers(wall.engine, COORDINATOR_IDENTITY.public)
    peers = Peers(wall.site, kept, kept, wall.clock, lambda count: bytes(range(count)))
    decides = wall.stewardship, wall.stops, wall.exports.permits, told.approved.append, told.withdrawn.append
    member = DeskMember(membership, *decides, peers)
    return InnerDesk(HOSPITAL.public.fingerprint, sight, member if joined else None)
