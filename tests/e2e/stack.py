"""A real federation on loopback for tests: SuperLink, SuperExec, front, SuperNodes, pinned workers with plain answers.

The SuperLink, the SuperExec and the SuperNodes are processes; the front and the workers run in threads of the test, so
that a test sees every request that passes and can lie to a SuperNode in the coordinator's place.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from e2e.recording_front import RecordingFront
from waiting import patient, until

from coordinator.edges.federation.bundle import bundle_of
from coordinator.edges.federation.control import Control, RunState
from coordinator.edges.federation.superlink import (
    SuperLinkSettings,
    flower_environment,
    superexec_command,
    superlink_command,
)
from coordinator.edges.front import FrontSettings, front_app, server_config
from coordinator.ground.certificates import issue_server_certificate, make_authority
from node.edges.federation.supernode import SuperNodeSettings
from node.edges.federation.worker import Answers, WorkerSettings, serve

MEMORY_BYTES = 700_000_000
ROOT = Path(__file__).resolve().parents[2]

PROBE_PROJECT = """\
[project]
name = "probe-rounds"
version = "1.0.0"
license = "Apache-2.0"

[tool.flwr.app]
publisher = "probe"

[tool.flwr.app.components]
serverapp = "probe_rounds:app"
clientapp = "probe_rounds:app"

[tool.flwr.app.config]
rounds = 2
deadline-seconds = 60.0
frame-bytes = 1000
hostile = false
"""
PROBE_ENTRY = """\
from e2e.probe_server_app import app
"""


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def probe_bundle() -> bytes:
    """The bundle of the harness' own rounds."""
    return bundle_of({"pyproject.toml": PROBE_PROJECT.encode(), "probe_rounds.py": PROBE_ENTRY.encode()})


