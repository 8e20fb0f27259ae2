"""The walls of a sandbox process, put up once its codecs are loaded; none of them can be taken down from inside.

No new file descriptor (so no file, no socket, no pipe), no byte written to a file, no core dump, no new process or
thread, bounded memory, and processor time bounded per request. A root parent's child becomes nobody. An audit hook
refuses the same from Python's side, so that a late import fails in a test and not in a hospital.
Source: setrlimit(2), PEP 578.
"""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass

NOBODY = 65534
_REFUSED_EVENTS = (
    "open",
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.kill",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.chmod",
    "os.listdir",
    "ctypes.dlopen",
    "shutil.",
)


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one image may cost: memory of the whole process, processor time and wall time per request.

    A process that has answered `requests_per_process` is replaced, so that nothing of one patient stays for long.
    """

    address_space_bytes: int = 2 * 2**30
    processor_seconds: int = 20
    wall_seconds: float = 30.0
    requests_per_process: int = 2000


class WallTouched(PermissionError):
    """Code inside the sandbox tried to reach outside."""


def enclose(address_space_bytes: int) -> None:
    """This process can read and write what it has open, compute, and nothing else."""
    _become_nobody()
    for kind, bound in (
        (resource.RLIMIT_AS, address_space_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (bound, bound))
    sys.addaudithook(_refuse)


def allow_processor_seconds(seconds: int) -> None:
    """The kernel ends this process when it computes longer than that from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    bound = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.RLIM_INFINITY))


def _become_nobody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise WallTouched(event)
