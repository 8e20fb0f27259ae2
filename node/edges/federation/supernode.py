"""The SuperNode process: quiet, bounded in memory, with no code from outside.

`run_supernode` is the body of the process `supernode`. It must be the first in its process to touch Flower: the
environment it sets is read while Flower is imported, and the memory bound holds for the whole process.
"""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from node.ground.errors import NodeError
from protocols.flower_fleet import QUIET_ENVIRONMENT

SUPERNODE_MEMORY_BYTES = 2 * 1024**3
"""Bound on the writable memory of the process: idle it holds 0.23 GB, and seven times a frame on top (measured)."""


class FlowerLoadedEarly(NodeError):
    """Flower was imported before its environment was set; the process could talk to its makers."""


@dataclass(frozen=True, slots=True)
class SuperNodeSettings:
    """One SuperNode: where the coordinator's front is, who it is believed to be, which key this node shows."""

    coordinator_address: str
    root_certificate: Path
    transport_key: Path
    secret_file: Path
    runtime_port: int
    flwr_home: Path
    allowed_bundle_sha256: str
    memory_bytes: int = SUPERNODE_MEMORY_BYTES


def supernode_arguments(settings: SuperNodeSettings) -> tuple[str, ...]:
    """What Flower's own command line is given: TLS, the node's key, tasks for an outside worker, loopback only."""
    return (
        *("--superlink", settings.coordinator_address),
        *("--root-certificates", str(settings.root_certificate)),
        *("--auth-supernode-private-key", str(settings.transport_key)),
        *("--isolation", "process"),
        *("--superexec-auth-secret-file", str(settings.secret_file)),
        *("--host", "127.0.0.1", "--port", str(settings.runtime_port)),
    )


def run_supernode(settings: SuperNodeSettings) -> None:
    """Runs the SuperNode in this process until it is told to stop. Raises: FlowerLoadedEarly, FlowerVersionRefused."""
    if "flwr" in sys.modules:
        raise FlowerLoadedEarly("the SuperNode process imported Flower before its environment was set")
    settings.flwr_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.update(QUIET_ENVIRONMENT, FLWR_HOME=str(settings.flwr_home))
    resource.setrlimit(resource.RLIMIT_DATA, (settings.memory_bytes, settings.memory_bytes))
    from node.edges.federation.flower_supernode import run_unopened  # reads the environment

    run_unopened(supernode_arguments(settings), allowed_bundle_sha256=settings.allowed_bundle_sha256)
