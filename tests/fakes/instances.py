"""Invented DICOM instances, small and whole, and a clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import numpy as np
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian

from node.intake.part10 import opened
from node.intake.received import Instance

COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def dataset(uid: str = "1.2.3.4.1", *, patient_id: str = "P-77", study: str = "1.2.3.2", fill: int = 7) -> Dataset:
    """A chest film of 16 x 16 pixels of one patient; `fill` makes other bytes under the same UID."""
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.SOPClassUID, image.SOPInstanceUID = COMPUTED_RADIOGRAPHY, uid
    image.StudyInstanceUID, image.SeriesInstanceUID = study, study + ".1"
    image.StudyDate, image.Modality, image.BodyPartExamined, image.ViewPosition = "20250314", "CR", "CHEST", "PA"
    image.ImageType = ["ORIGINAL", "PRIMARY"]
    image.PatientID, image.PatientName, image.PatientSex = patient_id, "Canary^Gildong=洪^吉童=홍^길동", "F"
    image.PatientBirthDate, image.PatientAge = "19801224", "044Y"
    image.Rows = image.Columns = 16
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 8, 8, 7, 0
    image.BurnedInAnnotation = "NO"
    image.PixelData = np.full((16, 16), fill, np.uint8).tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID, image.file_meta.MediaStorageSOPInstanceUID = (
        UID(COMPUTED_RADIOGRAPHY),
        UID(uid),
    )
    return image


def dicom_file(image: Dataset | None = None) -> bytes:
    """The whole file."""
    buffer = BytesIO()
    dcmwrite(buffer, image if image is not None else dataset(), enforce_file_format=True)
    return buffer.getvalue()


def instance(uid: str = "1.2.3.4.1", *, patient_id: str = "P-77", study: str = "1.2.3.2", fill: int = 7) -> Instance:
    """The same film as a peer would send it."""
    return opened(dicom_file(dataset(uid, patient_id=patient_id, study=study, fill=fill)))


class StoppedClock:
    """Stands at one moment until moved."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def monotonic_seconds(self) -> float:
        return (self._now - START).total_seconds()

    def move(self, step: timedelta) -> None:
        self._now += step
