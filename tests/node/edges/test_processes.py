"""The supervisor with real, tiny children."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from node.edges.processes.child import Child, ChildSpec
from node.edges.processes.supervisor import AlreadyRunning, take_lock
from node.ground.listening import PortTaken, check_port_free

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


def _until(condition: object, seconds: float = 10.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_a_child_that_ends_is_started_again_only_after_its_back_off(tmp_path: Path) -> None:
    child = Child(ChildSpec("short", (sys.executable, "-c", ""), restart_after_seconds=10), tmp_path / "log")
    assert child.tend(100.0) == "started"
    _until(lambda: child.tend(101.0) == "ended")
    assert child.tend(110.9) is None
    assert child.tend(111.0) == "started"
    _until(lambda: child.tend(112.0) == "ended")
    assert child.tend(131.9) is None, "a second short run waits twice as long"
    assert child.tend(132.0) == "started"
    child.stop(1)


def test_stopping_a_child_ends_its_grandchildren(tmp_path: Path) -> None:
    script = f"import subprocess,sys; p=subprocess.Popen({SLEEPER!r}); print(p.pid, flush=True); p.wait()"
    child = Child(ChildSpec("parent", (sys.executable, "-c", script)), tmp_path / "log")
    child.tend(0.0)
    _until(lambda: (tmp_path / "log").read_text().strip() != "")
    grandchild = int((tmp_path / "log").read_text())
    assert _alive(grandchild)
    child.stop(1)
    _until(lambda: not _alive(grandchild))


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=f"{port}.*dicom.port"):
            check_port_free("127.0.0.1", port, "dicom.port")
    check_port_free("127.0.0.1", port, "dicom.port")


def test_two_supervisors_never_run_one_home(tmp_path: Path) -> None:
    with take_lock(tmp_path / "supervisor.lock"), pytest.raises(AlreadyRunning):
        take_lock(tmp_path / "supervisor.lock")
    take_lock(tmp_path / "supervisor.lock").close()


SUPERVISE = """
import sys
from pathlib import Path
from node.edges.processes.child import ChildSpec
from node.edges.processes.supervisor import Supervisor
home = Path(sys.argv[1])
spec = ChildSpec("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"), restart_after_seconds=0.1)
Supervisor(home, home, lambda: [spec]).run()
"""


PAIR = """
import sys
from pathlib import Path
from node.edges.processes.child import ChildSpec
from node.edges.processes.supervisor import Supervisor
home, sleep = Path(sys.argv[1]), (sys.executable, "-c", "import time; time.sleep(60)")
sender = ChildSpec("sender", sleep, restart_after_seconds=0.1)
waiting = ChildSpec("waiting", sleep, restart_after_seconds=0.1, ends_with="sender")
Supervisor(home, home, lambda: [sender, waiting]).run()
"""


def test_a_child_that_waits_for_another_is_started_anew_with_it(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", PAIR, str(tmp_path)], cwd=Path(__file__).parents[3], stderr=subprocess.DEVNULL
    )
    state = tmp_path / "state.json"

    def pids() -> dict[str, int | None]:
        children = json.loads(state.read_text())["children"] if state.exists() else {}
        return {name: child["pid"] for name, child in children.items()}

    try:
        _until(lambda: {"sender", "waiting"} <= pids().keys() and None not in pids().values())
        first = pids()
        os.kill(first["sender"] or 0, signal.SIGKILL)
        _until(lambda: all(pid not in (None, first[name]) for name, pid in pids().items()))
        alone = pids()
        os.kill(alone["waiting"] or 0, signal.SIGKILL)
        _until(lambda: pids()["waiting"] not in (None, alone["waiting"]))
        assert pids()["sender"] == alone["sender"]
    finally:
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(timeout=20) == 0


def test_a_killed_child_comes_back_and_sigterm_ends_everything(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path)], cwd=Path(__file__).parents[3], stderr=subprocess.DEVNULL
    )
    state = tmp_path / "state.json"

    def pid() -> int | None:
        return json.loads(state.read_text())["children"]["sleeper"]["pid"] if state.exists() else None

    try:
        _until(lambda: pid() is not None)
        first = pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        _until(lambda: pid() not in (None, first))
        second = pid()
        assert second is not None
    finally:
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(timeout=20) == 0
    _until(lambda: not _alive(second))
    assert not state.exists()
