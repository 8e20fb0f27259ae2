"""`intramuros node labels`: files of an export come in again, as readings of a named source or as what is true.

The files are taken apart by a child behind the sandbox's walls: they come from outside.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.storage.engine import Database
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import open_place
from node.wiring.project_names import project_names
from node.wiring.terminal import refusals, say, show

if TYPE_CHECKING:
    from node.labeling.formats.incoming_file import IncomingFile

FILES = "Of one format: readings.csv, labels.csv, coco.json, fhir.json, DICOM SEG or SR, or NIfTI with its lists."
SOURCE = "Whose readings these are, a short code; without it they are taken as what is true (gold)."


def labels(
    project: Annotated[str, typer.Argument(help="The project's identifier; an unknown one lists all.")],
    files: Annotated[list[Path], typer.Argument(help=FILES, exists=True, dir_okay=False, readable=True)],
    home: HomeOption,
    source: Annotated[str | None, typer.Option(help=SOURCE)] = None,
    as_json: JsonOption = False,
) -> None:
    """Take files of an export of this project as a source's readings, or as gold; all of them or none."""
    from node.edges.sandbox.label_files import EnclosedLabelFiles
    from node.flows.import_labels import ImportParts, import_labels
    from node.storage.clean_index import CleanIndexStore
    from node.storage.project_images import WardProjectImages
    from node.storage.ward_store import WardStore

    with refusals():
        place = open_place(home)
        engine = place.engine(Database.WARD)
        parts = ImportParts(
            ward=WardStore(engine),
            images=WardProjectImages(engine),
            places=CleanIndexStore(place.engine(Database.INTAKE)),
            files=EnclosedLabelFiles(),
            names=project_names(place, project),
        )
        done = asdict(import_labels(parts, project, incoming_files(files), source, by_it(place)))
        told = "labels_gold" if source is None else "labels_read"
        show(done, say(told, **done, source=source or ""), as_json=as_json)


def incoming_files(files: Sequence[Path]) -> list[IncomingFile]:
    """Each file under its path from the folder that holds them all: files of several cases bear equal names.

    Raises:
        LabelsRefused: together they are too large; nothing was read.
    """
    from node.edges.sandbox.label_files import MOST_BYTES
    from node.flows.label_refusals import refused_file
    from node.labeling.formats.incoming_file import FileFault, FileRefused, IncomingFile

    if sum(file.stat().st_size for file in files) > MOST_BYTES:
        raise refused_file(FileRefused(files[0].name, FileFault.TOO_LARGE))
    paths = [file.resolve() for file in files]
    above = os.path.commonpath([path.parent for path in paths])
    return [IncomingFile(path.relative_to(above).as_posix(), path.read_bytes()) for path in paths]
