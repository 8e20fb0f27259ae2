"""Every clean image gets its header: made right after cleaning, and for images of earlier releases as time allows.

The header is made in the sandbox from the clean file and kept beside its row, so that no question about images is
answered by reading files. An image whose file is gone or cannot be read is marked and asked no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from node.deidentify.errors import SandboxUnavailable, UnreadableImage
from node.deidentify.findings import CleanHeader
from node.ground.clock import Clock
from node.ground.logs import log
from node.intake.errors import CleanMissing, StoreFailed, StoreFull

_BATCH: Final = 64
_BATCHES_AT_A_TIME: Final = 4


@dataclass(frozen=True, slots=True)
class Undescribed:
    """A clean image without a header."""

    image_id: str
    patient_number: int


@dataclass(frozen=True, slots=True)
class Described:
    """A clean image with its header; none where the file gives none."""

    image: Undescribed
    header: CleanHeader | None


class HeaderRows(Protocol):
    """Where headers are kept. Both methods raise: StoreFull, StoreFailed."""

    def undescribed(self, limit: int) -> Sequence[Undescribed]:
        """Clean images that wait for their header, the earliest first."""
        ...

    def keep(self, batch: Sequence[Described], at: datetime) -> None:
        """The headers are durable together, and their images wait no more."""
        ...


class CleanFile(Protocol):
    """The bytes of clean images."""

    def read(self, image_id: str) -> bytes:
        """The whole clean file. Raises: CleanMissing."""
        ...


class HeaderSandbox(Protocol):
    """Somewhere safe to take a file apart."""

    def describe(self, raw: bytes) -> CleanHeader:
        """The header of a clean file. Raises: UnreadableImage, SandboxUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Describing:
    """Makes headers, a bounded number at a time."""

    rows: HeaderRows
    files: CleanFile
    sandbox: HeaderSandbox
    clock: Clock

    def catch_up(self) -> int:
        """Images that waited have their headers, the next few hundred of them; returns how many.

        What the machine does not allow now is left for the next time.
        """
        done = 0
        try:
            for _ in range(_BATCHES_AT_A_TIME):
                waiting = self.rows.undescribed(_BATCH)
                if not waiting:
                    break
                self.rows.keep([self._described(image) for image in waiting], self.clock.now())
                done += len(waiting)
        except (SandboxUnavailable, StoreFull, StoreFailed) as error:
            log().warning("headers not made", error_type=type(error).__name__)
        return done

    def _described(self, image: Undescribed) -> Described:
        try:
            return Described(image, self.sandbox.describe(self.files.read(image.image_id)))
        except (CleanMissing, UnreadableImage) as error:
            log().warning("clean image without a header", error_type=type(error).__name__)
            return Described(image, None)
