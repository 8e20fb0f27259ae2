"""The SuperLink and SuperExec processes: commands and environments for the supervisor.

The SuperLink listens on loopback only; hospitals reach it through the front. `--isolation process` with a secret keeps
a stranger from claiming the ServerApp's task, and lets a run survive the SuperLink's restart. The ServerApp finds the
coordinator's home in `INTRAMUROS_COORDINATOR_HOME`, which the SuperExec hands down to it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from protocols.flower_fleet import QUIET_ENVIRONMENT

COORDINATOR_HOME_VARIABLE: Final = "INTRAMUROS_COORDINATOR_HOME"
_TASK_POLL_SECONDS: Final = "0.5"


@dataclass(frozen=True, slots=True)
class SuperLinkSettings:
    """One SuperLink on loopback with its files. The secret is shared with the SuperExec only."""

    port: int
    database: Path
    authority_certificate: Path
    server_certificate: Path
    server_key: Path
    secret_file: Path
    flwr_home: Path

    @property
    def address(self) -> str:
        """Where the SuperLink listens."""
        return f"127.0.0.1:{self.port}"


def superlink_command(settings: SuperLinkSettings) -> tuple[str, ...]:
    """The command that runs the SuperLink in the foreground."""
    return (
        _flower("flower-superlink"),
        *("--host", "127.0.0.1", "--port", str(settings.port)),
        *("--database", str(settings.database)),
        *("--ssl-ca-certfile", str(settings.authority_certificate)),
        *("--ssl-certfile", str(settings.server_certificate)),
        *("--ssl-keyfile", str(settings.server_key)),
        "--enable-supernode-auth",
        "--disable-runtime-dependency-installation",
        *("--isolation", "process"),
        *("--superexec-auth-secret-file", str(settings.secret_file)),
    )


def superexec_command(settings: SuperLinkSettings) -> tuple[str, ...]:
    """The command that runs the SuperExec, which starts one ServerApp process per run."""
    return (
        _flower("flower-superexec"),
        *("--root-certificates", str(settings.authority_certificate)),
        *("--runtime-api-address", settings.address),
        *("--superexec-auth-secret-file", str(settings.secret_file)),
    )


def flower_environment(
    inherited: Mapping[str, str], *, flwr_home: Path, coordinator_home: Path | None = None
) -> dict[str, str]:
    """The environment of one Flower process: quiet, its own home, and Flower's commands on the path.

    Flower's processes start each other by bare name, and each needs a home of its own.
    """
    path = os.pathsep.join((str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)))
    environment = {**inherited, **QUIET_ENVIRONMENT, "FLWR_HOME": str(flwr_home), "PATH": path}
    environment["FLWR_SUPEREXEC_TASK_POLL_INTERVAL"] = _TASK_POLL_SECONDS
    if coordinator_home is not None:
        environment[COORDINATOR_HOME_VARIABLE] = str(coordinator_home)
    return environment


def _flower(command: str) -> str:
    return str(Path(sys.executable).parent / command)
