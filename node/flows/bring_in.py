"""A folder brought in: every DICOM file under it received like a sent instance, counted, nothing named by its path.

Files without the DICOM prefix are counted and left alone; a file whose header is cut off is set aside. Links are not
followed. Stops at the first file the disk has no room for; bringing the same folder in again goes on where it stopped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final

from node.flows.receive import Receiving
from node.ground.audit import Actor
from node.intake.errors import InstanceTooLarge, NoDicomFound, PathMissing
from node.intake.part10 import MEDIA_DIRECTORY, FileBroken, is_dicom, opened
from node.intake.received import Outcome

_AT_ONCE: Final = 4
_STRIDE: Final = 64


class Skipped(StrEnum):
    """Why a file was not received."""

    NOT_DICOM = "not_dicom"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    DIRECTORY_FILE = "directory_file"
    """A DICOMDIR: an index of files, no image."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many files of a folder came to what end, so far."""

    stored: int = 0
    duplicate: int = 0
    conflict: int = 0
    set_aside: int = 0
    not_dicom: int = 0
    unreadable: int = 0
    too_large: int = 0
    directory_file: int = 0

    @property
    def files(self) -> int:
        """All files looked at."""
        return sum(getattr(self, name) for name in self.__dataclass_fields__)

    @property
    def received(self) -> int:
        """Files the node now keeps, also those it kept before."""
        return self.stored + self.duplicate + self.conflict + self.set_aside


def bring_in(path: Path, receiving: Receiving, actor: Actor) -> Generator[ImportCounts, None, ImportCounts]:
    """Every DICOM file under `path` is received; yields the counts as they grow and returns the last.

    Raises:
        PathMissing: there is nothing to read at `path`.
        NoDicomFound: none of the files is DICOM.
        StoreFull, StoreFailed: as `Receiving.receive`; what was counted before stays received.
    """
    if not path.exists() or not os.access(path, os.R_OK):
        raise PathMissing
    tally: Counter[str] = Counter()
    files = _files(path)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="import") as pool:
        while stride := list(islice(files, _STRIDE)):
            tally.update(pool.map(lambda file: _received(file, receiving, actor).value, stride))
            yield ImportCounts(**tally)
    counts = ImportCounts(**tally)
    if not counts.received + counts.too_large + counts.directory_file:
        raise NoDicomFound(files=counts.files)
    return counts


def _files(path: Path) -> Iterator[Path]:
    """Regular files in a fixed order, links not followed."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if not file.is_symlink() and file.is_file():
                yield file


def _received(path: Path, receiving: Receiving, actor: Actor) -> Outcome | Skipped:
    try:
        with path.open("rb") as file:
            head = file.read(132)
            if not is_dicom(head):
                return Skipped.NOT_DICOM
            if os.fstat(file.fileno()).st_size > receiving.max_file_bytes:
                return Skipped.TOO_LARGE
            contents = head + file.read()
    except OSError:
        return Skipped.UNREADABLE
    try:
        instance = opened(contents)
        if instance.sop_class_uid == MEDIA_DIRECTORY:
            return Skipped.DIRECTORY_FILE
        return receiving.receive(instance, actor)
    except FileBroken:
        return receiving.set_aside(contents, actor)
    except InstanceTooLarge:
        return Skipped.TOO_LARGE
