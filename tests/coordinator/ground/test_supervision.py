import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from coordinator.ground.logs import allowed
from coordinator.ground.supervision import Child, ChildNotReady, PortTaken, Supervisor, check_port_free

LISTEN = "import socket,sys,time; s=socket.create_server(('127.0.0.1',int(sys.argv[1]))); time.sleep(60)"
FAMILY = (
    "import subprocess,sys,time; p=subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)']);"
    "open(sys.argv[1],'a').write(f'{p.pid}\\n'); time.sleep(float(sys.argv[2]))"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_child(tmp_path: Path, name: str, code: str, *arguments: str, port: int | None = None) -> Child:
    return Child(name, (sys.executable, "-c", code, *arguments), dict(os.environ), tmp_path / f"{name}.log", port)


def gone(pid: int) -> bool:
    """Whether the process has ended, at the latest a moment after it was killed."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def stop_when(condition: object, seconds: float = 20.0) -> None:
    """This process is asked to end once the condition holds, or the time is up."""

    def watch() -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not condition():  # type: ignore[operator]  # a function without arguments
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


@pytest.fixture(autouse=True)
def signals_as_before() -> object:
    held = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for number, before in held.items():
        signal.signal(number, before)
    return None


def test_children_are_ready_run_and_end_together_with_what_they_started(tmp_path: Path) -> None:
    port, pids = free_port(), tmp_path / "pids"
    told: list[str] = []
    children = [
        a_child(tmp_path, "family", FAMILY, str(pids), "60"),
        a_child(tmp_path, "server", LISTEN, str(port), port=port),
    ]
    stop_when(lambda: told and pids.exists() and pids.read_text())
    Supervisor(children).run(lambda: told.append("ready"))
    assert told == ["ready"]
    assert all(gone(int(pid)) for pid in pids.read_text().split())
    check_port_free("127.0.0.1", port, "front_port")


def test_a_child_that_ends_is_started_again_and_its_family_ends_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    stop_when(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    Supervisor([a_child(tmp_path, "family", FAMILY, str(pids), "0.1")]).run(lambda: None)
    first, second = pids.read_text().split()
    assert gone(int(first))
    assert gone(int(second))


def test_a_child_that_does_not_start_ends_the_start_and_names_its_log(tmp_path: Path) -> None:
    broken = a_child(tmp_path, "front", "raise SystemExit(3)", port=free_port())
    with pytest.raises(ChildNotReady, match=r"front did not start; .*front\.log"):
        Supervisor([broken]).run(lambda: None)


def test_a_taken_port_is_named_with_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} .*api_port"):
            check_port_free("127.0.0.1", port, "api_port")


def test_a_log_line_keeps_only_listed_fields() -> None:
    assert allowed(None, "", {"event": "x", "name": "Hospital"}) == {"event": "x", "name": "(not logged)"}
