"""The peer: a bare Flower app on Flower's stock deployment, as its documentation sets it up.

TLS, node authentication, a SQLite state, subprocess isolation with stock SuperExecs and ClientApps, every default kept.
Nodes reach the SuperLink directly; there is no front, no seal, no ledger and no checkpoint.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks.interleaved import LOOPBACK, check_free, free_ports
from benchmarks.processes import Processes
from benchmarks.round_overhead.model import PARAMETERS, SHAPES, SITES
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from waiting import patient, until

from coordinator.edges.federation.bundle import bundle_of
from coordinator.edges.federation.control import Control, Phase, RunConfig
from coordinator.ground.certificates import issue_server_certificate, make_authority
from protocols.flower_fleet import QUIET_ENVIRONMENT

_BIN: Final = Path(sys.executable).parent
_APP: Final = Path(__file__).parent / "peer_app"
_PROJECT: Final = """\
[project]
name = "bare-rounds"
version = "1.0.0"
license = "Apache-2.0"

[tool.flwr.app]
publisher = "bench"

[tool.flwr.app.components]
serverapp = "bare_rounds.server_app:app"
clientapp = "bare_rounds.client_app:app"

[tool.flwr.app.config]
rounds = 3
evaluates = false
shapes = ""
noted = ""
"""


class Peer:
    """One SuperLink and its SuperNodes in `work`."""

    def __init__(self, work: Path) -> None:
        self._work = work
        work.mkdir()
        self._processes = Processes(work)
        self._port, *self._node_ports = free_ports(1 + SITES)
        self._control = Control(f"{LOOPBACK}:{self._port}", work / "ca.pem")

    def start(self) -> None:
        """The SuperLink is starting."""
        check_free(self._port, *self._node_ports)
        now = datetime.datetime.now(datetime.UTC)
        authority = make_authority("Peer authority", now=now)
        server = issue_server_certificate(authority, ["localhost", LOOPBACK], now=now)
        (self._work / "ca.pem").write_bytes(authority.certificate_pem)
        (self._work / "server.pem").write_bytes(server.certificate_pem)
        (self._work / "server.key").write_bytes(server.key_pem)
        self._spawn(
            "superlink",
            *("flower-superlink", "--host", LOOPBACK, "--port", str(self._port), "--database", "state.db"),
            *("--ssl-ca-certfile", "ca.pem", "--ssl-certfile", "server.pem", "--ssl-keyfile", "server.key"),
            *("--enable-supernode-auth", "--disable-runtime-dependency-installation"),
        )

    def settle(self) -> None:
        """Every SuperNode is online."""
        until(self._healthy, seconds=90, what="the peer's SuperLink is not healthy", every_seconds=0.5)
        for number, port in enumerate(self._node_ports):
            self._add_node(number, port)
        until(self._all_online, seconds=90, what="the peer's nodes are not online", every_seconds=0.5)

    def rounds(self, count: int, *, evaluates: bool = False, one_array: bool = False) -> list[float]:
        """Seconds from the end of each round to the end of the next, in one run of so many rounds.

        With `one_array` all parameters are one array: the same bytes in fewer of Flower's objects.
        """
        noted = self._work / "noted.json"
        noted.unlink(missing_ok=True)
        shapes = json.dumps([("all", (PARAMETERS,))] if one_array else SHAPES)
        config: RunConfig = {"rounds": count, "evaluates": evaluates, "shapes": shapes, "noted": str(noted)}
        run_id = self._control.start_run(config, bundle=_bundle())
        try:  # a file is looked for rather than the SuperLink asked, which would load the peer
            until(noted.exists, seconds=300, what="the peer's rounds did not end", every_seconds=0.5)
            until(
                lambda: self._control.run_state(run_id).ended,
                seconds=60,
                what="the peer's run did not end",
                every_seconds=0.5,
            )
        finally:
            self._processes.check()
        assert self._control.run_state(run_id).phase is Phase.COMPLETED
        told = json.loads(noted.read_text())
        assert told["replies"] == [SITES] * count, f"answers per round: {told['replies']}"
        return [after - before for before, after in pairwise(told["ended"])]

    def cpu_seconds(self) -> float:
        """CPU seconds used so far by every process of this side."""
        return self._processes.cpu_seconds()

    def down(self) -> None:
        """Everything of the peer has ended."""
        self._processes.down()

    def _add_node(self, number: int, port: int) -> None:
        name, key = f"node-{number}", ec.generate_private_key(ec.SECP384R1())
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        (self._work / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        self._control.register_node(public, name=name)
        self._spawn(
            name,
            *("flower-supernode", "--superlink", f"{LOOPBACK}:{self._port}", "--root-certificates", "ca.pem"),
            *("--auth-supernode-private-key", f"{name}.key", "--host", LOOPBACK, "--port", str(port)),
            *("--node-config", f"partition-id={number} num-partitions={SITES}"),
        )

    def _spawn(self, name: str, program: str, *arguments: str) -> None:
        home = self._work / f"flwr-{name}"
        home.mkdir()
        path = os.pathsep.join((str(_BIN), os.environ.get("PATH", os.defpath)))
        environment = {**os.environ, **QUIET_ENVIRONMENT, "FLWR_HOME": str(home), "PATH": path}
        self._processes.start(name, (str(_BIN / program), *arguments), environment, cwd=self._work)

    def _healthy(self) -> bool:
        self._processes.check()
        trust = ssl.create_default_context(cafile=str(self._work / "ca.pem"))
        address = f"https://{LOOPBACK}:{self._port}/health"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, context=trust, timeout=patient(2)) as answer:
            return bool(answer.status == 200)
        return False

    def _all_online(self) -> bool:
        self._processes.check()
        return sum(node.status == "online" for node in self._control.list_nodes()) >= SITES


@contextlib.contextmanager
def starting_peer(work: Path) -> Iterator[Peer]:
    """The peer, starting; down again afterwards."""
    peer = Peer(work)
    try:
        peer.start()
        yield peer
    finally:
        peer.down()


def _bundle() -> bytes:
    parts = {f"bare_rounds/{name}": (_APP / name).read_bytes() for name in ("client_app.py", "server_app.py")}
    return bundle_of({"pyproject.toml": _PROJECT.encode(), "bare_rounds/__init__.py": b"", **parts})
