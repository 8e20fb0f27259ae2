"""The import of a folder, a DICOMDIR or a zip archive, as durable as what a modality sends."""

from __future__ import annotations

from pathlib import Path

from node.flows.bring_in import ImportCounts, bring_in
from node.flows.import_sources import count_files
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind
from node.storage.intake_parts import receive_parts
from node.wiring.images import intake_ground
from node.wiring.import_progress import followed
from node.wiring.place import Place


def import_path(place: Place, path: Path, *, json_lines: bool) -> ImportCounts:
    """Every DICOM file at a path is received; whoever looks on was told how far it is."""
    total = count_files(path)
    receiving = Receiving(receive_parts(intake_ground(place), place.config.dicom))
    return followed(bring_in(path, receiving, Actor(ActorKind.NODE, "import")), total, json_lines=json_lines)
