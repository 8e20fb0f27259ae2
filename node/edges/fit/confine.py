"""What the fit child gives up before it touches a sample.

Rules: it is polite (nice), has a bounded address space, writes no file and no core; once its export is read it can
open nothing any more, neither a file nor a socket, because not one new descriptor is granted; it ends when its parent
does. Proven by trying: tests/node/edges/test_fit_child.py.
"""

from __future__ import annotations

import os
import resource
import threading
import time

NICENESS = 5
_PARENT_LOOK_SECONDS = 1.0


def bound_process(*, memory_mib: int) -> None:
    """The process is nice, writes no file, leaves no core and has at most this address space."""
    os.nice(NICENESS)
    memory_bytes = memory_mib * 1_048_576
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def close_doors() -> None:
    """No descriptor can be opened from here on: no file, no socket, no pipe. Those that are open stay open."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def end_with_parent() -> None:
    """The process ends within about a second of its parent, also in the middle of a training."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_LOOK_SECONDS)
    os._exit(1)
