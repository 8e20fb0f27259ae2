"""A folder, DICOMDIR or zip brought in: every DICOM file received like a sent instance, counted, never named by path.

Files without the DICOM prefix are counted and left alone; a file whose header is cut off is set aside. Stops at the
first file the disk has no room for; bringing the same path in again goes on where it stopped.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

from node.flows.import_sources import Skipped, Source, sources
from node.flows.receive import Receiving
from node.ground.audit import Actor
from node.intake.archive import looks_like_archive
from node.intake.errors import InstanceTooLarge, NoDicomFound
from node.intake.part10 import MEDIA_DIRECTORY, FileBroken, is_dicom, opened
from node.intake.received import Outcome

_AT_ONCE: Final = 4
_STRIDE: Final = 64
_UNREADABLE: Final = (OSError, BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What the system says to a file, and what unpacking says to an entry that is not what its list promised."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many files came to what end, so far."""

    stored: int = 0
    duplicate: int = 0
    conflict: int = 0
    set_aside: int = 0
    not_dicom: int = 0
    unreadable: int = 0
    too_large: int = 0
    directory_file: int = 0
    archive: int = 0
    link: int = 0
    missing: int = 0

    @property
    def files(self) -> int:
        """All files looked at."""
        return sum(getattr(self, name) for name in self.__dataclass_fields__)

    @property
    def received(self) -> int:
        """Files the node now keeps, also those it kept before."""
        return self.stored + self.duplicate + self.conflict + self.set_aside


def bring_in(path: Path, receiving: Receiving, actor: Actor) -> Generator[ImportCounts, None, ImportCounts]:
    """Every DICOM file at `path` is received; yields the counts as they grow and returns the last.

    Raises:
        PathMissing: there is nothing to read at `path`.
        ArchiveRefused, DirectoryBroken, DirectoryEntryUnsafe: as `sources`; nothing was received.
        NoDicomFound: none of the files is DICOM.
        StoreFull, StoreFailed: as `Receiving.receive`; what was counted before stays received.
    """
    tally: Counter[str] = Counter()
    with sources(path) as files, ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="import") as pool:
        while stride := list(islice(files, _STRIDE)):
            tally.update(pool.map(lambda file: _received(file, receiving, actor).value, stride))
            yield ImportCounts(**tally)
    counts = ImportCounts(**tally)
    if not counts.received + counts.too_large + counts.directory_file:
        raise NoDicomFound(files=counts.files)
    return counts


def _received(source: Source | Skipped, receiving: Receiving, actor: Actor) -> Outcome | Skipped:
    if isinstance(source, Skipped):
        return source
    try:
        contents = _contents(source, receiving.max_file_bytes)
    except _UNREADABLE:
        return Skipped.UNREADABLE
    if isinstance(contents, Skipped):
        return contents
    try:
        instance = opened(contents)
        if instance.sop_class_uid == MEDIA_DIRECTORY:
            return Skipped.DIRECTORY_FILE
        return receiving.receive(instance, actor)
    except FileBroken:
        return receiving.set_aside(contents, actor)
    except InstanceTooLarge:
        return Skipped.TOO_LARGE


def _contents(source: Source, max_bytes: int) -> bytes | Skipped:
    """The whole file where its first bytes say that it is DICOM; no more of any other is read."""
    file, size = source.open()
    with file:
        head = file.read(132)
        if not is_dicom(head):
            return Skipped.ARCHIVE if looks_like_archive(head) else Skipped.NOT_DICOM
        return Skipped.TOO_LARGE if size > max_bytes else head + file.read()
