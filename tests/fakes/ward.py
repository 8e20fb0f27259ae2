"""What a web process is made of, in a test: a clock that moves by hand, pixels without images, a hospital's UIDs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from node.deidentify.errors import FrameMissing
from node.deidentify.findings import DecodedFrame
from node.flows.exclude_parts import Withdrawal
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.intake.errors import StoreFailed
from node.labeling.concern import AlikeSeries, CleaningRule

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

    def shown(self, image_id: str, number: int) -> DecodedFrame:
        return self.frame(image_id, number)

    def preview(self, image_id: str, number: int) -> bytes:
        if number != 1:
            raise FrameMissing
        return b"\x89PNG\r\n\x1a\n"


class PlainHeaders:
    """Every image says how large its pixels are, and nothing more."""

    def headers(self, image_ids: Sequence[str]) -> dict[str, bytes]:
        return dict.fromkeys(image_ids, b'{"00280030":{"vr":"DS","Value":[0.5,0.25]}}')


@dataclass
class OriginalsByUid:
    """Which clean image came of which instance."""

    image_of_uid: dict[str, str] = field(default_factory=dict)

    def image_id(self, sop_instance_uid: str) -> str | None:
        return self.image_of_uid.get(sop_instance_uid)


@dataclass
class HeldImages:
    """Images under a legal hold."""

    held: set[str] = field(default_factory=set)

    def holds_case(self, image_ids: list[str]) -> bool:
        return not self.held.isdisjoint(image_ids)


@dataclass
class SettledImages:
    """The clean images of a node that keeps them in memory: every one is clean until it is held."""

    held: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    broken: bool = False

    def still_clean(self, image_ids: Sequence[str]) -> Sequence[Withdrawal]:
        if self.broken:
            raise StoreFailed
        return [Withdrawal(f"r-{one}", one, held=False) for one in image_ids if one not in self.held]

    def hold(self, batch: Sequence[Withdrawal], events: Sequence[AuditEvent]) -> None:
        assert len(batch) == len(events)
        self.held += [one.image_id for one in batch]

    def drop(self, image_id: str) -> None:
        self.dropped.append(image_id)

    def rule_of(self, image_ids: list[str]) -> CleaningRule | None:
        return CleaningRule("DX", "Maker", "1.2", ("text_searched",)) if image_ids else None

    def series(self, rule: CleaningRule, limit: int) -> list[AlikeSeries]:
        return [AlikeSeries("2.25.7", f"2.25.{rule.maker}", 3)][:limit]


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


HELD_IMAGE = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Settled:
    image_id: str
    done: tuple[str, ...]
    reason: str
    at: datetime


class QuietIntake:
    """An intake with one quarantined image, that somebody looked at."""

    def counts(self) -> Counts:
        return Counts()

    def quarantined(self, *, limit: int = 200) -> Sequence[Quarantined]:
        return [Quarantined(HELD_IMAGE, "deidentify.burned_in_annotation", BEGINNING)][:limit]

    def acts_of_people(self, *, limit: int = 200) -> Sequence[AuditEvent]:
        steward = Actor(ActorKind.PERSON, "somebody")
        return [AuditEvent(BEGINNING, steward, "quarantine.opened", f"received:{HELD_IMAGE}")][:limit]

    def settled(self, *, limit: int = 50) -> Sequence[Settled]:
        return [
            Settled(HELD_IMAGE, (), "deidentify.burned_in_annotation", BEGINNING),
            Settled("image two", ("identifiers_replaced", "text_blanked"), "", BEGINNING),
            Settled("image one", ("identifiers_replaced",), "", BEGINNING),
        ][:limit]
