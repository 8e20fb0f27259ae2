"""A file that grows piece by piece and is whole on the disk with one sync, or gone.

Pieces gather in a buffer and are written in strides of whole blocks; a buffer serves one file after another.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from node.storage.disk_errors import refusing_disk

STRIDE_BYTES: Final = 128 * 1024
_BLOCK_BYTES: Final = 4096
_BUFFER_BYTES: Final = 2 * STRIDE_BYTES + _BLOCK_BYTES


class Buffers:
    """Memory for the files that grow at the same time."""

    def __init__(self) -> None:
        self._spare: list[memoryview] = []

    def take(self) -> memoryview:
        """A buffer for one file; to be given back."""
        try:
            return self._spare.pop()
        except IndexError:
            return memoryview(bytearray(_BUFFER_BYTES))

    def give_back(self, buffer: memoryview) -> None:
        """The buffer may serve another file."""
        self._spare.append(buffer)


class GrowingFile:
    """An empty file, its name durable already, that fills. Ends with `finish` or `abandon`."""

    def __init__(self, path: Path, buffers: Buffers) -> None:
        self._path = path
        self._buffers = buffers
        with refusing_disk():
            self._descriptor = os.open(path, os.O_WRONLY)
        self._buffer = buffers.take()
        self._filled = 0
        self._written = 0

    @property
    def length(self) -> int:
        """Bytes so far."""
        return self._written + self._filled

    def fill(self, fill: Callable[[memoryview], int]) -> None:
        """What `fill` put into the room it got, a stride at most, stands at the end. Raises: StoreFull, StoreFailed."""
        self._filled += fill(self._buffer[self._filled :])
        if self._filled >= STRIDE_BYTES:
            self._write(self._filled - self._filled % _BLOCK_BYTES)

    def take(self, piece: bytes) -> None:
        """A piece, a stride at most, stands at the end. Raises: StoreFull, StoreFailed."""
        self._buffer[self._filled : self._filled + len(piece)] = piece
        self.fill(lambda _: len(piece))

    def finish(self) -> None:
        """The bytes are on the disk. Raises: StoreFull, StoreFailed."""
        self._write(self._filled)
        with refusing_disk():
            self.sync()
        self._close()

    def abandon(self) -> None:
        """The file is gone."""
        with suppress(OSError):
            self._path.unlink()
        self._close()

    def append(self, piece: memoryview) -> int:
        """How many bytes of the piece were written."""
        return os.write(self._descriptor, piece)

    def sync(self) -> None:
        """What was written is on the disk."""
        os.fdatasync(self._descriptor)

    def _write(self, count: int) -> None:
        left = self._buffer[:count]
        with refusing_disk():
            while left:
                left = left[self.append(left) :]
        self._buffer[: self._filled - count] = self._buffer[count : self._filled]
        self._filled, self._written = self._filled - count, self._written + count

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._buffers.give_back(self._buffer)
