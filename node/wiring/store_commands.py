"""`intramuros node fsck`: the stores held against the index, for whoever sits at this node's shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from node.flows.fsck import Checked, Shelf, check_stores
from node.flows.store_state import StoreState
from node.storage.engine import Database
from node.wiring.commands import HomeOption, JsonOption
from node.wiring.place import Place, open_place
from node.wiring.scrub_told import object_line, store_document, store_lines
from node.wiring.terminal import refusals, say, show

DAMAGED = 4
"""The exit code of a check that found damage; as fsck(8) has it for what is left uncorrected."""


def fsck(
    home: HomeOption,
    quick: Annotated[bool, typer.Option("--quick", help="Look for the files only, do not read them.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold every stored image against the index: missing, changed, unreadable, unknown. Exit code 4 says: damage."""
    with refusals():
        place = open_place(home)
        checked, state = _checked(_shelves(place), whole=not quick), _state(place)
        counts = {"objects": checked.objects, "files": checked.files}
        if checked.found:
            lines = [say("fsck_damaged", **counts, count=len(checked.found)), *map(object_line, checked.found)]
            lines.append(say("fsck_next"))
        else:
            lines = [say("fsck_whole", **counts)]
        document = {**counts, "whole": not checked.found, "found": [asdict(one) for one in checked.found]}
        document["store"] = store_document(state)
        lines += store_lines(state, checked.found)
        show(document, *lines, as_json=as_json)
        if checked.found:
            sys.exit(DAMAGED)


def _shelves(place: Place) -> Sequence[Shelf]:
    from node.wiring.images import intake_ground
    from node.wiring.store_chores import shelves_of

    return shelves_of(place, intake_ground(place))


def _state(place: Place) -> StoreState:
    from node.wiring.store_chores import StoreStanding

    return StoreStanding(place, place.engine(Database.INTAKE)).state()


def _checked(shelves: Sequence[Shelf], *, whole: bool) -> Checked:
    checked = Checked()
    for checked in check_stores(shelves, whole=whole):
        if sys.stderr.isatty():
            counts = {"objects": checked.objects, "files": checked.files, "count": len(checked.found)}
            typer.echo(f"\r{say('fsck_so_far', **counts)}", nl=False, err=True)
    return checked
