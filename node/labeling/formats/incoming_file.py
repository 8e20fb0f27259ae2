"""Label files that come in, what they say, and why one is refused; values alone, so that nothing here reads DICOM."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.ground.errors import NodeError
from node.labeling.formats.exported import Readings, Votes


class FileFault(StrEnum):
    """Why a file is refused; each has a sentence in both languages."""

    UNKNOWN_KIND = "unknown-kind"
    SEVERAL_KINDS = "several-kinds"
    NAME_TWICE = "name-twice"
    LIST_MISSING = "list-missing"
    NOT_READABLE = "not-readable"
    READER_TWICE = "reader-twice"
    TOO_LARGE = "too-large"


class Part(StrEnum):
    """What a place in a file is counted by."""

    LINE = "line"
    ANNOTATION = "annotation"
    REPORT = "report"
    CASE = "of_case"


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """One file; no other of the import has its name, which is with folders where files of several cases come in."""

    name: str
    contents: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What the files say, by the project's name of the case."""

    votes: Votes
    readings: Readings


class FileRefused(NodeError):
    """A file says nothing that can be used: which one, why, and where in it."""

    def __init__(self, file: str, fault: FileFault, place: tuple[Part, str] | None = None) -> None:
        super().__init__(fault.value)
        self.file, self.fault, self.place = file, fault, place
