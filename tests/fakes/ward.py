"""What a web process is made of, in a test: a clock that moves by hand, pixels without images, a hospital's UIDs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from node.deidentify.errors import FrameMissing
from node.deidentify.frames import DecodedFrame

BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A clock that stands still until a test moves it."""

    at: datetime = BEGINNING

    def now(self) -> datetime:
        return self.at

    def monotonic_seconds(self) -> float:
        return (self.at - BEGINNING).total_seconds()

    def forward(self, **period: float) -> None:
        self.at += timedelta(**period)


class PlainFrames:
    """Every image is a small ramp, the same for every reader."""

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        pixels = bytes(range(16)) + bytes([number]) * 16
        return DecodedFrame(
            rows=4,
            columns=4,
            samples=1,
            bits_allocated=16,
            bits_stored=12,
            signed=False,
            photometric="MONOCHROME2",
            pixels=pixels,
        )

    def preview(self, image_id: str, number: int) -> bytes:
        if number != 1:
            raise FrameMissing
        return b"\x89PNG\r\n\x1a\n"


@dataclass
class OriginalsByUid:
    """Which clean image came of which instance."""

    image_of_uid: dict[str, str] = field(default_factory=dict)

    def image_id(self, sop_instance_uid: str) -> str | None:
        return self.image_of_uid.get(sop_instance_uid)


@dataclass(frozen=True)
class Counts:
    received: int = 7
    waiting: int = 1
    clean: int = 4
    quarantined: int = 2


@dataclass(frozen=True)
class Quarantined:
    image_id: str
    reason: str
    at: datetime


class QuietIntake:
    """An intake with one quarantined image."""

    def counts(self) -> Counts:
        return Counts()

    def quarantined(self, *, limit: int = 200) -> Sequence[Quarantined]:
        image_id = "11111111-1111-4111-8111-111111111111"
        return [Quarantined(image_id, "deidentify.burned_in_annotation", BEGINNING)][:limit]
