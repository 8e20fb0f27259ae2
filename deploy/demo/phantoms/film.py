"""One drawn picture as a DICOM file, with everything in it that a hospital's file has and must not leave with.

Source: PS3.3 for the attributes; PS3.10 for the file.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless

from deploy.demo.phantoms.people import Person
from deploy.demo.phantoms.sites import Site

IMPLEMENTATION_UID = UID("2.25.127446391263377811404270319226466173421")


@dataclass(frozen=True, slots=True)
class Exam:
    """What one picture belongs to besides its patient."""

    site: Site
    person: Person
    day: date
    number: int
    physician: str
    burned_in: bool

    @property
    def accession_number(self) -> str:
        """The order's number."""
        return f"{self.site.letter}{self.day:%y%m%d}{self.number:04d}"

    @property
    def device_serial_number(self) -> str:
        """The detector's number."""
        return f"SN{self.site.letter}70{self.number % 3}4417"

    @property
    def age(self) -> str:
        """The age at the exam as DICOM writes it."""
        years = self.day.year - self.person.born.year
        years -= (self.day.month, self.day.day) < (self.person.born.month, self.person.born.day)
        return f"{years:03d}Y"


def uid_of(*parts: object) -> UID:
    """A UID that is the same whenever the parts are."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    return UID(f"2.25.{int.from_bytes(digest[:16], 'big')}")


def film_bytes(exam: Exam, picture: NDArray[np.float32], seed: int) -> bytes:
    """The whole file."""
    data_set = Dataset()
    _identify(data_set, exam, seed)
    _describe_patient(data_set, exam)
    _describe_order(data_set, exam)
    _add_private(data_set, exam)
    _add_picture(data_set, exam, picture)
    written = io.BytesIO()
    data_set.save_as(written, enforce_file_format=True)
    return written.getvalue()


def _identify(data_set: Dataset, exam: Exam, seed: int) -> None:
    key = (seed, exam.site.name, exam.number)
    data_set.SpecificCharacterSet = list(exam.site.character_sets)
    data_set.ImageType = ["ORIGINAL", "PRIMARY"]
    data_set.SOPClassUID = exam.site.sop_class_uid
    data_set.SOPInstanceUID = uid_of(*key, "instance")
    data_set.StudyInstanceUID = uid_of(*key, "study")
    data_set.SeriesInstanceUID = uid_of(*key, "series")
    data_set.FrameOfReferenceUID = uid_of(*key, "frame")
    data_set.StudyDate = data_set.SeriesDate = data_set.AcquisitionDate = data_set.ContentDate = f"{exam.day:%Y%m%d}"
    data_set.StudyTime = data_set.ContentTime = f"{8 + exam.number % 9:02d}1500"
    data_set.StudyID = str(1000 + exam.number)
    data_set.SeriesNumber = data_set.InstanceNumber = 1
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian if _is_rle(exam) else exam.site.transfer_syntax_uid
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = "PHANTOMS"
    data_set.file_meta = meta


def _describe_patient(data_set: Dataset, exam: Exam) -> None:
    person = exam.person
    data_set.PatientName = person.name
    data_set.PatientID = person.patient_id
    data_set.IssuerOfPatientID = "INVENTED"
    data_set.PatientBirthDate = f"{person.born:%Y%m%d}"
    data_set.PatientSex = person.sex
    data_set.PatientAge = exam.age
    data_set.PatientAddress = person.address
    data_set.PatientTelephoneNumbers = person.telephone
    data_set.PatientComments = f"{person.called}, {person.telephone}"
    other = Dataset()
    other.PatientID = person.national_number
    other.TypeOfPatientID = "TEXT"
    data_set.OtherPatientIDsSequence = Sequence([other])


def _describe_order(data_set: Dataset, exam: Exam) -> None:
    data_set.AccessionNumber = exam.accession_number
    data_set.Modality = exam.site.modality
    data_set.Manufacturer = exam.site.maker
    data_set.InstitutionName = exam.site.institution
    data_set.ReferringPhysicianName = exam.physician
    data_set.DeviceSerialNumber = exam.device_serial_number
    data_set.StudyDescription = f"Chest PA {exam.person.called}"
    data_set.BodyPartExamined = "CHEST"
    data_set.ViewPosition = "PA"
    data_set.PatientOrientation = ["L", "F"]
    data_set.KVP = "120"
    request = Dataset()
    request.RequestedProcedureDescription = f"Chest for {exam.person.called}"
    request.RequestedProcedureID = exam.accession_number
    data_set.RequestAttributesSequence = Sequence([request])


def _add_private(data_set: Dataset, exam: Exam) -> None:
    block = data_set.private_block(0x0011, "PHANTOM WORKLIST", create=True)
    block.add_new(0x01, "LO", exam.person.called)
    block.add_new(0x02, "LO", exam.person.patient_id)
    nested = Dataset()
    nested.PatientName = exam.person.name
    nested.PatientID = exam.person.patient_id
    block.add_new(0x03, "SQ", Sequence([nested]))


def _add_picture(data_set: Dataset, exam: Exam, picture: NDArray[np.float32]) -> None:
    stored = exam.site.bits_stored
    words = np.rint(picture * (2**stored - 1)).astype("<u2" if stored > 8 else "u1")
    data_set.SamplesPerPixel = 1
    data_set.PhotometricInterpretation = "MONOCHROME2"
    data_set.Rows, data_set.Columns = words.shape
    data_set.BitsAllocated = words.itemsize * 8
    data_set.BitsStored = stored
    data_set.HighBit = stored - 1
    data_set.PixelRepresentation = 0
    data_set.ImagerPixelSpacing = ["1.4", "1.4"]
    data_set.BurnedInAnnotation = "YES" if exam.burned_in else "NO"
    data_set.WindowCenter, data_set.WindowWidth = str(2 ** (stored - 1)), str(2**stored)
    data_set.RescaleIntercept, data_set.RescaleSlope, data_set.RescaleType = "0", "1", "US"
    data_set.LossyImageCompression = "00"
    data_set.PixelData = words.tobytes()
    data_set["PixelData"].VR = "OW" if stored > 8 else "OB"
    if _is_rle(exam):
        data_set.compress(RLELossless, generate_instance_uid=False)


def _is_rle(exam: Exam) -> bool:
    return exam.site.transfer_syntax_uid == RLELossless
