"""A folder that an export is written to: new or empty at its beginning, readable by its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node.flows.project_export import ExportFolderUnusable
from node.ground.faults import system_fault
from node.ground.told import Phrase


class ExportFolderFiles:
    """Implements `ExportFolder`."""

    def __init__(self, path: Path) -> None:
        """Raises: ExportFolderUnusable, also for a folder that holds something."""
        self._path = path
        with _usable(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise ExportFolderUnusable(folder=path, reason=Phrase("terminal.export_folder_not_empty"))

    def write(self, name: str, contents: bytes) -> None:
        """The file stands under this name. Raises: ExportFolderUnusable."""
        with _usable(self._path):
            place = self._path / name
            place.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(contents)

    def read(self, name: str) -> bytes:
        """What was written under this name. Raises: ExportFolderUnusable."""
        with _usable(self._path):
            return (self._path / name).read_bytes()


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportFolderUnusable(folder=path, reason=system_fault(error)) from None
