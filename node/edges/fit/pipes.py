"""Reading and writing a pipe with a deadline.

Rules: the deadline is a point in monotonic time and covers the whole exchange; whoever misses it gets `PipeLate`.
"""

from __future__ import annotations

import os
import select
import time

from node.ground.errors import NodeError

_CHUNK_BYTES = 1 << 20


class PipeLate(NodeError):
    """The other side did not read or write in time."""


def monotonic_deadline(seconds: float) -> float:
    """The point in monotonic time that is so many seconds away."""
    return time.monotonic() + seconds


def write_until(descriptor: int, content: bytes, deadline: float) -> None:
    """All bytes are in the pipe; the descriptor is non-blocking.

    Raises:
        PipeLate: the deadline passed.
        OSError: the other side closed the pipe.
    """
    left = memoryview(content)
    while left:
        _wait(descriptor, deadline, to_write=True)
        left = left[os.write(descriptor, left[:_CHUNK_BYTES]) :]


def read_until(descriptor: int, count: int, deadline: float) -> bytes:
    """One to `count` bytes, or none at the end of the stream; the descriptor is non-blocking.

    Raises:
        PipeLate: the deadline passed.
    """
    _wait(descriptor, deadline, to_write=False)
    return os.read(descriptor, min(count, _CHUNK_BYTES))


def _wait(descriptor: int, deadline: float, *, to_write: bool) -> None:
    watched = select.poll()
    watched.register(descriptor, select.POLLOUT if to_write else select.POLLIN)
    if not watched.poll(max(0.0, deadline - time.monotonic()) * 1000.0):
        raise PipeLate("the other end of the pipe is late")
