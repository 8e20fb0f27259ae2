"""Frames decoded and shown."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from node.deidentify.errors import FrameMissing, UnreadableImage
from node.deidentify.frames import decode_frame, preview
from node.deidentify.verdict import QuarantineReason

RAMP = (np.arange(64 * 64) // 16).astype(np.uint8).reshape(64, 64)


def ramp(photometric: str = "MONOCHROME2") -> Dataset:
    image = dataset()
    image.Rows = image.Columns = 64
    image.PixelData = RAMP.tobytes()
    image.PhotometricInterpretation = photometric
    return image


def shown(image: Dataset, number: int = 1) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(preview(dicom_file(image), number))))


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_a_frame_comes_out_as_it_was_stored(syntax: str | None) -> None:
    image = ramp()
    if syntax is not None:
        image.compress(syntax, generate_instance_uid=False)
    frame = decode_frame(dicom_file(image), 1)
    assert frame.pixels == RAMP.tobytes()
    assert (frame.rows, frame.columns, frame.samples) == (64, 64, 1)
    assert (frame.bits_allocated, frame.bits_stored, frame.signed) == (8, 8, False)


def test_sixteen_bit_values_come_out_little_endian() -> None:
    image = ramp()
    words = (RAMP.astype("<i2") - 100) * 7
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 1
    image.PixelData = words.tobytes()
    image["PixelData"].VR = "OW"
    frame = decode_frame(dicom_file(image), 1)
    assert (frame.signed, frame.bits_stored, frame.pixels) == (True, 12, words.tobytes())


def test_frames_are_numbered_from_one() -> None:
    image = ramp()
    image.NumberOfFrames = 2
    image.PixelData = RAMP.tobytes() + RAMP[::-1].tobytes()
    assert decode_frame(dicom_file(image), 2).pixels == RAMP[::-1].tobytes()
    for missing in (0, 3):
        with pytest.raises(FrameMissing):
            decode_frame(dicom_file(image), missing)


def test_monochrome1_is_shown_the_other_way_round() -> None:
    assert shown(ramp())[0, 0] < shown(ramp())[-1, -1]
    assert (shown(ramp("MONOCHROME1")) == 255 - shown(ramp())).all()


def test_the_window_is_applied() -> None:
    image = ramp()
    image.WindowCenter, image.WindowWidth = 128, 65
    picture = shown(image)
    assert picture[0, 0] == 0
    assert picture[-1, -1] == 255
    assert len(np.unique(picture)) < 80


def test_a_picture_of_one_grey_is_shown_without_a_fault() -> None:
    assert shown(dataset()).shape == (16, 16)


def test_pixels_that_do_not_decode_are_refused() -> None:
    image = ramp()
    image.compress(JPEG2000Lossless, generate_instance_uid=False)
    image.Rows = 4000
    raw = dicom_file(image)
    with pytest.raises(UnreadableImage) as caught:
        decode_frame(raw, 1)
    assert caught.value.reason is QuarantineReason.MALFORMED


def test_an_object_without_pixels_is_refused() -> None:
    image = dataset()
    del image.PixelData
    with pytest.raises(UnreadableImage) as caught:
        preview(dicom_file(image), 1)
    assert caught.value.reason is QuarantineReason.PIXEL_DATA_MISSING
