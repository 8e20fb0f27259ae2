"""`intramuros node gold`: what a corrected file of an export says was agreed, becomes a project's gold."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from node.storage.engine import Database
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import open_place
from node.wiring.project_names import project_names
from node.wiring.terminal import refusals, say, show

FILE = "labels.csv or fhir.json of an export of this project, as it is or corrected."


def gold(
    project: Annotated[str, typer.Argument(help="The project's identifier; an unknown one lists all.")],
    file: Annotated[Path, typer.Argument(help=FILE, exists=True, dir_okay=False, readable=True)],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Make what the file says was agreed the project's gold, in the place of all gold it had."""
    from node.flows.import_gold import import_gold
    from node.storage.ward_store import WardStore

    with refusals():
        place = open_place(home)
        ward, names = WardStore(place.engine(Database.WARD)), project_names(place, project)
        done = asdict(import_gold(ward, names, project, (file.suffix.lower(), file.read_bytes()), by_it(place)))
        show(done, say("gold_imported", **done), as_json=as_json)
