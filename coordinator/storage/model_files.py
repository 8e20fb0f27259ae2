"""Models on disk: a file is whole and durable, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from coordinator.ground.errors import CoordinatorError
from coordinator.ground.home import Home

_Place = Callable[[str, int], Path]
"""Where a run's file of a round is."""


class ModelNotWritten(CoordinatorError):
    """A model could not be written; free some space and the run goes on from its last checkpoint."""


class StoredModels:
    """Checkpoints, opened sums and optimisers' moments under `runs/`, releases under `releases/`; models are
    safetensors."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def write_checkpoint(self, run_id: str, round_number: int, file: bytes) -> None:
        """The checkpoint is on the disk. Raises: ModelNotWritten."""
        _write_durably(self._checkpoint(run_id, round_number), file)

    def read_checkpoint(self, run_id: str, round_number: int) -> bytes | None:
        """The checkpoint's bytes, or none."""
        return _read(self._checkpoint(run_id, round_number))

    def write_release(self, release_id: str, file: bytes) -> None:
        """The release's file is on the disk. Raises: ModelNotWritten."""
        _write_durably(self._release(release_id), file)

    def read_release(self, release_id: str) -> bytes | None:
        """The release's file, or none."""
        return _read(self._release(release_id))

    def write_sum(self, run_id: str, round_number: int, content: bytes) -> None:
        """The sum is on the disk, in place of an earlier one of the round; those no round asks for any more are gone.

        The one before stays: until this round's model is written, the run may go on from there.

        Raises: ModelNotWritten.
        """
        self._write_latest(self._sum, run_id, round_number, content)

    def read_sum(self, run_id: str, round_number: int) -> bytes | None:
        """The sum's bytes, or none."""
        return _read(self._sum(run_id, round_number))

    def write_moments(self, run_id: str, round_number: int, content: bytes) -> None:
        """The moments are on the disk, in place of earlier ones of the round; as of sums, those before it stay alone.

        Raises: ModelNotWritten.
        """
        self._write_latest(self._moments, run_id, round_number, content)

    def read_moments(self, run_id: str, round_number: int) -> bytes | None:
        """The moments' bytes, or none."""
        return _read(self._moments(run_id, round_number))

    def _write_latest(self, place: _Place, run_id: str, round_number: int, content: bytes) -> None:
        """The round's file is on the disk, and of the others of its kind only that of the round before."""
        latest, before = place(run_id, round_number), place(run_id, round_number - 1)
        _write_durably(latest, content)
        for former in sorted(set(latest.parent.glob(f"round-*{latest.suffix}")) - {latest, before}):
            former.unlink(missing_ok=True)

    def _moments(self, run_id: str, round_number: int) -> Path:
        return self._home.runs / run_id / f"round-{round_number:05d}.moments"

    def _sum(self, run_id: str, round_number: int) -> Path:
        return self._home.runs / run_id / f"round-{round_number:05d}.sum"

    def _checkpoint(self, run_id: str, round_number: int) -> Path:
        return self._home.runs / run_id / f"round-{round_number:05d}.safetensors"

    def _release(self, release_id: str) -> Path:
        return self._home.releases / f"{release_id}.safetensors"


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ModelNotWritten(f"{path.name} could not be written: {error.strerror}") from None


def _sync_folder(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
