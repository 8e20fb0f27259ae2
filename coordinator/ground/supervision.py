"""Child processes: those that answer on a port first, then the rest; restarted with growing pauses, ended together.

Each child leads a process group of its own, so that what it started ends with it, and is told to end when the
supervisor dies. Its output goes to a log file. The supervisor itself does no work and holds no data.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from coordinator.ground.faults import system_fault
from coordinator.ground.logs import log
from coordinator.ground.told import Told

_LOOK_SECONDS = 0.2
_READY_SECONDS = 60.0
_ENDING_SECONDS = 10.0
_PAUSE_MAX_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class PortTaken(Told):
    """Another program listens where a child of ours should, or the address is not for this user."""

    text_key = "refusals.port-taken"


class ChildNotReady(Told):
    """A child ended, or did not answer in time, while the coordinator was starting."""

    text_key = "refusals.child-not-ready"


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep running; `port` is where it answers once it is ready, if anywhere."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    port: int | None = None


@dataclass(slots=True)
class _Kept:
    child: Child
    process: subprocess.Popen[bytes]
    started: float
    pause: float = 1.0
    again_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keeps children running until it is told to stop."""

    children: Sequence[Child]
    _kept: list[_Kept] = field(default_factory=list)
    _stopping: bool = False

    def run(self, ready: Callable[[], None]) -> None:
        """Returns once a signal asked for the end and every child has ended; `ready` is called when all answer.

        Raises:
            ChildNotReady: naming the child and its log.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            self._start([child for child in self.children if child.port is not None])
            self._start([child for child in self.children if child.port is None])
            if not self._stopping:
                ready()
            while not self._stopping:
                for kept in self._kept:
                    _keep_running(kept)
                time.sleep(_LOOK_SECONDS)
        finally:
            _end([kept.process for kept in reversed(self._kept)])

    def _start(self, children: Sequence[Child]) -> None:
        started = [_Kept(child, _spawn(child), time.monotonic()) for child in children]
        self._kept += started
        for kept in started:
            self._await_ready(kept)

    def _await_ready(self, kept: _Kept) -> None:
        until = time.monotonic() + _READY_SECONDS
        while kept.child.port is not None and not self._stopping and not answers(kept.child.port):
            if kept.process.poll() is not None or time.monotonic() > until:
                raise ChildNotReady(child=kept.child.name, log=kept.child.log)
            time.sleep(_LOOK_SECONDS)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def check_port_free(host: str, port: int, setting: str) -> None:
    """Return when nobody listens there. Raises: PortTaken, naming the setting to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host=host, port=port, setting=setting, reason=system_fault(error)) from None


def _spawn(child: Child) -> subprocess.Popen[bytes]:
    with child.log.open("ab") as output:
        process = subprocess.Popen(
            list(child.command),
            env=dict(child.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - the supervisor has one thread
        )
    log().info("child started", child=child.name, pid=process.pid)
    return process


def _end_with_parent() -> None:
    """This process is sent SIGTERM when its parent dies, however. Source: prctl(2), PR_SET_PDEATHSIG."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _keep_running(kept: _Kept) -> None:
    code, now = kept.process.poll(), time.monotonic()
    if code is None:
        return
    if kept.again_at is None:
        steady = now - kept.started > _STEADY_SECONDS
        kept.pause = 1.0 if steady else min(_PAUSE_MAX_SECONDS, kept.pause * 2)
        kept.again_at = now + kept.pause
        _kill_group(kept.process, signal.SIGKILL)
        log().warning("child ended", child=kept.child.name, exit_code=code, seconds=kept.pause)
    elif now >= kept.again_at:
        kept.process, kept.started, kept.again_at = _spawn(kept.child), now, None


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        _kill_group(process, signal.SIGTERM)
    until = time.monotonic() + _ENDING_SECONDS
    while time.monotonic() < until and any(process.poll() is None for process in processes):
        time.sleep(_LOOK_SECONDS)
    for process in processes:
        _kill_group(process, signal.SIGKILL)
        process.wait()


def _kill_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # the whole group has ended by itself
        os.killpg(process.pid, number)


def answers(port: int) -> bool:
    """Whether somebody listens on this loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False
