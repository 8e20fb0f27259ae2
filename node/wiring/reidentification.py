"""Re-identification put together for the page: ward, sealed map, and the keys of this node's projects."""

from __future__ import annotations

from node.flows.reidentify import ReidentifyParts
from node.ground.ids import new_id
from node.ground.keyring import KeyPurpose
from node.intake.sealing import Sealer
from node.storage.engine import Database
from node.storage.identity_links import IdentityLinkStore
from node.storage.ward_reidentifications import WardCaseNames
from node.storage.ward_store import WardStore
from node.wiring.place import Place
from node.wiring.project_names import project_names


def reidentify_parts(place: Place, ward: WardStore) -> ReidentifyParts:
    """What re-identification is made of at this node."""
    return ReidentifyParts(
        ward=ward,
        cases=WardCaseNames(ward.engine),
        links=IdentityLinkStore(place.engine(Database.INTAKE)),
        identities=Sealer(place.keyring.derive(KeyPurpose.IDENTITY_MAP)),
        project_names=lambda project_id: project_names(place, project_id),
        new_id=new_id,
    )
