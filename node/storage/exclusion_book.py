"""The list of exclusions in a file of its own beside the databases, and where the site wants one in a second place.

A database restored from a backup forgets what came after it; this file does not, and at each start what either knows
is added to the other. Every line is sealed with a key of the node, so that the file names nobody. Entries are added at
the end and synced; a line cut off by a crash is no line.
"""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node.ground.audit import Actor, ActorKind
from node.ground.faults import system_fault
from node.intake.errors import ExclusionListDamaged, ExclusionListUnusable, SealBroken
from node.intake.exclusion import ExclusionEntry, ExclusionKind, LiftReason
from node.intake.sealing import Sealer

_BOUND_TO = "exclusion-entry"


@dataclass(frozen=True, slots=True)
class ExclusionBookFiles:
    """Implements `ExclusionBook` on one file or several with the same entries."""

    files: Sequence[Path]
    sealer: Sealer

    def entries(self) -> dict[str, ExclusionEntry]:
        """Every entry of every file, by identifier. Raises: ExclusionListDamaged, ExclusionListUnusable."""
        found: dict[str, ExclusionEntry] = {}
        for file in self.files:
            found |= self.entries_of(file)
        return found

    def entries_of(self, file: Path) -> dict[str, ExclusionEntry]:
        """Every entry of one file; none where it does not exist. Raises: as `entries`."""
        with _usable(file):
            contents = file.read_bytes() if file.exists() else b""
        found = {}
        for number, line in enumerate(contents.split(b"\n")[:-1], start=1):
            try:
                entry = _entry(self.sealer.open(b64decode(line, validate=True), bound_to=_BOUND_TO))
            except (SealBroken, ValueError, KeyError):
                raise ExclusionListDamaged(file=file, line=number) from None
            found[entry.entry_id] = entry
        return found

    def append(self, entries: Sequence[ExclusionEntry]) -> None:
        """Every file has these entries, each once, and they are on the disk. Raises: as `entries`."""
        for file in self.files:
            with _usable(file), _locked(file) as descriptor:
                known = self.entries_of(file)
                lines = [self._line(entry) for entry in entries if entry.entry_id not in known]
                _append(descriptor, b"".join(lines))

    def _line(self, entry: ExclusionEntry) -> bytes:
        return b64encode(self.sealer.seal(_plain(entry), bound_to=_BOUND_TO)) + b"\n"


def _append(descriptor: int, lines: bytes) -> None:
    """The lines stand behind the last whole one."""
    if not lines:
        return
    contents = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    whole = contents.rfind(b"\n") + 1
    os.ftruncate(descriptor, whole)
    written = 0
    while written < len(lines):
        written += os.pwrite(descriptor, lines[written:], whole + written)
    os.fsync(descriptor)


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    """The file, made where it was missing, for one writer at a time."""
    fresh = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
    if fresh:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _usable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExclusionListUnusable(file=file, reason=system_fault(error)) from None


def _plain(entry: ExclusionEntry) -> bytes:
    return json.dumps(
        {
            "entry": entry.entry_id,
            "patient": entry.number_lookup,
            "kind": entry.kind.value,
            "lifted": "" if entry.lifted is None else entry.lifted.value,
            "at": entry.at.isoformat(),
            "by": [entry.by.kind.value, entry.by.actor_id],
        }
    ).encode()


def _entry(plain: bytes) -> ExclusionEntry:
    told = json.loads(plain)
    kind, actor_id = told["by"]
    return ExclusionEntry(
        entry_id=told["entry"],
        number_lookup=told["patient"],
        kind=ExclusionKind(told["kind"]),
        lifted=LiftReason(told["lifted"]) if told["lifted"] else None,
        at=datetime.fromisoformat(told["at"]),
        by=Actor(ActorKind(kind), actor_id),
    )
