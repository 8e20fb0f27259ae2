"""The bytes of received images: sealed files under random names, in 256 folders by the name's first two digits.

Bytes still on their way in stand in a lane under `incoming/` (see `node.storage.incoming`) and are found there too: a
row may be durable before its file has been moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from node.intake.errors import ReceivedMissing, SealBroken
from node.intake.sealing import Sealer

INCOMING: Final = "incoming"


def place_of(directory: Path, name: str) -> Path:
    """Where a store keeps the file of an identifier."""
    return directory / name[:2] / name


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
        for path in self._candidates(received_id):
            try:
                return self._sealer.open(path.read_bytes(), bound_to=received_id)
            except FileNotFoundError:
                continue
            except (SealBroken, OSError):
                raise ReceivedMissing from None
        raise ReceivedMissing

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
