"""The file system as the stores need it: whole files made durable, names moved, room measured.

A file that could not be written whole is gone again. Source: POSIX fsync, rename; a name is durable once its directory
is synced.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from node.storage.disk_errors import refusing_disk
from node.storage.growing_file import Buffers, GrowingFile


class Disk:
    """The machine's file system."""

    def write_synced(self, path: Path, contents: bytes) -> None:
        """A new file with exactly these bytes is on the disk, its owner's alone. Raises: StoreFull, StoreFailed."""
        with refusing_disk():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                self._write_all(descriptor, contents)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    path.unlink()
                raise
            finally:
                os.close(descriptor)

    def make_empty(self, paths: Sequence[Path]) -> None:
        """New empty files, their owner's alone; their names are not yet durable. Raises: StoreFull, StoreFailed."""
        with refusing_disk():
            for path in paths:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def begin(self, path: Path, buffers: Buffers) -> GrowingFile:
        """An empty file that grows piece by piece. Raises: StoreFailed."""
        return GrowingFile(path, buffers)

    def sync_directory(self, path: Path) -> None:
        """The names in the directory are on the disk. Raises: StoreFull, StoreFailed."""
        with refusing_disk():
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def move(self, source: Path, target: Path) -> None:
        """The file has its new name, at once and whole. Raises: StoreFull, StoreFailed."""
        with refusing_disk():
            source.replace(target)

    def free_bytes(self, path: Path) -> int:
        """Room left for this process' user. Raises: StoreFailed."""
        with refusing_disk():
            room = os.statvfs(path)
            return room.f_bavail * room.f_frsize

    def used_percent(self, path: Path) -> float:
        """How much of the room this process' user may fill is taken. Raises: StoreFailed."""
        with refusing_disk():
            room = os.statvfs(path)
            used = room.f_blocks - room.f_bfree
            return 100.0 * used / max(used + room.f_bavail, 1)

    def _write_all(self, descriptor: int, contents: bytes) -> None:
        left = memoryview(contents)
        while left:
            left = left[os.write(descriptor, left) :]
