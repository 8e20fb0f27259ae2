"""The bytes of received images: sealed files under random names, in 256 folders by the name's first two digits.

Bytes still on their way in stand in a lane under `incoming/` (see `node.storage.incoming`) and are found there too: a
row may be durable before its file has been moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from node.intake.damage import Damage
from node.intake.errors import ReceivedMissing, SealBroken
from node.intake.lookups import Lookups
from node.intake.part10 import FileBroken, opened
from node.intake.sealing import Sealer
from node.storage.row_record import sealed_part

INCOMING: Final = "incoming"
NAME: Final = re.compile(r"[0-9a-f-]{36}")
"""What every file of a store is called: an identifier of the node's own."""


def place_of(directory: Path, name: str) -> Path:
    """Where a store keeps the file of an identifier."""
    return directory / name[:2] / name


def names_in_place(directory: Path) -> Iterator[str]:
    """The names of the files in the 256 folders; what is no file of ours shows only in which folder it stands."""
    for number in range(256):
        folder = directory / f"{number:02x}"
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            yield path.name if NAME.fullmatch(path.name) else f"{folder.name}/?"


def make_places(directory: Path) -> None:
    """The 256 folders of a store exist."""
    for number in range(256):
        (directory / f"{number:02x}").mkdir(mode=0o700, parents=True, exist_ok=True)


class ReceivedBlobs:
    """Reads and drops received bytes."""

    def __init__(self, directory: Path, sealer: Sealer) -> None:
        self._directory = directory
        self._sealer = sealer

    def read(self, received_id: str) -> bytes:
        """The whole DICOM file as it was received.

        Raises:
            ReceivedMissing: it is gone or was changed on the disk.
        """
        found = self.look(received_id)
        if isinstance(found, Damage):
            raise ReceivedMissing
        return found

    def look(self, received_id: str) -> bytes | Damage:
        """The whole DICOM file, or what is wrong with it."""
        for path in self._candidates(received_id):
            try:
                return self._sealer.open(sealed_part(path.read_bytes()), bound_to=received_id)
            except FileNotFoundError:
                continue
            except SealBroken:
                return Damage.CHANGED
            except OSError:
                return Damage.UNREADABLE
        return Damage.MISSING

    def stands(self, received_id: str) -> bool:
        """Whether there is a file at all."""
        return any(path.exists() for path in self._candidates(received_id))

    def drop(self, received_id: str) -> None:
        """The bytes are gone; dropping them again is no error."""
        for path in self._candidates(received_id):
            with suppress(FileNotFoundError):
                path.unlink()

    def _candidates(self, received_id: str) -> Iterator[Path]:
        """The final place, the lanes, and the final place once more: the file may move between two looks."""
        final = place_of(self._directory, received_id)
        yield final
        yield from (self._directory / INCOMING).glob(f"*/{received_id}")
        yield final


def former_digest(blobs: ReceivedBlobs, lookups: Lookups, received_id: str) -> str | None:
    """The digest of the former form of received bytes; None where they cannot be read."""
    found = blobs.look(received_id)
    if isinstance(found, Damage):
        return None
    with suppress(FileBroken):
        return lookups.former_content(opened(found))
    return None
