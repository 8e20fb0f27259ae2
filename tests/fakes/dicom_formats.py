"""A case of an export with the headers of its images, as the writers of DICOM and NIfTI take it."""

from __future__ import annotations

from dataclasses import replace

from fakes.exported import LABELS, SCHEMA, SHAPES, image, mark, uid
from pydicom import Dataset, FileMetaDataset

from node.labeling.formats import segments
from node.labeling.formats.dicom_objects import Sources
from node.labeling.formats.exported import CaseLabels, ExportedAnswer, ExportedImage, ExportedReading

CASE = LABELS.cases[0]
STUDY_DAY = "20240229"


def header(shown: ExportedImage, place: int = 0, *, slices: bool = False) -> Dataset:
    """The header of an image of the export: a film, or a slice in a frame of reference."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2" if slices else "1.2.840.10008.5.1.4.1.1.1"
    made.SOPInstanceUID, made.StudyInstanceUID = shown.instance_uid, shown.study_uid
    made.SeriesInstanceUID, made.Modality = shown.series_uid, "CT" if slices else "CR"
    made.PatientID, made.PatientName, made.PatientIdentityRemoved = "P-AAAA", "", "YES"
    made.PatientBirthDate = made.PatientSex = made.AccessionNumber = made.StudyID = ""
    made.StudyDate, made.StudyTime, made.ReferringPhysicianName = STUDY_DAY, "", ""
    made.Rows, made.Columns, made.SamplesPerPixel = shown.rows, shown.columns, 1
    made.PhotometricInterpretation, made.BitsAllocated, made.BitsStored = "MONOCHROME2", 8, 8
    made.HighBit, made.PixelRepresentation = 7, 0
    if slices:
        made.FrameOfReferenceUID = uid("frame of reference")
        made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, 5.0 * place], [1, 0, 0, 0, 1, 0]
        made.PixelSpacing, made.SliceThickness = [0.5, 0.5], 5.0
    return made


def sources(case: CaseLabels = CASE, *, slices: bool = False) -> Sources:
    headers = {one.instance_uid: header(one, place, slices=slices) for place, one in enumerate(case.images)}
    return Sources(SCHEMA, case, headers, uid, "0.2.0")


def cases(case: CaseLabels = CASE) -> dict[str, str]:
    return {one.instance_uid: case.case for one in case.images}


def expected_masks(case: CaseLabels) -> tuple[ExportedReading, ...]:
    return tuple(one for one in (segments.says(said, SCHEMA) for said in case.readings) if one is not None)


def painted_slices() -> CaseLabels:
    """Three slices; one thing on two of them, another that lies on it, and a label that was looked for in vain."""
    images = tuple(image(CASE.case, number) for number in (1, 2, 3))
    first, second = images[2].instance_uid, images[0].instance_uid
    marks = (
        mark(1, SHAPES["mask"], thing="t1", instance_uid=first),
        mark(2, SHAPES["mask"], thing="t1", instance_uid=second),
        mark(3, SHAPES["full"], thing="t2", instance_uid=first, label="possible"),
        mark(4, SHAPES["mask"], thing="t1", instance_uid=first),
    )
    answers = (ExportedAnswer("painted", marks=marks),)
    return replace(CASE, images=images, readings=(ExportedReading("R-A", answers),))
