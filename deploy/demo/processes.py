"""Processes the demo starts: each in a group of its own with a log of its own, all ended when the demo ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.demo.patience import patient

_QUIET = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "PYTHONUNBUFFERED": "1",
}
_GRACE_SECONDS = 15.0
_KILLED_SECONDS = 5.0
"""How long the kernel may need to take down what was killed, and init to reap it."""


class StepFailed(Exception):
    """A step of the demo did not work; says which process and where its log is."""

    def __init__(self, reason: str, *, process: str = "demo", log: Path | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.process = process
        self.log = log


class Processes:
    """Everything the demo started. `end_all` leaves nothing behind."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._finishing: set[str] = set()

    def log_of(self, name: str) -> Path:
        """The log file of a process."""
        return self._logs / f"{name}.log"

    def start(self, name: str, module: str, *arguments: str, finishes: bool = False) -> None:
        """A `python -m module …` has been started; one that `finishes` may end with status 0."""
        if finishes:
            self._finishing.add(name)
        with self.log_of(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment(),
            )

    def check(self) -> None:
        """Return while every process runs.

        Raises:
            StepFailed: naming the first one that ended.
        """
        for name, process in self._running.items():
            allowed = (None, 0) if name in self._finishing else (None,)
            if process.poll() not in allowed:
                raise StepFailed(f"ended with status {process.returncode}", process=name, log=self.log_of(name))

    def cause_of(self, failure: StepFailed) -> StepFailed:
        """The end of a process that should run, which explains every failure after it, or else the failure itself."""
        try:
            self.check()
        except StepFailed as ended:
            return ended
        return failure

    def end_all(self) -> None:
        """Every process started here, and its whole group, has ended."""
        for process in reversed(self._running.values()):
            _signal_group(process, signal.SIGTERM)
        end = time.monotonic() + patient(_GRACE_SECONDS)
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, end - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()
        end = time.monotonic() + patient(_KILLED_SECONDS)
        while any(map(_has_group, self._running.values())) and time.monotonic() < end:
            time.sleep(0.05)
        self._running.clear()


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every child: telemetry and update checks off, the tools of this Python first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, **_QUIET, "PATH": path, **(more or {})}


def command(module: str, *arguments: str, timeout_seconds: float = 120) -> Any:
    """What a command of the product answered in JSON.

    Raises:
        StepFailed: it ended with another status than 0; carries what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=patient(timeout_seconds),
        env=environment(),
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise StepFailed(said[-1] if said else f"status {done.returncode}", process=f"{module} {arguments[0]}")
    return json.loads(done.stdout) if done.stdout.strip() else {}


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


def wait_until(
    ready: Callable[[], bool], *, what: str, processes: Processes, timeout_seconds: float, every_seconds: float = 0.2
) -> None:
    """Return once `ready` is true.

    Raises:
        StepFailed: a process ended, or the time ran out.
    """
    end = time.monotonic() + patient(timeout_seconds)
    while not ready():
        processes.check()
        if time.monotonic() > end:
            raise StepFailed(f"{what} did not happen within {patient(timeout_seconds):.0f} s")
        time.sleep(every_seconds)


def _has_group(process: subprocess.Popen[bytes]) -> bool:
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
