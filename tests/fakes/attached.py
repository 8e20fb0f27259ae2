"""Objects that speak about an image: a segmentation, a report and a presentation state, invented and small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from fakes.instances import dataset
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID

SEGMENTATION, REPORT = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.88.33"
PRESENTATION, RADIOGRAPH = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.1"


def item(**attributes: object) -> Dataset:
    """A sequence item with these attributes."""
    made = Dataset()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def naming(uid: str) -> Dataset:
    """An item that names an instance."""
    return item(ReferencedSOPClassUID=RADIOGRAPH, ReferencedSOPInstanceUID=uid)


def code(value: str, meaning: str, scheme: str = "SCT") -> Dataset:
    """A coded concept."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _about(sop_class: str, uid: str, modality: str) -> Dataset:
    made = dataset(uid)
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    made.Modality, made.SeriesInstanceUID = modality, "1.2.3.77"
    return made


def segmentation(uid: str = "1.2.3.5.1", of: Sequence[str] = ("1.2.3.4.1",)) -> Dataset:
    """One segment of 16 x 16 pixels, one bit each, with its source image."""
    made = _about(SEGMENTATION, uid, "SEG")
    made.ImageType, made.SegmentationType = ["DERIVED", "PRIMARY"], "BINARY"
    made.BitsAllocated = made.BitsStored = 1
    made.HighBit, made.NumberOfFrames = 0, 1
    made.PixelData = np.packbits(np.eye(16, dtype=np.uint8), bitorder="little").tobytes()
    made.ContentCreatorName = "Canary^Gildong"
    made.SegmentSequence = [
        item(
            SegmentNumber=1,
            SegmentLabel="nodule Gildong",
            SegmentAlgorithmType="MANUAL",
            SegmentedPropertyCategoryCodeSequence=[code("49755003", "Morphologically Abnormal Structure")],
            SegmentedPropertyTypeCodeSequence=[code("27925004", "Nodule")],
        )
    ]
    sources = [item(SourceImageSequence=[naming(one)]) for one in of]
    frame = item(DerivationImageSequence=sources, SegmentIdentificationSequence=[item(ReferencedSegmentNumber=1)])
    made.PerFrameFunctionalGroupsSequence = [frame]
    return made


def shaded(drawn: NDArray[np.uint8], uid: str = "1.2.3.5.4") -> Dataset:
    """A segmentation whose frame holds 8 bit values, [row, column]: how surely each pixel belongs to the segment."""
    made = segmentation(uid)
    made.SegmentationType, made.SegmentationFractionalType, made.MaximumFractionalValue = (
        "FRACTIONAL",
        "PROBABILITY",
        255,
    )
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.Rows, made.Columns = drawn.shape
    made.PixelData = drawn.tobytes()
    return made


def report(uid: str = "1.2.3.5.2", of: Sequence[str] = ("1.2.3.4.1",)) -> Dataset:
    """Who wrote it, a sentence about the patient, a measurement, and the image it speaks about."""
    made = _about(REPORT, uid, "SR")
    del made.PixelData
    made.ValueType, made.ConceptNameCodeSequence = "CONTAINER", [code("126000", "Imaging Measurement Report", "DCM")]
    person = item(RelationshipType="HAS OBS CONTEXT", ValueType="PNAME", PersonName="Canary^Gildong")
    sentence = item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="Canary Gildong coughs")
    width = item(RelationshipType="CONTAINS", ValueType="NUM", MeasuredValueSequence=[item(NumericValue="12.5")])
    width.ConceptNameCodeSequence = [code("103355008", "Width")]
    pictures = [item(RelationshipType="CONTAINS", ValueType="IMAGE", ReferencedSOPSequence=[naming(one)]) for one in of]
    made.ContentSequence = [person, sentence, width, *pictures]
    return made


def presentation(uid: str = "1.2.3.5.3", of: Sequence[str] = ("1.2.3.4.1",)) -> Dataset:
    """A window, and the patient's name written over the image."""
    made = _about(PRESENTATION, uid, "PR")
    del made.PixelData
    made.ReferencedSeriesSequence = [
        item(SeriesInstanceUID="1.2.3.2.1", ReferencedImageSequence=[naming(one) for one in of])
    ]
    written = item(UnformattedTextValue="Canary Gildong", BoundingBoxAnnotationUnits="PIXEL")
    made.GraphicAnnotationSequence = [item(GraphicLayer="NAMES", TextObjectSequence=[written])]
    made.SoftcopyVOILUTSequence = [item(WindowCenter="40", WindowWidth="400")]
    made.PresentationCreationDate, made.ContentLabel = "20250314", "GILDONG"
    return made
