"""What the clean flow asks of stores and stations: its ports and the values that pass through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from node.deidentify.ports import ImageSandbox
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.intake.lookups import Lookups
from node.intake.received import ReceivedState
from node.intake.sealing import Sealer
from node.labeling.case import CaseAdmission


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom one received image shows, for the register; identities are sealed."""

    received_id: str
    instance_lookup: str
    patient_lookup: str
    sealed_patient: bytes = field(repr=False)
    sealed_image: bytes = field(repr=False)


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


class ImageRegister(Protocol):
    """The way between received images, patients and clean images. Every method raises: StoreFull, StoreFailed."""

    def instance_lookups(self, received_ids: Sequence[str]) -> Mapping[str, str]:
        """The lookup each image was received under."""
        ...

    def identify(self, batch: Sequence[Identified]) -> Mapping[str, Registered]:
        """The same names for the same image, always; no entry for a patient who opted out."""
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
    keys: CleanKeys
    clock: Clock
