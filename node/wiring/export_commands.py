"""`intramuros node export`: a project's images and labels under the project's own names, for whoever sits at the shell.

Clean files are taken apart in this process and not in the sandbox: the node wrote every element of them itself, no
picture is decoded, and nothing but UIDs, days and the pseudonym is looked into.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from node.storage.engine import Database
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import open_place
from node.wiring.project_names import project_names
from node.wiring.terminal import refusals, say, show

READINGS = "Also what each reader said, under codes; of closed cases alone, and without free text."


def export(
    project: Annotated[str, typer.Argument(help="The project's identifier; an unknown one lists all.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    home: HomeOption,
    readings: Annotated[bool, typer.Option("--readings", help=READINGS)] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a project's images and labels to a folder, under names that no other project has."""
    from node.flows.project_export import ExportParts, export_project
    from node.storage.clean_store import CleanImages
    from node.storage.export_folder import ExportFolderFiles
    from node.storage.project_images import WardProjectImages
    from node.storage.ward_store import WardStore

    with refusals():
        place = open_place(home)
        engine = place.engine(Database.WARD)
        parts = ExportParts(
            ward=WardStore(engine),
            images=WardProjectImages(engine),
            files=CleanImages(place.home.clean),
            folder=ExportFolderFiles(folder),
            names=project_names(place, project),
            version=version("intramuros"),
        )
        exported = asdict(export_project(parts, project, by_it(place), with_readings=readings))
        told = {"readings": readings, "missing": exported["missing"], "unequal": exported["unequal"]}
        also = (name for name, true in told.items() if true)
        words = exported | {"folder": folder, "unequal": ", ".join(exported["unequal"])}
        lines = [say(f"export_{name}", **words) for name in ("done", *also)]
        show(exported | {"folder": str(folder)}, *lines, as_json=as_json)
