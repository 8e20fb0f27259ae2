"""Where a node keeps what: the layout of its home directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The directories and files of one node."""

    path: Path

    @property
    def keys(self) -> Path:
        """Secrets, readable by the owner only."""
        return self.path / "keys"

    @property
    def received(self) -> Path:
        """Original bytes, encrypted."""
        return self.path / "received"

    @property
    def clean(self) -> Path:
        """De-identified images: all that pages and training see."""
        return self.path / "clean"

    @property
    def exports(self) -> Path:
        """Training exports, one folder per plan."""
        return self.path / "export"

    @property
    def models(self) -> Path:
        """Models that came back."""
        return self.path / "models"

    @property
    def flower(self) -> Path:
        """FLWR_HOME of the SuperNode."""
        return self.path / "flwr"

    @property
    def logs(self) -> Path:
        """One log file per process, scrubbed."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Sockets and process identifiers of a running node."""
        return self.path / "run"

    @property
    def exclusions(self) -> Path:
        """The patients whose images are not used: sealed, beside the databases, added to and never shortened."""
        return self.path / "exclusions.sealed"

    @property
    def scrub(self) -> Path:
        """Where the background scrub stands."""
        return self.path / "scrub.json"

    @property
    def membership(self) -> Path:
        """What `join` learned: the coordinator's key, address and authority, and this site's identifier."""
        return self.path / "membership.json"

    def make(self) -> None:
        """Every directory exists and only the owner can enter."""
        for directory in (
            self.path,
            self.keys,
            self.received,
            self.clean,
            self.exports,
            self.models,
            self.flower,
            self.logs,
            self.run,
        ):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
