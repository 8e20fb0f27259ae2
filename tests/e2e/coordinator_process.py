"""A real coordinator on loopback for tests: its own processes and commands, with hospitals that answer in this process.

Each hospital has a real SuperNode and the real pinned worker; only what it says is made up.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import factories
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from e2e.stack import ROOT, free_port
from fakes.hospitals import Hospital
from waiting import patient, until

from node.edges.federation.coordinator_client import CoordinatorClient, MemberLine
from node.edges.federation.supernode import SuperNodeSettings
from node.edges.federation.worker import Answers, WorkerSettings, serve
from node.flows.send import OwnSite
from node.ground.clock import SystemClock
from protocols.bundle import BUNDLE_SHA256
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentAnswer, EnrolmentState, Invitation
from protocols.errors import RefusalCode
from protocols.inbox import Inbox
from protocols.signing import Identity, PublicIdentity, Purpose, seal, unseal


class CoordinatorProcess:
    """One coordinator in `work`, reached by its commands and its front alone."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.home = work / "coordinator"
        self.address = f"127.0.0.1:{free_port()}"
        ports = ("--api-port", str(free_port()), "--superlink-port", str(free_port()))
        self.asks("init", "--name", "Example coordinator", "--address", self.address, *ports)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stop = threading.Event()
        self._workers: list[threading.Thread] = []
        self._lines: list[CoordinatorClient] = []
        self.supervisor = self._spawn("run", "coordinator", "run", "--home", str(self.home))
        until((self.home / "run" / "ready").exists, seconds=120, what="coordinator not ready")

    def asks(self, *words: str) -> Any:
        """What an operator's command prints for a script."""
        return json.loads(_ran("coordinator", *words, "--home", str(self.home), "--json"))

    def partner(self, *words: str) -> Any:
        """What a partner's command prints for a script."""
        return json.loads(_ran("coordinator.partner", *words, "--home", str(self.work / "partner"), "--json"))

    def joined(self, name: str) -> RealHospital:
        """A hospital that joined, was admitted, and whose SuperNode and worker run."""
        invitation = Invitation.from_text(self.asks("invite", "--site-name", name)["invitation"])
        hospital = RealHospital(self.work / name, name, invitation)
        self.asks("admit", name, "--fingerprint", hospital.answers.identity.public.fingerprint)
        until(lambda: hospital.inbox().state is EnrolmentState.ADMITTED, seconds=30, what="not let in")
        settings = hospital.supernode_settings()
        script = str(ROOT / "tests" / "e2e" / "supernode_process.py")
        self._processes.append(_popen(self.work / f"{name}.log", sys.executable, script, str(settings)))
        worker = threading.Thread(target=hospital.work, args=(self._stop,), daemon=True)
        worker.start()
        self._workers.append(worker)
        self._lines.append(hospital.client)
        return hospital

    def kill_server_app(self) -> None:
        """The ServerApp that runs under this coordinator is gone, without a chance to say so."""
        found = [pid for pid in _descendants(self.supervisor.pid) if "flwr-serverapp" in _command(pid)]
        assert found, "no ServerApp runs"
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    def down(self) -> None:
        """Everything this coordinator started has ended."""
        self._stop.set()
        self.supervisor.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.supervisor.wait(timeout=patient(30))
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for worker in self._workers:
            worker.join(timeout=10)
        for line in self._lines:
            line.close()

    def _spawn(self, name: str, module: str, *words: str) -> subprocess.Popen[bytes]:
        process = _popen(self.work / f"{name}.log", sys.executable, "-P", "-m", module, *words)
        self._processes.append(process)
        return process


class RealHospital:
    """A hospital's side of the line: the node's own client, SuperNode and worker."""

    def __init__(self, folder: Path, name: str, invitation: Invitation) -> None:
        folder.mkdir()
        self.folder, self.invitation = folder, invitation
        self.port = free_port()
        identity, coordinator = Identity.generate(), PublicIdentity(invitation.coordinator_key)
        self.answers = Hospital(name, identity, coordinator=coordinator)
        self.sent: list[bytes] = []
        self.client = CoordinatorClient(invitation.address, invitation.authority_pem)
        sealed = self._request(name, identity)
        answer, _ = decode(unseal(self.client.enrol(sealed), coordinator, Purpose.ENROLMENT_ANSWER), EnrolmentAnswer)
        self.answers.site_id = answer.site_id
        self.sent.append(sealed)
        site = OwnSite(answer.site_id, identity, coordinator)
        self._line = MemberLine(self.client, site, SystemClock())

    def inbox(self) -> Inbox:
        """The inbox, as the node fetches it."""
        sealed = self._line.inbox()
        return decode(unseal(sealed, self.answers.coordinator, Purpose.INBOX), Inbox)[0]

    def deliver(self, kind: str, sealed: bytes) -> None:
        """The sealed message is with the coordinator."""
        self.sent.append(sealed)
        self._line.deliver(kind, sealed)

    def work(self, stop: threading.Event) -> None:
        """Answers tasks until `stop`, with the real worker."""
        settings = WorkerSettings(f"127.0.0.1:{self.port}", self.folder / "secret", BUNDLE_SHA256)
        serve(settings, Answers(self._answer, self._refuse), stop=stop)

    def supernode_settings(self) -> Path:
        """The file the SuperNode process reads."""
        (self.folder / "authority.pem").write_text(self.invitation.authority_pem)
        (self.folder / "secret").write_bytes(os.urandom(32))
        settings = SuperNodeSettings(
            coordinator_address=self.invitation.address,
            root_certificate=self.folder / "authority.pem",
            transport_key=self.folder / "transport.pem",
            secret_file=self.folder / "secret",
            runtime_port=self.port,
            flwr_home=self.folder / "flwr",
            allowed_bundle_sha256=BUNDLE_SHA256,
        )
        path = self.folder / "supernode.json"
        path.write_text(json.dumps(asdict(settings), default=str))
        return path

    def _request(self, name: str, identity: Identity) -> bytes:
        key = ec.generate_private_key(ec.SECP384R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        (self.folder / "transport.pem").write_bytes(private)
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        certified = seal(encode(factories.a_transport_key(public_key_pem=pem)), identity, Purpose.TRANSPORT_KEY)
        request = factories.an_enrolment_request(
            token=self.invitation.token,
            site_name=name,
            identity_key=identity.public.raw,
            sealed_transport_key=certified,
        )
        return seal(encode(request), identity, Purpose.ENROLMENT)

    def _answer(self, _message_type: str, sealed: bytes) -> bytes:
        answer = self.answers.answer(sealed)
        assert answer is not None
        self.sent.append(answer)
        return answer

    def _refuse(self, code: RefusalCode) -> bytes:
        report = factories.an_error_report(site_id=self.answers.site_id, code=code)
        sealed = self.answers.sealed(report, Purpose.REFUSAL)
        self.sent.append(sealed)
        return sealed


@contextlib.contextmanager
def running_coordinator(work: Path) -> Iterator[CoordinatorProcess]:
    """A coordinator that is up, and down again afterwards."""
    process = CoordinatorProcess(work)
    try:
        yield process
    finally:
        process.down()


def _ran(module: str, *words: str) -> str:
    done = subprocess.run([sys.executable, "-P", "-m", module, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _popen(log: Path, *command: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with log.open("ab") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)


def _descendants(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                child = int(entry.name)
                found += [child, *_descendants(child)]
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
