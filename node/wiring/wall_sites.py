"""This hospital as it signs, and whom it believes: for the wall and for the shell, without what trains."""

from __future__ import annotations

import os

from node.flows.peers import Peers
from node.flows.send import OwnSite
from node.ground.membership import Membership
from node.storage.wall_peers import WallPeers
from node.wiring.place import Place


def own_site(place: Place, membership: Membership) -> OwnSite:
    """This hospital as it signs and as the coordinator knows it."""
    return OwnSite(membership.site_id, place.keyring.identity(), membership.coordinator)


def peers_of(place: Place, site: OwnSite, kept: WallPeers) -> Peers:
    """Other hospitals' keys, as this hospital's roster and its own words have them."""
    return Peers(site, kept, kept, place.clock, os.urandom)
