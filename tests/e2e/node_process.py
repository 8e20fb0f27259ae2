"""A real node for end-to-end tests: made, run and spoken to only through its command line and its public HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from waiting import patient, until

from deploy.demo.processes import free_ports

ROOT = Path(__file__).parents[2]
PEER = "E2EMODALITY"
LICENCE = ("--licence-number", "E2E-1", "--specialty-number", "E2E-1", "--licence-until", "2099-12-31")


class NodeProcess:
    """One node in a directory of its own. `stop` leaves no process behind."""

    def __init__(self, home: Path, name: str = "End-to-end hospital", *options: str) -> None:
        self._begin(home)
        self.made = self.command(
            "init", "--name", name, "--dicom-port", str(self.dicom_port), "--web-port", str(self.web_port),
            "--supernode-port", str(self.supernode_port), "--peer", PEER, *options,
        )  # fmt: skip

    def _begin(self, home: Path) -> None:
        self.home = home
        self.dicom_port, self.web_port, self.supernode_port = free_ports(3)
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.web_port}"

    def command(self, *arguments: str) -> dict[str, Any]:
        """What a command answered in JSON; its error output is shown where it failed."""
        done = self.attempt(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command with its exit code, whatever it is."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "node", *arguments, "--home", str(self.home)],
            cwd=ROOT, capture_output=True, text=True, timeout=patient(120), check=False,
        )  # fmt: skip

    def add_person(self, name: str, role: str) -> str:
        """A person is known; their one-time log-in code."""
        reader = ("--department", "radiology", *LICENCE) if role == "reader" else ()
        return str(self.command("person", "add", "--name", name, "--role", role, *reader)["code"])

    def login_code(self, name: str) -> str:
        """A new one-time log-in code of a person who is known."""
        return str(self.command("person", "code", "--name", name)["code"])

    def start(self) -> None:
        """The node runs and its page answers."""
        with (self.home / "supervisor.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-P", "-m", "node", "run", "--home", str(self.home)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait(self._answers, "the page")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """The supervisor and every child of it have ended."""
        if self._supervisor is not None:
            os.killpg(self._supervisor.pid, number)
            self._supervisor.wait(timeout=patient(40))
            self._supervisor = None

    def wait(self, ready: Any, what: str, seconds: float = 90) -> None:
        """Return once `ready()` is true."""
        until(ready, seconds, what)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/api/health", timeout=patient(2), trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


class KeptNode(NodeProcess):
    """A node whose home exists already: its configuration is given ports that are free here."""

    def __init__(self, home: Path) -> None:
        self._begin(home)
        path, ports = home / "node.toml", iter((self.dicom_port, self.web_port, self.supernode_port))
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^(\w*port) = \d+$", lambda at: f"{at[1]} = {next(ports)}", text), encoding="utf-8")


class Signed:
    """A person signed in at a node's API."""

    def __init__(self, address: str, code: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=patient(30), trust_env=False)
        self.client.headers["X-Intramuros-CSRF"] = self.json("POST", "/api/session", {"code": code})["csrf"]

    def __enter__(self) -> Signed:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def json(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of a request that must succeed."""
        answer = self.client.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return None if answer.status_code == 204 else answer.json()
