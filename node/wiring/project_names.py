"""The names of a project at this node, from its keyring."""

from __future__ import annotations

from node.deidentify.project_key import ProjectNames, project_context
from node.ground.keyring import KeyPurpose
from node.wiring.place import Place


def project_names(place: Place, project_id: str) -> ProjectNames:
    """The names of one project at this node."""
    return ProjectNames(place.keyring.derive(KeyPurpose.PSEUDONYM, project_context(project_id)))
