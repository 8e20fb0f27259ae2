"""The file system as the stores need it: whole files made durable, names moved, room measured.

A file that could not be written whole is gone again. Running out of space has an error of its own, because its sender
must be told to try again. Source: POSIX fsync, rename; a name is durable once its directory is synced.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from node.intake.errors import StoreFailed, StoreFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Disk:
    """The machine's file system."""

    def write_synced(self, path: Path, contents: bytes) -> None:
        """A new file with exactly these bytes is on the disk, its owner's alone. Raises: StoreFull, StoreFailed."""
        with _refusing():
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

    def sync_directory(self, path: Path) -> None:
        """The names in the directory are on the disk. Raises: StoreFull, StoreFailed."""
        with _refusing():
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def move(self, source: Path, target: Path) -> None:
        """The file has its new name, at once and whole. Raises: StoreFull, StoreFailed."""
        with _refusing():
            source.replace(target)

    def free_bytes(self, path: Path) -> int:
        """Room left for this process' user. Raises: StoreFailed."""
        with _refusing():
            room = os.statvfs(path)
            return room.f_bavail * room.f_frsize

    def _write_all(self, descriptor: int, contents: bytes) -> None:
        left = memoryview(contents)
        while left:
            left = left[os.write(descriptor, left) :]


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull(reserve_mib=0) from None
        raise StoreFailed from None
