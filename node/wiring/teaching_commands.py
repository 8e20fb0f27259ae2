"""`intramuros node certificate-verify`: did this hospital examine whoever brings this certificate?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.ground.clock import SystemClock
from node.ground.faults import system_fault
from node.teaching.errors import CertificateUnreadable
from node.teaching.proof import MAX_FILE_BYTES, read_certificate
from node.wiring.commands import JsonOption
from node.wiring.terminal import refusals, say, show


def certificate_verify(
    file: Annotated[Path, typer.Argument(help="The certificate's file, as its holder brought it.")],
    fingerprint: Annotated[str, typer.Option(help="Of the hospital that signed, as its IT reads it out.")],
    as_json: JsonOption = False,
) -> None:
    """Prove that a lay labeler's certificate was signed by another hospital and holds today."""
    with refusals():
        found = read_certificate(_content(file), fingerprint, SystemClock().now())
        line = say(
            "certificate_verified",
            holder=found.holder,
            hospital=found.hospital,
            task=found.task,
            until=found.valid_until,
        )
        show(found.model_dump(mode="json"), line, as_json=as_json)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CertificateUnreadable(file=file, reason=system_fault(error)) from None
