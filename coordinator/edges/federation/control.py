"""The coordinator's own line to its SuperLink: who may connect, and which runs there are.

The Control API has no authentication in the open release, so it is reached on loopback only and never through the
front. Nobody but the coordinator's service starts a run, and always with the one bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key

from coordinator.edges.federation import flower_internals
from coordinator.edges.federation.bundle import build_bundle
from coordinator.ground.errors import CoordinatorError

RunConfig = Mapping[str, str | int | float | bool]


class TransportKeyRefused(CoordinatorError):
    """A public key that is not the P-384 key a SuperNode shows."""


class Phase(StrEnum):
    """Where a run stands, in the SuperLink's words with its three ends apart."""

    PENDING = "pending"
    STARTING = "starting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """A node as the SuperLink sees it; `status` is registered, online, offline or unregistered."""

    node_id: int
    status: str


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as the SuperLink sees it; bytes are those of message bodies, both ways."""

    run_id: int
    phase: Phase
    bytes_sent: int
    bytes_received: int

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen in this run."""
        return self.phase in (Phase.COMPLETED, Phase.FAILED, Phase.STOPPED)


@dataclass(frozen=True, slots=True)
class Control:
    """The Control API of one SuperLink on loopback. Every method raises ControlDown, ControlRefused."""

    address: str
    root_certificate: Path

    def register_node(self, public_key: bytes, *, name: str) -> int:
        """The node's number; its transport key (PEM or OpenSSH) may connect. Raises: TransportKeyRefused."""
        key = transport_key(public_key)
        with self._line() as line:
            return flower_internals.register(line, key, name)

    def unregister_node(self, node_id: int) -> None:
        """The node's key opens nothing any more."""
        with self._line() as line:
            flower_internals.unregister(line, node_id)

    def list_nodes(self) -> tuple[NodeSeen, ...]:
        """Every node the SuperLink knows."""
        with self._line() as line:
            return tuple(NodeSeen(seen.node_id, seen.status) for seen in flower_internals.nodes(line))

    def start_run(self, config: RunConfig, *, bundle: bytes | None = None) -> int:
        """The number of a new run of the one bundle; `config` holds keys its project file names."""
        with self._line() as line:
            return flower_internals.start(line, build_bundle() if bundle is None else bundle, config)

    def run_state(self, run_id: int) -> RunState:
        """Where the run stands. Raises: RunUnknown."""
        with self._line() as line:
            held = flower_internals.run_record(line, run_id)
        phase = Phase(held.status.sub_status if held.status.status == "finished" else held.status.status)
        return RunState(run_id=run_id, phase=phase, bytes_sent=held.bytes_sent, bytes_received=held.bytes_recv)

    def stop_run(self, run_id: int) -> bool:
        """Whether the run was running and is now stopped."""
        with self._line() as line:
            return flower_internals.stop(line, run_id)

    def logs(self, run_id: int, *, after: float = 0.0) -> str:
        """What the ServerApp wrote so far in an ended run; on a running one it waits for the end."""
        with self._line() as line:
            return "".join(text for _, text in flower_internals.log_lines(line, run_id, after))

    def _line(self) -> AbstractContextManager[flower_internals.ControlLine]:
        return flower_internals.control_line(self.address, self.root_certificate.read_bytes())


def transport_key(public_key: bytes) -> ec.EllipticCurvePublicKey:
    """The P-384 key in these bytes, PEM or OpenSSH. Raises: TransportKeyRefused."""
    load = load_ssh_public_key if public_key.startswith(b"ecdsa-") else load_pem_public_key
    try:
        key = load(public_key)
    except (ValueError, UnsupportedAlgorithm):
        raise TransportKeyRefused("not a public key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp384r1":
        raise TransportKeyRefused("not a P-384 key")
    return key
