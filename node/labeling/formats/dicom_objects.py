"""What every DICOM object of an export has in common: its sources, its names, and the same bytes each time.

An object stands in the study and under the pseudonym of the images it speaks of, with a UID made from the project's
key. Its days are the study's, moved as they are: the day of the export beside them would be the only true one, and no
two exports would be alike. Source: DICOM PS3.3 section C.12.1 (SOP Common), C.7.1.1 (patient identity removed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import SecondaryCaptureImageStorage

from node.labeling.formats.exported import CaseLabels
from protocols.labels import LabelSchema

MAKER: Final = "Intramuros"
NO_DAY: Final = "19000101"
NO_TIME: Final = "000000"
_KEPT: Final = (
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
)
_AT_LEAST_EMPTY: Final = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime"),
    *("AccessionNumber", "ReferringPhysicianName"),
)
"""Source: DICOM PS3.3 sections C.7.1.1 and C.7.2.1, type 2."""
_DAYS: Final = ("ContentDate", "SeriesDate", "PresentationCreationDate")
_TIMES: Final = ("ContentTime", "SeriesTime", "PresentationCreationTime")
_MOMENTS: Final = ("InstanceCreationDate", "InstanceCreationTime")


@dataclass(frozen=True, slots=True)
class Sources:
    """One case with the headers of its images, in the case's order, and the project's way of making UIDs."""

    schema: LabelSchema
    labels: CaseLabels
    headers: Mapping[str, Dataset]
    """By instance UID."""
    uid: Callable[[str], str]
    version: str

    def first(self) -> Dataset:
        """The header of the case's first image."""
        return self.headers[self.labels.images[0].instance_uid]

    def named(self, kind: str, number: int) -> dict[str, Any]:
        """What every object of this kind is given, for the constructors of highdicom."""
        return {
            "series_instance_uid": self.uid(f"{self.labels.case}/{kind}"),
            "sop_instance_uid": self.uid(f"{self.labels.case}/{kind}/{number}"),
            "instance_number": number,
            "manufacturer": MAKER,
        }

    def equipment(self) -> dict[str, Any]:
        """What objects say of the program that made them."""
        return {"manufacturer_model_name": MAKER, "software_versions": self.version, "device_serial_number": "1"}


def frames_of(header: Dataset) -> int:
    """How many frames the image has."""
    return int(header.get("NumberOfFrames") or 1)


def one_picture(header: Dataset) -> Dataset:
    """The header as of an image of one picture: highdicom takes no other without a frame of reference.

    `finished` gives the references to it their true class again.
    """
    alone = deepcopy(header)
    alone.SOPClassUID = SecondaryCaptureImageStorage
    for keyword in (one for one in ("NumberOfFrames", "FrameOfReferenceUID") if one in alone):
        delattr(alone, keyword)
    return alone


def header_of(contents: bytes) -> Dataset:
    """The header of an image that this node wrote, without its pixels; what objects must have is at least empty."""
    header = dcmread(BytesIO(contents), stop_before_pixels=True)
    for keyword in (one for one in _AT_LEAST_EMPTY if one not in header):
        setattr(header, keyword, "")
    return header


def person(author: str) -> str:
    """A reader's code as a person's name of one part."""
    return f"{author}^"


def author_of(made: Dataset) -> str:
    """The reader's code in an object."""
    return str(made.ContentCreatorName).rstrip("^")


def finished(made: Dataset, sources: Sources) -> bytes:
    """The whole file of an object, without the moment of its making."""
    first = sources.first()
    for keyword in _KEPT:
        if keyword in first:
            setattr(made, keyword, first[keyword].value)
    day = str(first.get("StudyDate") or NO_DAY)
    for keywords, value in ((_DAYS, day), (_TIMES, NO_TIME)):
        for keyword in (one for one in keywords if one in made):
            setattr(made, keyword, value)
    for keyword in (one for one in _MOMENTS if one in made):
        delattr(made, keyword)
    for item in made.get("ContributingEquipmentSequence", []):
        if "ContributionDateTime" in item:
            del item.ContributionDateTime
    for item in _items(made):
        if (named := sources.headers.get(str(item.get("ReferencedSOPInstanceUID", "")))) is not None:
            item.ReferencedSOPClassUID = named.SOPClassUID
    _rename(made, sources.uid(f"{made.SOPInstanceUID}/dimensions"))
    buffer = BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()


def opened(files: Sequence[bytes]) -> list[Dataset]:
    """The objects in these files. Raises: InvalidDicomError."""
    return [dcmread(BytesIO(contents)) for contents in files]


def _items(made: Dataset) -> Iterator[Dataset]:
    for element in made:
        for item in element.value if element.VR == "SQ" else ():
            yield item
            yield from _items(item)


def _rename(made: Dataset, uid: str) -> None:
    """The organisation of a segmentation's dimensions has a name of the project, not one of the moment."""
    for item in made.get("DimensionOrganizationSequence", []):
        item.DimensionOrganizationUID = uid
    for item in made.get("DimensionIndexSequence", []):
        item.DimensionOrganizationUID = uid
