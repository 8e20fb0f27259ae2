"""DICOMweb in the web process."""

from __future__ import annotations

from dataclasses import dataclass

from node.deidentify.findings import DecodedFrame, Picture
from node.edges.dicomweb.parts import DicomwebParts
from node.edges.sandbox.pool import SandboxPool
from node.flows.look_trail import LookTrail
from node.flows.receive import Receiving
from node.storage.attachment_rows import AttachmentStore
from node.storage.clean_index import CleanIndexStore
from node.storage.clean_store import CleanImages
from node.storage.engine import Database
from node.storage.intake_parts import receive_parts
from node.storage.quick_images import QuickImages
from node.storage.ward_store import WardStore
from node.wiring.images import intake_ground
from node.wiring.place import Place


@dataclass(frozen=True, slots=True)
class CleanPictures:
    """Frames of clean images, decoded and drawn in the sandbox; implements `Pictures`."""

    images: CleanImages
    sandbox: SandboxPool

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1."""
        return self.sandbox.frame(self.images.read(image_id), number)

    def render(self, image_id: str, number: int, picture: Picture) -> bytes:
        """A frame drawn."""
        return self.sandbox.render(self.images.read(image_id), number, picture)


@dataclass(frozen=True, slots=True)
class ReceivedStudies:
    """Implements `StudyReader` with the sandbox."""

    sandbox: SandboxPool

    def study_uid(self, contents: bytes) -> str:
        """The study's UID as sent."""
        return self.sandbox.summarise(contents).study_uid


def dicomweb_parts(place: Place, sandbox: SandboxPool) -> DicomwebParts:
    """Everything the DICOMweb routes use; this process has a lane of its own for what is stored."""
    ground, images = intake_ground(place), CleanImages(place.home.clean)
    return DicomwebParts(
        index=CleanIndexStore(ground.engine),
        attached=AttachmentStore(ground.engine),
        files=images,
        quick=QuickImages(ground.engine, images),
        pictures=CleanPictures(images, sandbox),
        receiving=Receiving(receive_parts(ground, place.config.dicom)),
        studies=ReceivedStudies(sandbox),
        looks=LookTrail(WardStore(place.engine(Database.WARD)), place.clock.now),
    )
