"""What patients had a part in, put together for a command: the intake knows who they are, the wall what they did."""

from __future__ import annotations

from collections.abc import Sequence

from node.flows.exclude import known_patients
from node.flows.taking_part import PartSight, taking_part
from node.flows.taking_part_views import TakingPartView
from node.ground.membership import read_membership
from node.storage.engine import Database
from node.storage.wall_contact import WallContact
from node.storage.wall_plans import WallPlans
from node.storage.wall_taking_part import WallTakingPart
from node.wiring.exclusions import exclude_parts
from node.wiring.place import Place


def parts_of_patients(place: Place, numbers: Sequence[str]) -> TakingPartView:
    """What the patients of these hospital numbers had a part in, read where the wall keeps it.

    Raises:
        NumberInvalid, NumbersMissing, NumbersTooMany: as `known_patients`.
        MembershipMissing: the node has not joined, so nobody had a part in anything.
    """
    wall, coordinator = place.engine(Database.WALL), read_membership(place.home.membership).coordinator
    sight = PartSight(WallTakingPart(wall), WallContact(wall), WallPlans(wall, coordinator))
    return taking_part(sight, known_patients(exclude_parts(place), numbers))
