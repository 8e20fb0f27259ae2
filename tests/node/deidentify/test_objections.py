"""What is sent to quarantine, each with its reason."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from pydicom import Dataset
from pydicom.uid import UID

from node.deidentify.clean import clean
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, QuarantineReason, public_text
from node.ground.texts import Language

KEY = bytes(range(32))
STORAGE = "1.2.840.10008.5.1.4.1.1."


def verdict_on(image: Dataset) -> QuarantineReason | None:
    raw = dicom_file(image)
    verdict = clean(raw, replacement(summarise(raw), KEY))
    return verdict.reason if isinstance(verdict, Quarantined) else None


def of_class(tail: str) -> Dataset:
    image = dataset()
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = UID(STORAGE + tail)
    return image


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("7", QuarantineReason.SECONDARY_CAPTURE),
        ("7.4", QuarantineReason.SECONDARY_CAPTURE),
        ("6.1", QuarantineReason.OFTEN_ANNOTATED),
        ("3.1", QuarantineReason.OFTEN_ANNOTATED),
        ("77.1.4", QuarantineReason.OFTEN_ANNOTATED),
        ("104.1", QuarantineReason.ENCAPSULATED_DOCUMENT),
        ("88.67", QuarantineReason.STRUCTURED_REPORT),
        ("11.6", QuarantineReason.NOT_AN_IMAGE),
        ("481.3", QuarantineReason.NOT_AN_IMAGE),
        ("9999", QuarantineReason.UNKNOWN_OBJECT),
    ],
)
def test_the_kind_of_object_decides(tail: str, reason: QuarantineReason) -> None:
    assert verdict_on(of_class(tail)) is reason


@pytest.mark.parametrize("tail", ["1", "1.1", "1.2", "2", "4", "128"])
def test_pictures_from_machines_are_cleaned(tail: str) -> None:
    assert verdict_on(of_class(tail)) is None


def _burned_in(image: Dataset) -> None:
    image.BurnedInAnnotation = "YES"


def _screen(image: Dataset) -> None:
    image.ImageType = ["DERIVED", "PRIMARY", "SCREEN SAVE"]


def _dose(image: Dataset) -> None:
    image.ImageType = ["ORIGINAL", "PRIMARY", "DOSE_INFO"]


def _derived(image: Dataset) -> None:
    image.ImageType = ["DERIVED", "SECONDARY"]


def _no_study(image: Dataset) -> None:
    image.StudyInstanceUID = ""


def _no_pixels(image: Dataset) -> None:
    del image.PixelData


def _short_pixels(image: Dataset) -> None:
    image.PixelData = bytes(100)


def _long_pixels(image: Dataset) -> None:
    image.PixelData = bytes(16 * 16 + 64)


def _overlay_in_words(image: Dataset) -> None:
    image.add_new(0x60000100, "US", 16)
    image.add_new(0x60000102, "US", 12)


def _hidden_bits(image: Dataset) -> None:
    words = np.full((16, 16), 0x0123, "<u2")
    words[3, 3] |= 0x8000
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelData = 16, 12, 11, words.tobytes()
    image["PixelData"].VR = "OW"


def _high_bit_elsewhere(image: Dataset) -> None:
    image.HighBit = 6


def _id_in_pixels(image: Dataset) -> None:
    image.PatientID = "H1234567"
    image.PixelData = b"H1234567".ljust(256, b"\0")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_burned_in, QuarantineReason.BURNED_IN_ANNOTATION),
        (_screen, QuarantineReason.SCREEN_SAVE),
        (_dose, QuarantineReason.SCREEN_SAVE),
        (_derived, QuarantineReason.DERIVED_SECONDARY),
        (_no_study, QuarantineReason.MISSING_IDENTIFIERS),
        (_no_pixels, QuarantineReason.PIXEL_DATA_MISSING),
        (_short_pixels, QuarantineReason.TRUNCATED),
        (_long_pixels, QuarantineReason.PIXEL_DATA_LENGTH),
        (_overlay_in_words, QuarantineReason.OVERLAY_IN_PIXELS),
        (_hidden_bits, QuarantineReason.HIDDEN_BITS),
        (_high_bit_elsewhere, QuarantineReason.MALFORMED),
        (_id_in_pixels, QuarantineReason.IDENTIFIER_IN_PIXELS),
    ],
)
def test_what_the_header_cannot_answer_for_is_quarantined(
    change: Callable[[Dataset], None], reason: QuarantineReason
) -> None:
    image = dataset()
    change(image)
    assert verdict_on(image) is reason


@pytest.mark.parametrize("offset", range(4))
@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("patient_name", ["Canary^Gildong", "홍^길동"])
def test_a_name_is_found_wherever_it_begins_in_words_of_two_bytes(offset: int, signed: int, patient_name: str) -> None:
    image = dataset(patient_id="")
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit, image.PixelRepresentation, image.PatientName = 15, signed, patient_name
    grey = bytes(offset) + patient_name.encode()
    image.PixelData = grey.ljust(512, b"\0")
    assert verdict_on(image) is QuarantineReason.IDENTIFIER_IN_PIXELS
    image.PixelData = grey[: offset + 5].ljust(512, b"\0")
    assert verdict_on(image) is None


def test_a_name_inside_the_pixel_data_is_found() -> None:
    image = dataset()
    image.PatientName = "Canary^Gildong"
    image.PixelData = b"Canary Gildong".ljust(256, b"\0")
    assert verdict_on(image) is QuarantineReason.IDENTIFIER_IN_PIXELS


def test_a_patch_of_grey_is_no_identifier() -> None:
    image = dataset(patient_id="000000", fill=ord("0"))
    assert verdict_on(image) is None


def test_signed_values_with_their_sign_extended_hide_nothing() -> None:
    image = dataset()
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 1
    image.PixelData = np.full((16, 16), -1000, "<i2").tobytes()
    image["PixelData"].VR = "OW"
    assert verdict_on(image) is None


def test_a_missing_patient_id_is_no_reason() -> None:
    assert verdict_on(dataset(patient_id="")) is None


@pytest.mark.parametrize("language", list(Language))
def test_every_reason_and_step_has_one_sentence_in_both_languages(language: Language) -> None:
    for code in (*QuarantineReason, *CleaningStep):
        assert public_text(code, language).endswith(".")


def test_a_verdict_says_nothing_of_the_image_when_it_is_printed() -> None:
    assert "contents" not in repr(CleanImage(b"secret", ()))
