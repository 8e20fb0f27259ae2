"""Where a coordinator keeps what: the layout of its home directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coordinator.ground.faults import system_fault
from coordinator.ground.told import Told


class HomeUnusable(Told):
    """The system does not let this user read or make the home directory."""

    text_key = "refusals.home-unusable"


class HomeTaken(Told):
    """The home directory holds a coordinator already; nothing was changed."""

    text_key = "refusals.home-taken"


@dataclass(frozen=True, slots=True)
class Home:
    """The directories and files of one coordinator."""

    path: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.path / "coordinator.toml"

    @property
    def keys(self) -> Path:
        """Secrets, readable by the owner only."""
        return self.path / "keys"

    @property
    def identity(self) -> Path:
        """The Ed25519 secret that seals offers, instructions, receipts and passports."""
        return self.keys / "identity.key"

    @property
    def authority_key(self) -> Path:
        """The private key of the coordinator's certificate authority."""
        return self.keys / "authority.key"

    @property
    def server_key(self) -> Path:
        """The private key of the server certificate."""
        return self.keys / "server.key"

    @property
    def superexec_secret(self) -> Path:
        """What the SuperExec shows the SuperLink."""
        return self.keys / "superexec.secret"

    @property
    def authority(self) -> Path:
        """The authority's certificate, which hospitals and partners are given."""
        return self.path / "authority.pem"

    @property
    def server_certificate(self) -> Path:
        """The certificate of the front and of the SuperLink."""
        return self.path / "server.pem"

    @property
    def runs(self) -> Path:
        """Checkpoints: one folder per run, one file per round."""
        return self.path / "runs"

    @property
    def releases(self) -> Path:
        """Released models, one file per release."""
        return self.path / "releases"

    @property
    def superlink_database(self) -> Path:
        """Flower's own state."""
        return self.path / "superlink.db"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """What a running coordinator leaves for others to find: its process number, its ready mark."""
        return self.path / "run"

    def flower(self, process: str) -> Path:
        """FLWR_HOME of one Flower process; each needs its own."""
        return self.path / "flwr" / process

    def make(self) -> None:
        """Every directory exists and only the owner can enter."""
        flower = (self.flower("superlink"), self.flower("superexec"))
        for directory in (self.path, self.keys, self.runs, self.releases, self.logs, self.run, *flower):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """What the system does not allow below a home leaves as `HomeUnusable`."""
    try:
        yield
    except OSError as error:
        raise HomeUnusable(home=path, reason=system_fault(error)) from None