def peak_memory_mb(pid: int) -> float:
    """The largest resident size the process ever had, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


class Stack:
    """One federation in `work`; everything it starts ends with `down`."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.home = work / "coordinator"
        self.home.mkdir(parents=True)
        self.port, self.front_port = free_port(), free_port()
        self._stop_workers = threading.Event()
        self._workers: list[threading.Thread] = []
        self._make_files()
        self.control = Control(f"127.0.0.1:{self.port}", self.home / "ca.pem")
        config = server_config(self._front_settings())
        self.front = RecordingFront(front_app(self._front_settings()))
        config.app = self.front
        self._server = uvicorn.Server(config)
        self._front_thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def superlink(self) -> SuperLinkSettings:
        """Where the SuperLink of this federation has its files."""
        return SuperLinkSettings(
            port=self.port,
            database=self.home / "superlink.db",
            authority_certificate=self.home / "ca.pem",
            server_certificate=self.home / "server.pem",
            server_key=self.home / "server.key",
            secret_file=self.home / "superexec.secret",
            flwr_home=self.home / "flwr",
        )

    def up(self) -> None:
        """SuperLink, SuperExec and front answer."""
        self.start_superlink()
        self._spawn("superexec", superexec_command(self.superlink))
        self._front_thread.start()
        until(lambda: self._server.started, seconds=10, what="front not started")

    def start_superlink(self) -> None:
        """The SuperLink answers on its port, with the state its database holds."""
        self._spawn("superlink", superlink_command(self.superlink))
        until(self._healthy, seconds=60, what="SuperLink not healthy")

    def add_node(self, name: str, answers: Answers, bundle_sha256: str, *, registered: bool = True) -> int:
        """The node's number, once its SuperNode runs and its worker waits for tasks (0 when not registered)."""
        home = self.work / name
        home.mkdir()
        key = ec.generate_private_key(ec.SECP384R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        (home / "transport.pem").write_bytes(private)
        (home / "secret").write_bytes(os.urandom(32))
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        node_id = self.control.register_node(public, name=name) if registered else 0
        settings = SuperNodeSettings(
            coordinator_address=f"127.0.0.1:{self.front_port}",
            root_certificate=self.home / "ca.pem",
            transport_key=home / "transport.pem",
            secret_file=home / "secret",
            runtime_port=free_port(),
            flwr_home=home / "flwr",
            allowed_bundle_sha256=bundle_sha256,
            memory_bytes=MEMORY_BYTES,
        )
        (home / "supernode.json").write_text(json.dumps(asdict(settings), default=str))
        self.start_supernode(name)
        worker = WorkerSettings(f"127.0.0.1:{settings.runtime_port}", settings.secret_file, bundle_sha256)
        thread = threading.Thread(
            target=serve, args=(worker, answers), kwargs={"stop": self._stop_workers}, daemon=True
        )
        thread.start()
        self._workers.append(thread)
        return node_id

    def start_supernode(self, name: str) -> None:
        """The node's SuperNode process runs."""
        script = ROOT / "tests" / "e2e" / "supernode_process.py"
        settings = self.work / name / "supernode.json"
        self._spawn(name, (sys.executable, str(script), str(settings)), home=self.work / name)

    def wait_online(self, count: int) -> None:
        """So many nodes are online at the SuperLink."""
        online = lambda: sum(seen.status == "online" for seen in self.control.list_nodes()) >= count  # noqa: E731 - one line, asked again and again below
        until(online, seconds=60, what="nodes not online")

    def wait_run(self, run_id: int, *, seconds: float) -> RunState:
        """Where the run stands once it has ended."""
        until(lambda: self.control.run_state(run_id).ended, seconds=seconds, what="run not ended")
        return self.control.run_state(run_id)

    def kill(self, name: str) -> None:
        """The process is gone, without a chance to say so."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        """What the process wrote."""
        return (self.work / f"{name}.log").read_text(errors="replace")

    def down(self) -> None:
        """Everything this federation started has ended."""
        self._stop_workers.set()
        self._server.should_exit = True
        for name, process in self.processes.items():
            if process.poll() is None and name != "superlink":
                process.terminate()
        end = time.monotonic() + patient(4)
        while time.monotonic() < end and any(p.poll() is None for n, p in self.processes.items() if n != "superlink"):
            time.sleep(0.1)
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for thread in (*self._workers, self._front_thread):
            if thread.is_alive():
                thread.join(timeout=10)

    def _spawn(self, name: str, command: tuple[str, ...], *, home: Path | None = None) -> None:
        flwr_home = (home or self.home / name) / "flwr"
        flwr_home.mkdir(parents=True, exist_ok=True)
        inherited = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONUNBUFFERED": "1"}
        environment = flower_environment(inherited, flwr_home=flwr_home, coordinator_home=self.home)
        with (self.work / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True, cwd=flwr_home
            )

    def _make_files(self) -> None:
        now = datetime.datetime.now(datetime.UTC)
        authority = make_authority("Test authority", now=now)
        server = issue_server_certificate(authority, ["localhost", "127.0.0.1"], now=now)
        (self.home / "ca.pem").write_bytes(authority.certificate_pem)
        (self.home / "server.pem").write_bytes(server.certificate_pem)
        (self.home / "server.key").write_bytes(server.key_pem)
        (self.home / "superexec.secret").write_bytes(os.urandom(32))

    def _front_settings(self) -> FrontSettings:
        return FrontSettings(
            host="127.0.0.1",
            port=self.front_port,
            server_certificate=self.home / "server.pem",
            server_key=self.home / "server.key",
            superlink_address=f"127.0.0.1:{self.port}",
            superlink_root_certificate=self.home / "ca.pem",
            api_url=f"http://127.0.0.1:{free_port()}",
        )

    def _healthy(self) -> bool:
        trust = ssl.create_default_context(cafile=str(self.home / "ca.pem"))
        with contextlib.suppress(OSError):
            url = f"https://127.0.0.1:{self.port}/health"
            with urllib.request.urlopen(url, context=trust, timeout=patient(2)) as answer:
                return bool(answer.status == 200)
        return False


@contextlib.contextmanager
def running_stack(work: Path) -> Iterator[Stack]:
    """A federation that is up, and down again afterwards."""
    stack = Stack(work)
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
