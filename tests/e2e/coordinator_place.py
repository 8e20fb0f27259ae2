"""A coordinator and its partner on loopback for tests: made, run, stopped and spoken to by their commands alone."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from waiting import patient, until

from deploy.demo.processes import environment, free_ports
from protocols.plans import TrainingPlan

ROOT = Path(__file__).parents[2]
PARTNER = "Example Imaging AI"


class CoordinatorPlace:
    """One coordinator in `work`. `stop` leaves no process of it behind."""

    def __init__(self, work: Path) -> None:
        self._begin(work)
        ports = ("--api-port", str(self.api_port), "--superlink-port", str(self.superlink_port))
        made = self.asks("init", "--name", "Example coordinator", "--address", self.address, *ports)
        self.fingerprint = str(made["fingerprint"])

    def _begin(self, work: Path) -> None:
        self.home, self.partner_home, self.log = work / "coordinator", work / "partner", work / "coordinator.log"
        self.front_port, self.api_port, self.superlink_port = free_ports(3)
        self.address = f"127.0.0.1:{self.front_port}"
        self.partner_id = ""
        self._supervisor: subprocess.Popen[bytes] | None = None

    def asks(self, *words: str) -> Any:
        """What an operator's command prints for a script."""
        return _json(self.attempt(*words, "--json"))

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """An operator's command, whatever its exit code."""
        return attempt("coordinator", *words, "--home", str(self.home))

    def partner(self, *words: str) -> Any:
        """What a partner's command prints for a script."""
        return _json(attempt("coordinator.partner", *words, "--home", str(self.partner_home), "--json"))

    def connect_partner(self) -> None:
        """The partner has keys and is known to the coordinator."""
        key = str(self.partner("init")["key"])
        added = self.asks("partner", "add", "--name", PARTNER, "--key", key)
        self.partner_id = str(added["partner_id"])
        self.partner("connect", "--card", str(added["card"]))

    def submit(self, plan: TrainingPlan) -> None:
        """The partner submitted the plan."""
        path = self.partner_home / "plan.json"
        path.write_text(plan.model_dump_json(), encoding="utf-8")
        self.partner("submit", str(path))

    def invite(self, site_name: str) -> str:
        """A one-time invitation for this hospital."""
        return str(self.asks("invite", "--site-name", site_name)["invitation"])

    def approvals(self, plan_id: str) -> int:
        """How many hospitals approved the plan."""
        return int(next(plan["approvals"] for plan in self.asks("plans") if plan["plan_id"] == plan_id))

    def run(self, run_id: str) -> dict[str, Any]:
        """How a run stands."""
        return dict(next(run for run in self.asks("runs") if run["run_id"] == run_id))

    def start(self) -> None:
        """Every process of the coordinator answers."""
        with self.log.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-P", "-m", "coordinator", "run", "--home", str(self.home)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment(),
            )  # fmt: skip
        until((self.home / "run" / "ready").exists, 120, "the coordinator")

    def stop(self) -> None:
        """The coordinator and everything it started has ended."""
        if self._supervisor is not None:
            self._supervisor.send_signal(signal.SIGTERM)
            self._supervisor.wait(timeout=patient(60))
            self._supervisor = None

    def pid_of(self, program: str) -> int:
        """The process of this program below the coordinator's supervisor; 0 while there is none."""
        assert self._supervisor is not None
        found = below(self._supervisor.pid, program)
        return found[0] if found else 0


class KeptCoordinator(CoordinatorPlace):
    """A coordinator whose home exists already: its configuration is given ports that are free here."""

    def __init__(self, work: Path) -> None:
        self._begin(work)
        path = self.home / "coordinator.toml"
        text = path.read_text(encoding="utf-8")
        for name in ("front_port", "api_port", "superlink_port"):
            text = re.sub(rf"(?m)^{name} = \d+$", f"{name} = {getattr(self, name)}", text)
        path.write_text(text, encoding="utf-8")


def below(pid: int, program: str) -> list[int]:
    """The processes below this one whose command line names the program; none below 0, which is nobody of ours."""
    if pid == 0:
        return []
    return [found for found in _descendants(pid) if program in _argv(found)]


def attempt(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the product with its exit code, whatever it is."""
    return subprocess.run(
        [sys.executable, "-P", "-m", module, *words],
        cwd=ROOT, capture_output=True, text=True, timeout=patient(120), check=False, env=environment(),
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command ended with another code than 0 and one message that says these words."""
    told = done.stderr
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in told + done.stdout
    assert [word for word in words if word not in told] == [], told


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def _descendants(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found += [int(entry.name), *_descendants(int(entry.name))]
    return found


def _argv(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
