"""A disk that writes down what it was asked, and the state that is left when everything not yet synced is lost.

Contents count once their file was synced, names once their folder was. A rename is one transaction of the file system:
the sync of either folder makes it durable whole (ext4, XFS). What was written and not synced may have reached the disk
in any part and any order: each such write is there whole, in part or not at all, with zeros where it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from node.storage.disk import Disk
from node.storage.growing_file import Buffers, GrowingFile

_WRITE_BYTES = 400
"""A write takes no more at once, so that a small image is many of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: `what` it was, to which path, with which bytes."""

    what: str
    path: Path = Path()
    held: bytes = b""
    source: Path = Path()


class RecordedFile(GrowingFile):
    """A growing file that writes down its pieces."""

    def __init__(self, path: Path, buffers: Buffers, steps: list[Step]) -> None:
        super().__init__(path, buffers)
        self._steps = steps

    def append(self, piece: memoryview) -> int:
        count = super().append(piece[:_WRITE_BYTES])
        self._steps.append(Step("more", self._path, bytes(piece[:count])))
        return count

    def sync(self) -> None:
        super().sync()
        self._steps.append(Step("synced", self._path))


class RecordingDisk(Disk):
    """The real disk; `steps` is the history of everything that passed through it."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def make_empty(self, paths: Sequence[Path]) -> None:
        super().make_empty(paths)
        self.steps += [Step("made", path) for path in paths]

    def begin(self, path: Path, buffers: Buffers) -> GrowingFile:
        return RecordedFile(path, buffers, self.steps)

    def write_synced(self, path: Path, contents: bytes) -> None:
        super().write_synced(path, contents)
        self.steps += [Step("made", path), Step("more", path, contents), Step("synced", path)]

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        self.steps.append(Step("names synced", path))

    def move(self, source: Path, target: Path) -> None:
        super().move(source, target)
        self.steps.append(Step("moved", target, source=source))


class UnsyncedDisk(Disk):
    """A disk for a start after the cut: what is lost then is not looked at, so it need not be waited for."""

    def sync_directory(self, path: Path) -> None:
        """Nothing."""


@dataclass(slots=True)
class _Node:
    """One file's bytes: as they were last synced, and what was written since."""

    durable: bytes = b""
    since: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class PowerCut:
    """What is on the disk after the power went behind the last of these steps; `torn` chooses how much of a write."""

    torn: Callable[[int], int]
    _seen: dict[Path, _Node] = field(default_factory=dict)
    _names: dict[Path, _Node] = field(default_factory=dict)
    _moves: list[tuple[Path, Path]] = field(default_factory=list)

    def left(self, steps: Sequence[Step]) -> dict[Path, bytes]:
        """The files and their contents."""
        for step in steps:
            self._take(step)
        return {path: node.durable + b"".join(map(self._part, node.since)) for path, node in self._names.items()}

    def _part(self, written: bytes) -> bytes:
        """A write that was not synced: a beginning of it, and more often all or nothing."""
        kept = min(max(self.torn(3 * len(written)) - len(written), 0), len(written))
        return written[:kept].ljust(len(written), b"\0")

    def _take(self, step: Step) -> None:
        match step.what:
            case "made":
                self._seen[step.path] = _Node()
            case "more":
                self._seen[step.path].since.append(step.held)
            case "synced":
                node = self._seen[step.path]
                node.durable, node.since = node.durable + b"".join(node.since), []
            case "moved":
                self._seen[step.path] = self._seen.pop(step.source)
                self._moves.append((step.source, step.path))
            case "names synced":
                self._names_synced(step.path)
            case other:
                assert other in {"rows", "answered"}, other

    def _names_synced(self, folder: Path) -> None:
        for source, target in list(self._moves):
            if folder in {source.parent, target.parent}:
                self._names.pop(source, None)
                self._names[target] = self._seen[target]
                self._moves.remove((source, target))
        self._names |= {path: node for path, node in self._seen.items() if path.parent == folder}
