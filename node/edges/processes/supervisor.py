"""`intramuros node run`: one supervisor, its children, one lock, one state file people and `status` can read."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from node.edges.processes.child import Child, ChildSpec
from node.ground.logs import log
from node.ground.told import Told

_TICK_SECONDS = 0.2
_GRACE_SECONDS = 8.0


class AlreadyRunning(Told):
    """Another supervisor runs this home directory."""

    text_key = "terminal.already_running"


class Supervisor:
    """Children that are wanted run; others do not. Ends them all, by group, when it ends.

    `wanted` is asked every tick, so that a node that joins while running gets its wall and SuperNode without a restart.
    """

    def __init__(self, run_path: Path, logs_path: Path, wanted: Callable[[], Sequence[ChildSpec]]) -> None:
        self._run_path = run_path
        self._logs_path = logs_path
        self._wanted = wanted
        self._children: dict[str, Child] = {}
        self._stop = threading.Event()

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT; every child has ended on return.

        Raises:
            AlreadyRunning: another supervisor holds this home.
        """
        with take_lock(self._run_path / "supervisor.lock"):
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self._stop.set())
            try:
                while not self._stop.is_set():
                    self._tick()
                    self._stop.wait(_TICK_SECONDS)
            finally:
                self._stop_all()

    def _tick(self) -> None:
        for spec in self._wanted():
            if spec.name not in self._children:
                self._children[spec.name] = Child(spec, self._logs_path / f"{spec.name}.log")
        changed = False
        for child in self._children.values():
            change = child.tend(time.monotonic())
            if change is not None:
                changed = True
                log().info(f"child {change}", child=child.spec.name, pid=child.pid, exit_code=child.exit_code)
            if change == "ended":
                self._end_with(child.spec.name)
        if changed:
            self._write_state()

    def _end_with(self, name: str) -> None:
        for child in self._children.values():
            if child.spec.ends_with == name:
                child.ask_to_stop(time.monotonic() + _GRACE_SECONDS)

    def _stop_all(self) -> None:
        for child in reversed(self._children.values()):
            child.ask_to_stop()
        for child in reversed(self._children.values()):
            child.stop(_GRACE_SECONDS)
        (self._run_path / "state.json").unlink(missing_ok=True)

    def _write_state(self) -> None:
        children = {
            name: {"pid": child.pid, "restarts": child.restarts, "exit_code": child.exit_code}
            for name, child in self._children.items()
        }
        temporary = self._run_path / "state.new"
        temporary.write_text(json.dumps({"pid": os.getpid(), "children": children}), encoding="utf-8")
        temporary.replace(self._run_path / "state.json")


def take_lock(path: Path) -> IO[str]:
    """An open file that holds the home's lock until it is closed.

    Raises:
        AlreadyRunning: another process holds it.
    """
    file = path.open("w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise AlreadyRunning from None
    return file
