"""DICOMweb in a test: parts that know no image, and a node's real intake behind the real routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fakes.receiving_node import intake_ground
from fakes.sandbox import OpenSandbox

from node.deidentify.findings import DecodedFrame, Picture, Span
from node.deidentify.frames import decode_frame, render
from node.deidentify.summary import summarise
from node.edges.dicomweb.parts import DicomwebParts
from node.edges.jobs.loop import JobLoop
from node.flows.clean import Cleaning
from node.flows.describe import Describing
from node.flows.image_search import FoundPage, HeldImage, ImageSearch, Place
from node.flows.receive import Receiving
from node.ground.at_once import NotAtOnce
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import Dicom
from node.intake.errors import CleanMissing
from node.intake.received import Instance, Outcome
from node.labeling.attached import AttachedObject
from node.labeling.case import AdmittedImage
from node.storage.attachment_rows import AttachmentStore
from node.storage.clean_index import CleanIndexStore
from node.storage.clean_store import CleanImages
from node.storage.header_rows import HeaderRowsStore
from node.storage.intake_parts import IntakeGround, clean_parts, receive_parts
from node.storage.job_queue import JobQueueStore
from node.storage.quick_images import QuickImages

PEER = Actor(ActorKind.PEER, "CT3")


class NoImages:
    """Every part of DICOMweb, over nothing."""

    max_file_bytes = 1 << 20

    def search(self, wanted: ImageSearch) -> FoundPage:
        return FoundPage((), 0)

    def metadata(self, place: Place) -> Sequence[bytes]:
        return []

    def held(self, place: Place) -> Sequence[HeldImage]:
        return []

    def places(self, image_ids: Sequence[str]) -> Mapping[str, Place]:
        return {}

    def of_images(self, image_ids: Sequence[str]) -> Mapping[str, Sequence[AttachedObject]]:
        return {}

    def read(self, image_id: str) -> bytes:
        raise CleanMissing

    def cut(self, image_id: str, spans: Sequence[Span]) -> bytes:
        raise CleanMissing

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        raise CleanMissing

    def render(self, image_id: str, number: int, picture: Picture) -> bytes:
        raise CleanMissing

    def study_uid(self, contents: bytes) -> str:
        return ""

    def receive(self, instance: Instance, sender: Actor) -> Outcome:
        return Outcome.STORED


@dataclass
class Looked:
    """Remembers who looked at what, and covers nothing."""

    seen: list[tuple[Actor, str, str]] = field(default_factory=list)

    def covered(self, by: Actor, action: str, subject: str) -> bool:
        return False

    def note(self, by: Actor, action: str, subject: str) -> None:
        self.seen.append((by, action, subject))


class NothingAtOnce:
    """Every question has to wait."""

    def listed(self, place: Place) -> Sequence[str]:
        raise NotAtOnce

    def described(self, place: Place) -> Sequence[bytes]:
        raise NotAtOnce

    def held(self, place: Place) -> HeldImage:
        raise NotAtOnce

    def cut(self, image_id: str, spans: Sequence[Span], before: bytes, after: bytes) -> bytearray:
        raise NotAtOnce


def quiet_parts() -> DicomwebParts:
    """A DICOMweb that holds no image and keeps none."""
    nothing = NoImages()
    return DicomwebParts(
        index=nothing, attached=nothing, files=nothing, quick=NothingAtOnce(), pictures=nothing, receiving=nothing,
        studies=nothing, looks=Looked(),
    )  # fmt: skip


class AnyCase:
    """Admits every image."""

    def admit(self, image: AdmittedImage, event: AuditEvent) -> str:
        return "case"


class OpenPictures:
    """Frames of clean images, and studies of received ones, in this process."""

    def __init__(self, images: CleanImages) -> None:
        self._images = images

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        return decode_frame(self._images.read(image_id), number)

    def render(self, image_id: str, number: int, picture: Picture) -> bytes:
        return render(self._images.read(image_id), number, picture)

    def study_uid(self, contents: bytes) -> str:
        return summarise(contents).study_uid


@dataclass
class ImageHouse:
    """A node's intake on real stores, its sandbox without walls."""

    ground: IntakeGround
    parts: DicomwebParts
    headers: Describing

    def receive(self, *instances: Instance) -> None:
        """The instances are received, cleaned and described."""
        for one in instances:
            self.parts.receiving.receive(one, PEER)
        self.work()

    def work(self) -> None:
        """What waits is cleaned and described."""
        cleaning = Cleaning(clean_parts(self.ground, OpenSandbox(), AnyCase()), threads=1)
        JobLoop(JobQueueStore(self.ground.engine), {"clean": cleaning}, [], self.ground.clock).run_until_idle()
        cleaning.close()
        self.headers.catch_up()


@contextmanager
def image_house(folder: Path, *, max_instance_mib: int = 1) -> Iterator[ImageHouse]:
    """A house at a new home."""
    ground = intake_ground(folder)
    images = CleanImages(ground.home.clean)
    pictures = OpenPictures(images)
    config = Dicom(free_space_reserve_mib=1, max_instance_mib=max_instance_mib)
    receiving = Receiving(receive_parts(ground, config))
    quick = QuickImages(ground.engine, images)
    parts = DicomwebParts(
        index=CleanIndexStore(ground.engine), attached=AttachmentStore(ground.engine), files=images, quick=quick,
        pictures=pictures, receiving=receiving, studies=pictures, looks=Looked(),
    )  # fmt: skip
    yield ImageHouse(ground, parts, Describing(HeaderRowsStore(ground.engine), images, OpenSandbox(), ground.clock))
    quick.close()
    ground.engine.dispose()
