"""What the clean flow asks of stores and stations: its ports and the values that pass through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from node.deidentify.attachments import AttachmentKind
from node.deidentify.policy import DEFAULT, Policy
from node.deidentify.ports import ImageSandbox
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.intake.lookups import Lookups
from node.intake.received import ReceivedState
from node.intake.sealing import Sealer
from node.labeling.case import CaseAdmission

ISSUER_OF_A_STUDY: Final = "\x01study"
"""Stands for the issuer where an image without a patient ID makes its study a patient of its own."""


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom one received image shows, for the register; identities are sealed."""

    received_id: str
    instance_lookup: str
    patient_lookup: str
    number_lookup: str
    """Keyed digest of the hospital's patient number, whoever issued it; empty where there is none."""
    sealed_patient: bytes = field(repr=False)
    sealed_image: bytes = field(repr=False)
    other_lookups: tuple[str, ...] = field(default=(), repr=False)
    """Keyed digests of the other numbers that the header has for the patient; an exclusion counts by any of them."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The node's own names for an image and its patient."""

    image_id: str
    patient_number: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one image's way through de-identification, and of its job."""

    received_id: str
    job_number: int
    state: ReceivedState
    reason: str
    """The key of the reason's text; empty for a clean image."""
    event: AuditEvent
    buried_code: str = ""
    """Why the job is kept as a dead letter; empty when it is done."""
    done: tuple[str, ...] = ()
    """The codes of what was done to a clean image."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A clean object that is no image, and the images it names, each by the lookup it is or will be received under."""

    image_id: str
    kind: AttachmentKind
    sources: tuple[str, ...]


class ReceivedBytes(Protocol):
    """The bytes of received images."""

    def read(self, received_id: str) -> bytes:
        """The whole file. Raises: ReceivedMissing."""
        ...


class CleanBytes(Protocol):
    """Where clean images are kept."""

    def write(self, image_id: str, contents: bytes) -> None:
        """The bytes are on the disk, in place of earlier ones. Raises: StoreFull, StoreFailed."""
        ...

    def settle(self) -> None:
        """Every name written so far is durable. Raises: StoreFull, StoreFailed."""
        ...


class AttachmentRows(Protocol):
    """Where it is kept which object belongs to which images."""

    def attach(self, attachment: Attachment, event: AuditEvent) -> None:
        """The object belongs to the images it names, whenever they come; again is no error. Raises: StoreFailed."""
        ...


class ImageRegister(Protocol):
    """The way between received images, patients and clean images. Every method raises: StoreFull, StoreFailed."""

    def instance_lookups(self, received_ids: Sequence[str]) -> Mapping[str, str]:
        """The lookup each image was received under."""
        ...

    def overruled(self, received_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The reasons people overruled, as text keys; no entry for an image that was never released."""
        ...

    def identify(self, batch: Sequence[Identified]) -> Mapping[str, Registered]:
        """The same names for the same image, always; no entry for a patient who is excluded."""
        ...

    def settle(self, batch: Sequence[Settlement]) -> None:
        """Images, jobs and audit events are settled together, or none."""
        ...


@dataclass(frozen=True, slots=True)
class CleanKeys:
    """The keys of de-identification; none of them enters the sandbox."""

    pseudonym: bytes = field(repr=False)
    patient_lookup: bytes = field(repr=False)
    identities: Sealer
    lookups: Lookups


@dataclass(frozen=True, slots=True)
class CleanParts:
    """What cleaning is made of."""

    received: ReceivedBytes
    clean: CleanBytes
    register: ImageRegister
    sandbox: ImageSandbox
    admission: CaseAdmission
    attachments: AttachmentRows
    keys: CleanKeys
    clock: Clock
    policy: Policy = DEFAULT
