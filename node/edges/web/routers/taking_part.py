"""What patients had a part in: hospital numbers come in, rounds and releases in words go out, never a number.

Who the numbers are is asked of the intake's list, what they had a part in of the wall's desk.
"""

from __future__ import annotations

from fastapi import APIRouter

from node.edges.web.bodies import NumbersBody
from node.edges.web.parts import Parts
from node.edges.web.routers.wall import DeskRoute
from node.flows.desk import SightDesk
from node.flows.exclude import known_patients
from node.flows.taking_part_views import TakingPartView


def taking_part_router(desk: SightDesk) -> APIRouter:
    """The route of `/api/exclusions/rounds` over the desk."""
    router = APIRouter(tags=["exclusions"], route_class=DeskRoute)

    @router.post("/api/exclusions/rounds")
    def rounds(body: NumbersBody, parts: Parts) -> TakingPartView:
        """The rounds and releases these patients had a part in, excluded or not; asking changes nothing."""
        return desk.taking_part(known_patients(parts.exclusions, body.numbers))

    return router
