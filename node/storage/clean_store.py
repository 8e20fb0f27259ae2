"""Clean images on the disk: all that pages, training and suggestions see. One file each, named by its identifier.

A file arrives whole in `arriving/`, whose names are made durable once for a batch; then it moves to its place. A reader
finds it in either, and the next start moves on what a crash left there.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from node.intake.errors import CleanMissing, StoreFailed
from node.storage.disk import Disk
from node.storage.received_blobs import make_places, place_of

_IMAGE_ID: Final = re.compile(r"[0-9a-f-]{36}")
_ARRIVING: Final = "arriving"
_DRAFT: Final = ".draft"


class CleanImages:
    """Reads clean images."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def read(self, image_id: str) -> bytes:
        """The whole clean DICOM file.

        Raises:
            CleanMissing: there is none, or the identifier is not of its form.
        """
        if not _IMAGE_ID.fullmatch(image_id):
            raise CleanMissing
        for path in self._candidates(image_id):
            with suppress(FileNotFoundError):
                return path.read_bytes()
        raise CleanMissing

    def cut(self, image_id: str, spans: Sequence[tuple[int, int]]) -> bytes:
        """Those spans (offset, length) of a clean file in a row. Raises: CleanMissing, also for a file cut off."""
        if not _IMAGE_ID.fullmatch(image_id):
            raise CleanMissing
        for path in self._candidates(image_id):
            with suppress(FileNotFoundError), path.open("rb", buffering=0) as file:
                pieces = [os.pread(file.fileno(), length, start) for start, length in spans]
                if [len(piece) for piece in pieces] != [length for _, length in spans]:
                    raise CleanMissing
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        raise CleanMissing

    def drop(self, image_id: str) -> None:
        """The file is gone; dropping it again is no error."""
        for path in self._candidates(image_id):
            path.unlink(missing_ok=True)

    def open(self, image_id: str) -> int:
        """A descriptor of the clean file, which the caller closes. Raises: CleanMissing."""
        if _IMAGE_ID.fullmatch(image_id):
            for path in self._candidates(image_id):
                with suppress(FileNotFoundError):
                    return os.open(path, os.O_RDONLY)
        raise CleanMissing

    def _candidates(self, image_id: str) -> Iterator[Path]:
        """The place, the way there, and the place once more: the file may move between two looks."""
        place = place_of(self._directory, image_id)
        yield place
        yield self._directory / _ARRIVING / image_id
        yield place


class CleanStore(CleanImages):
    """Writes them too; implements `CleanBytes`. One process at a time writes, from several threads."""

    def __init__(self, directory: Path, disk: Disk) -> None:
        super().__init__(directory)
        make_places(directory)
        self._disk = disk
        self._arriving = directory / _ARRIVING
        self._arriving.mkdir(mode=0o700, exist_ok=True)
        for leftover in self._arriving.iterdir():
            if leftover.suffix == _DRAFT:
                leftover.unlink()
            else:
                disk.move(leftover, place_of(directory, leftover.name))
        disk.sync_directory(directory)
        self._arrived: set[str] = set()
        self._guard = threading.Lock()

    def write(self, image_id: str, contents: bytes) -> None:
        """The bytes are on the disk, in place of earlier ones. Raises: StoreFull, StoreFailed."""
        draft = self._arriving / f"{image_id}{_DRAFT}"
        draft.unlink(missing_ok=True)
        self._disk.write_synced(draft, contents)
        self._disk.move(draft, self._arriving / image_id)
        with self._guard:
            self._arrived.add(image_id)

    def settle(self) -> None:
        """Every name written so far is durable. Raises: StoreFull, StoreFailed."""
        with self._guard:
            arrived = frozenset(self._arrived)
        if not arrived:
            return
        self._disk.sync_directory(self._arriving)
        for image_id in arrived:
            with suppress(StoreFailed):
                self._disk.move(self._arriving / image_id, place_of(self._directory, image_id))
        with self._guard:
            self._arrived -= arrived
