"""The processes a benchmark starts: each in a group of its own with a log of its own, all ended with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from waiting import patient

_ENDING_SECONDS = 12.0


class ProcessEnded(RuntimeError):
    """A process of a benchmark ended while it was needed."""


@dataclass(slots=True)
class Processes:
    """What one side of a benchmark runs; `folder` holds the logs."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, cwd: Path) -> None:
        """The process runs."""
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, cwd=cwd, start_new_session=True
            )

    def log(self, name: str) -> Path:
        """Where the process writes."""
        return self.folder / f"{name}.log"

    def check(self) -> None:
        """Return when every process still runs. Raises: ProcessEnded with the end of its log."""
        for name, process in self.running.items():
            if process.poll() is not None:
                told = self.log(name).read_text(errors="replace")[-2000:]
                raise ProcessEnded(f"{name} ended with {process.returncode}:\n{told}")

    def cpu_seconds(self) -> float:
        """CPU seconds used so far by all of them, by what they started, and by what of that has ended."""
        parents, used = _processes()
        ours = {process.pid for process in self.running.values()}
        while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
            ours |= more
        return sum(used.get(pid, 0.0) for pid in ours)

    def down(self) -> None:
        """All of them have ended, asked first, the last started first."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + patient(_ENDING_SECONDS)
        while time.monotonic() < end and any(process.poll() is None for process in self.running.values()):
            time.sleep(0.1)
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):  # the group is gone with its last process
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()


def _processes() -> tuple[dict[int, int], dict[int, float]]:
    """Parent and CPU seconds of every process, with those of its ended children. Source: proc(5), stat 4 and 14-17."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile; its parent has its time
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            used[int(stat.parent.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return parents, used
