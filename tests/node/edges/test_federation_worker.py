"""The worker's start and its line: what it refuses before any task, and how it waits."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import flwr
import pytest

from node.edges.federation.flower_internals import FlowerVersionRefused, LineDown, RuntimeLine
from node.edges.federation.flower_supernode import _replace
from node.edges.federation.supernode import FlowerLoadedEarly, SuperNodeSettings, run_supernode, supernode_arguments
from node.edges.federation.worker import Answers, WorkerSettings, serve
from protocols.errors import RefusalCode

SETTINGS = SuperNodeSettings(
    coordinator_address="coordinator.example:443",
    root_certificate=Path("ca.pem"),
    transport_key=Path("transport.pem"),
    secret_file=Path("secret"),
    runtime_port=9094,
    flwr_home=Path("flwr"),
    allowed_bundle_sha256="a" * 64,
)


def never_answer(message_type: str, frame: bytes) -> bytes:
    raise AssertionError("no task was expected")


def never_refuse(code: RefusalCode) -> bytes:
    raise AssertionError("no task was expected")


ANSWERS = Answers(never_answer, never_refuse)


@pytest.fixture
def worker(tmp_path: Path) -> WorkerSettings:
    (tmp_path / "secret").write_bytes(b"s" * 32)
    return WorkerSettings("127.0.0.1:1", tmp_path / "secret", "a" * 64)


def test_the_worker_refuses_to_start_on_another_flower(worker: WorkerSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flwr, "__version__", "1.42.0")
    with pytest.raises(FlowerVersionRefused, match=r"1\.42\.0"):
        serve(worker, ANSWERS, stop=threading.Event())


def test_a_supernode_that_is_away_is_waited_for_and_the_worker_still_stops_at_once(worker: WorkerSettings) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(worker, ANSWERS), kwargs={"stop": stop})
    thread.start()
    time.sleep(0.1)
    assert thread.is_alive()
    begun = time.monotonic()
    stop.set()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert time.monotonic() - begun < 1


def test_a_line_to_nowhere_is_down() -> None:
    line = RuntimeLine("127.0.0.1:1", b"secret")
    with pytest.raises(LineDown):
        line.claim()
    line.close()


def test_the_supernode_refuses_to_start_after_flower_was_imported() -> None:
    assert "flwr" in sys.modules
    with pytest.raises(FlowerLoadedEarly):
        run_supernode(SETTINGS)


def test_a_flower_without_the_guarded_function_is_refused() -> None:
    with pytest.raises(FlowerVersionRefused):
        _replace(sys, "get_fused_config_from_fab", lambda: None)


def test_the_supernode_listens_on_loopback_only_and_runs_nothing_itself() -> None:
    arguments = supernode_arguments(SETTINGS)
    assert arguments[arguments.index("--host") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--isolation") + 1] == "process"
    assert "--superexec-auth-secret-file" in arguments
    assert not {"--insecure", "--allow-runtime-dependency-installation"} & set(arguments)
