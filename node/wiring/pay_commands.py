"""`intramuros node statement-verify`: is a statement's file as this hospital signed it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.ground.faults import system_fault
from node.pay.document import check_statement_file
from node.pay.errors import StatementUnreadable
from node.wiring.commands import HomeOption, JsonOption
from node.wiring.place import open_place
from node.wiring.terminal import refusals, say, show


def statement_verify(
    file: Annotated[Path, typer.Argument(help="The statement's CSV file, as the page gave it.")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Prove that every byte of a statement is as this hospital signed it."""
    with refusals():
        check_statement_file(_content(file), open_place(home).keyring.identity().public)
        show({"verified": True}, say("statement_verified"), as_json=as_json)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StatementUnreadable(file=file, reason=system_fault(error)) from None
