"""One child of the supervisor: its own session and process group, its own log file, restarted with back-off."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run and how patient to be with it."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    restart_after_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    ends_with: str = ""
    """The child whose end is this one's too, because this one would wait for ever for what that one was sending it."""


class Child:
    """A process that is running, or waits to be started again.

    A run of a minute counts as healthy and resets the back-off; shorter runs double it up to the longest wait.
    """

    _HEALTHY_SECONDS = 60.0

    def __init__(self, spec: ChildSpec, log_path: Path) -> None:
        self.spec = spec
        self._log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._wait_seconds = spec.restart_after_seconds
        self._not_before = 0.0
        self._kill_at = math.inf
        self.restarts = 0
        self.exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        """The process identifier while it runs."""
        return self._process.pid if self._process is not None else None

    def tend(self, now_seconds: float) -> str | None:
        """Start the child when it is due, notice when it ended; the change, if any ("started", "ended")."""
        if self._process is None:
            return self._start(now_seconds) if now_seconds >= self._not_before else None
        code = self._process.poll()
        if code is None:
            if now_seconds >= self._kill_at:
                self._end_group(signal.SIGKILL)
            return None
        self._end_group(signal.SIGKILL)
        if now_seconds - self._started_at >= self._HEALTHY_SECONDS:
            self._wait_seconds = self.spec.restart_after_seconds
        self._not_before = now_seconds + self._wait_seconds
        self._wait_seconds = min(self._wait_seconds * 2, self.spec.longest_wait_seconds)
        self._process, self.exit_code, self.restarts = None, code, self.restarts + 1
        return "ended"

    def stop(self, grace_seconds: float) -> None:
        """The child and its whole process group have ended."""
        if self._process is None:
            return
        self._end_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace_seconds)
        self._end_group(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def ask_to_stop(self, kill_at_seconds: float = math.inf) -> None:
        """The child's group was asked to end; `stop` waits for it, or `tend` kills it when the moment has come."""
        if self._process is not None:
            self._kill_at = kill_at_seconds
            self._end_group(signal.SIGTERM)

    def _start(self, now_seconds: float) -> str:
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self.spec.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **self.spec.environment},
            )
        self._started_at, self._kill_at = now_seconds, math.inf
        return "started"

    def _end_group(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def end_with_parent() -> None:
    """This process is sent SIGTERM when its parent dies. Source: prctl(2), PR_SET_PDEATHSIG."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
