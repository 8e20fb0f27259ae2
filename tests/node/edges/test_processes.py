"""The supervisor with real, tiny children."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import until

from node.edges.processes.child import Child, ChildSpec
from node.edges.processes.supervisor import AlreadyRunning, take_lock
from node.ground.listening import PortTaken, check_port_free

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


def _until(condition: Callable[[], bool]) -> None:
    until(condition, 10, "what the test waits for", every_seconds=0.01)


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


def test_a_child_that_does_not_heed_the_request_to_end_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    child = Child(ChildSpec("deaf", (sys.executable, "-c", deaf), restart_after_seconds=0), log)
    child.tend(100.0)
    _until(lambda: "deaf" in log.read_text())
    first = child.pid
    child.ask_to_stop(kill_at_seconds=108.0)
    assert child.tend(107.9) is None
    _until(lambda: child.tend(108.0) == "ended")
    assert child.exit_code == -signal.SIGKILL
    assert child.tend(200.0) == "started"
    try:
        assert child.pid not in (None, first)
        assert child.tend(1000.0) is None  # what was asked of the first is not asked of the second
    finally:
        child.stop(0.0)


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
