"""Segmentations, reports and presentation states: known for what they are, cleaned, tied to the images they name."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from fakes.attached import presentation, report, segmentation, shaded
from fakes.instances import dataset, dicom_file
from fakes.lines import INK, BrightLines
from pydicom import Dataset, dcmread

from node.deidentify.attachments import AttachmentKind, kind_of
from node.deidentify.pixels.cleaning import PixelCleaner
from node.deidentify.policy import Policy
from node.deidentify.pseudonyms import replacement
from node.deidentify.references import MOST_SOURCES
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, QuarantineReason, Verdict

KEY = bytes(range(32))
SOURCE = "1.2.3.4.1"
REAL_REPORT = Path(pydicom.data.__file__).parent / "test_files" / "test-SR.dcm"


def verdict_on(raw: bytes, policy: Policy | None = None) -> Verdict:
    finder = BrightLines()
    verdict = PixelCleaner(finder).clean(raw, replacement(summarise(raw), KEY, policy or Policy()))
    assert finder.asked == 0, "nobody looks for text in what is no picture"
    return verdict


def cleaned(raw: bytes, policy: Policy | None = None) -> tuple[CleanImage, Dataset]:
    verdict = verdict_on(raw, policy)
    assert isinstance(verdict, CleanImage), verdict
    return verdict, dcmread(BytesIO(verdict.contents))


def successor(uid: str) -> str:
    """The UID that the source's own clean file bears."""
    raw = dicom_file(dataset(uid))
    return replacement(summarise(raw), KEY).written_uid(uid)


@pytest.mark.parametrize(
    ("tail", "kind"),
    [
        ("66.4", AttachmentKind.SEGMENTATION),
        ("66.7", AttachmentKind.SEGMENTATION),
        ("88.33", AttachmentKind.REPORT),
        ("88.59", AttachmentKind.REPORT),
        ("11.1", AttachmentKind.PRESENTATION),
        ("11.5", AttachmentKind.PRESENTATION),
        ("1", None),
        ("88.67", None),
        ("481.3", None),
    ],
)
def test_the_class_says_what_an_object_is(tail: str, kind: AttachmentKind | None) -> None:
    assert kind_of(f"1.2.840.10008.5.1.4.1.1.{tail}") is kind


@pytest.mark.parametrize("made", [segmentation, report, presentation])
def test_the_images_an_object_names_are_known_before_it_is_cleaned(made: object) -> None:
    raw = dicom_file(made(of=("1.2.3.4.1", "1.2.3.4.2", "1.2.3.4.1")))  # type: ignore[operator]  # one of the three
    assert summarise(raw).sources == ("1.2.3.4.1", "1.2.3.4.2")
    assert summarise(dicom_file()).sources == ()


def test_no_object_is_attached_to_more_images_than_a_series_has() -> None:
    raw = dicom_file(presentation(of=[f"1.2.9.{number}" for number in range(MOST_SOURCES + 5)]))
    assert len(summarise(raw).sources) == MOST_SOURCES


def test_a_segmentation_keeps_its_masks_its_codes_and_the_way_to_its_image() -> None:
    before = segmentation()
    verdict, clean = cleaned(dicom_file(before), Policy(descriptors=True))
    assert clean.PixelData == before.PixelData
    (segment,) = clean.SegmentSequence
    assert (segment.SegmentNumber, segment.SegmentAlgorithmType) == (1, "MANUAL")
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == "27925004"
    assert segment.SegmentLabel == "nodule"
    named = clean.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence[0]
    assert named.ReferencedSOPInstanceUID == successor(SOURCE)
    assert b"Gildong" not in verdict.contents
    assert CleaningStep.ATTACHED in verdict.done
    assert CleaningStep.TEXT_SEARCHED not in verdict.done


