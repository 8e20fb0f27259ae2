"""The case: what one read is about, made from the clean images of one study; nothing in it names a patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from node.ground.audit import AuditEvent


@dataclass(frozen=True, slots=True)
class AdmittedImage:
    """One clean image, offered to labeling: new UIDs, the node's own patient number, no date of birth."""

    image_id: str
    """UUID version 4, the clean image's identifier."""
    patient_number: int
    study_uid: str
    """The new UID, not the hospital's."""
    series_uid: str
    """The new UID, not the hospital's."""
    modality: str
    body_part: str
    view: str
    rows: int
    columns: int
    frames: int
    sex: str
    """`M`, `F`, `O` or empty."""
    age_band: str
    """`40-49` … `90+`, or empty."""


class CaseAdmission(Protocol):
    """Where clean images become cases."""

    def admit(self, image: AdmittedImage, event: AuditEvent) -> str:
        """The identifier of the case the image belongs to; the same image again gives the same case."""
        ...
