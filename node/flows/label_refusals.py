"""Why label files that come in are refused, with the place in them, as whoever brought them is told."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from node.ground.told import Phrase, Told
from node.labeling.formats.incoming_file import FileRefused
from node.labeling.outside import CASE_NAME

_FILES: Final = Phrase("terminal.label_in_files")


class LabelsRefused(Told):
    """A file, or something it says, cannot be taken; nothing was."""

    text_key = "terminal.labels_refused"


class SourceRefused(Told):
    """A source is called by a short code."""

    text_key = "terminal.label_source_refused"


def refused_file(refused: FileRefused) -> LabelsRefused:
    """A file says nothing that can be used, with the place in it as far as its format has one."""
    where = Phrase("terminal.label_in_file", {"file": refused.file}) if refused.file else _FILES
    place = refused.place
    within = "" if place is None else Phrase(f"terminal.label_in_{place[0].value}", {"name": place[1]})
    return LabelsRefused(where=where, within=within, why=Phrase(key_of("why", refused.fault)))


def labels_refused(why: str, *, case: str, reader: str = "", question: str = "") -> LabelsRefused:
    """What does not fit, with its case, reader and question, as far as it has them; a case's name only if it is one."""
    parts = [name for name, said in (("reader", reader), ("question", question)) if said]
    named = {"reader": reader, "question": question}
    within = Phrase(f"terminal.label_in_{'_'.join(parts)}", named) if parts else ""
    named_so = CASE_NAME.fullmatch(case) is not None
    where = Phrase("terminal.label_in_case", {"name": case}) if named_so else Phrase("terminal.label_in_unnamed_case")
    return LabelsRefused(where=where, within=within, why=Phrase(why))


def nothing_in(why: str) -> LabelsRefused:
    """The files hold nothing of what was asked for."""
    return LabelsRefused(where=_FILES, within="", why=Phrase(why))


def key_of(kind: str, fault: StrEnum) -> str:
    """The text for the fault."""
    return f"terminal.label_{kind}_{fault.value.replace('-', '_')}"
