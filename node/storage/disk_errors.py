"""What the system refuses, in intake's words: running out of room has an error of its own, to be tried again."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from node.intake.errors import StoreFailed, StoreFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def refusing_disk() -> Iterator[None]:
    """An error of the file system leaves as `StoreFull` or `StoreFailed`."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull(reserve_mib=0) from None
        raise StoreFailed from None