def test_a_report_is_held_unless_the_site_keeps_structured_content() -> None:
    assert verdict_on(dicom_file(report())) == Quarantined(QuarantineReason.STRUCTURED_REPORT)
    verdict, clean = cleaned(dicom_file(report()), Policy(structured=True))
    kinds = [one.ValueType for one in clean.ContentSequence]
    assert kinds == ["PNAME", "TEXT", "NUM", "IMAGE"]
    assert clean.ContentSequence[2].MeasuredValueSequence[0].NumericValue == 12.5
    assert clean.ContentSequence[2].ConceptNameCodeSequence[0].CodeValue == "103355008"
    assert clean.ContentSequence[3].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == successor(SOURCE)
    assert not clean.ContentSequence[1].get("TextValue")
    assert b"Gildong" not in verdict.contents
    assert b"coughs" not in verdict.contents


def test_a_real_report_is_cleaned_and_names_the_images_it_named() -> None:
    raw = REAL_REPORT.read_bytes()
    before = summarise(raw)
    verdict, clean = cleaned(raw, Policy(structured=True))
    assert len(before.sources) == 6
    named = set(summarise(verdict.contents).sources)
    assert len(named) == 5, "the sixth stands outside the content of the report"
    assert named < {replacement(before, KEY).written_uid(uid) for uid in before.sources}
    assert not [element for element in clean.iterall() if element.VR == "UT" and element.value]


def test_of_a_presentation_state_every_graphic_and_text_goes_and_its_window_stays() -> None:
    verdict, clean = cleaned(dicom_file(presentation()))
    assert "GraphicAnnotationSequence" not in clean
    assert clean.SoftcopyVOILUTSequence[0].WindowWidth == 400
    named = clean.ReferencedSeriesSequence[0].ReferencedImageSequence[0]
    assert named.ReferencedSOPInstanceUID == successor(SOURCE)
    assert {CleaningStep.ATTACHED, CleaningStep.GRAPHICS_REMOVED} <= set(verdict.done)
    assert b"GILDONG" not in verdict.contents.upper()


@pytest.mark.parametrize("made", [segmentation, report, presentation])
def test_what_names_no_image_waits_for_a_person(made: object) -> None:
    raw = dicom_file(made(of=()))  # type: ignore[operator]  # one of the three
    assert verdict_on(raw, Policy(structured=True)) == Quarantined(QuarantineReason.NAMES_NO_IMAGE)


@pytest.mark.parametrize("made", [report, presentation])
def test_a_picture_hidden_in_a_report_is_not_let_through(made: object) -> None:
    image = made()  # type: ignore[operator]  # one of the two
    image.PixelData = bytes(256)
    assert verdict_on(dicom_file(image), Policy(structured=True)) == Quarantined(QuarantineReason.NOT_AN_IMAGE)


def test_shaded_masks_are_searched_and_kept_as_they_are() -> None:
    cloud = (200 * np.exp(-np.square(np.mgrid[-32:32, -32:32]).sum(axis=0) / 200)).astype(np.uint8)
    finder = BrightLines()
    verdict = searched(shaded(cloud), finder)
    assert isinstance(verdict, CleanImage)
    assert finder.asked
    assert CleaningStep.TEXT_SEARCHED in verdict.done
    assert dcmread(BytesIO(verdict.contents)).PixelData == cloud.tobytes()


def test_shaded_masks_with_text_wait_for_a_person_and_go_as_they_are_once_released() -> None:
    written = np.full((64, 64), 40, np.uint8)
    written[4:10, 4:40] = INK
    assert searched(shaded(written)) == Quarantined(QuarantineReason.TEXT_IN_MASKS)
    released = searched(shaded(written), overruled=frozenset({QuarantineReason.TEXT_IN_MASKS}))
    assert isinstance(released, CleanImage)
    assert dcmread(BytesIO(released.contents)).PixelData == written.tobytes()
    assert CleaningStep.TEXT_SEARCHED not in released.done


def searched(
    image: Dataset, finder: BrightLines | None = None, *, overruled: frozenset[QuarantineReason] = frozenset()
) -> Verdict:
    raw = dicom_file(image)
    return PixelCleaner(finder or BrightLines()).clean(raw, replacement(summarise(raw), KEY), overruled=overruled)


def test_masks_of_the_wrong_length_are_refused() -> None:
    image = segmentation()
    image.PixelData = bytes(64)
    assert verdict_on(dicom_file(image)) == Quarantined(QuarantineReason.PIXEL_DATA_LENGTH)
