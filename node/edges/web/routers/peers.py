"""Other hospitals' keys: whom this hospital believes, and the two steps of a comparison by telephone.

Nothing is decided here; the desk answers over the wall's socket.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, status
from fastapi import Path as FromPath

from node.edges.web.routers.wall import Asking, DeskRoute
from node.flows.desk import PeerDesk
from node.flows.peer_views import ComparisonForm, ComparisonView, HeardForm, PeersView, PeerView

SiteId = Annotated[str, FromPath(pattern=r"^[0-9a-f-]{36}$")]


def peers_router(desk: PeerDesk) -> APIRouter:
    """The routes of `/api/peers` over the desk."""
    router = APIRouter(prefix="/api/peers", tags=["wall"], route_class=DeskRoute)

    @router.get("")
    def peers() -> PeersView:
        """Every member of the roster, and what this hospital makes of its key."""
        return desk.peers()

    @router.post("/{site_id}/comparison", status_code=status.HTTP_201_CREATED)
    def compare(site_id: SiteId, form: ComparisonForm, person: Asking) -> ComparisonView:
        """A comparison is under way; what to read out on the telephone."""
        return desk.compare_peer(site_id, form, person_id=person.person_id)

    @router.post("/{site_id}/signature", status_code=status.HTTP_201_CREATED)
    def sign(site_id: SiteId, form: HeardForm, person: Asking) -> PeerView:
        """The member whose key this hospital vouches for, once the words heard are the right ones."""
        return desk.sign_peer(site_id, form, person_id=person.person_id)

    @router.post("/{site_id}/revocation", status_code=status.HTTP_201_CREATED)
    def revoke(site_id: SiteId, person: Asking) -> PeerView:
        """The member whose key this hospital believes no more."""
        return desk.revoke_peer(site_id, person_id=person.person_id)

    return router
