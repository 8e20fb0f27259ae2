"""Text blanked in pictures of every encoding, every other pixel as it was; and what goes to quarantine instead."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from fakes.instances import dicom_file
from fakes.lines import INK, BrightLines, StubbornLines
from fakes.written import SIDE, TEXT, textured, written
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
    UltrasoundMultiFrameImageStorage,
)

from node.deidentify.errors import UnreadableImage
from node.deidentify.opening import EXPLICIT_LITTLE
from node.deidentify.pixels.cleaning import PixelCleaner
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, QuarantineReason, Verdict

KEY = bytes(range(32))


def verdict_on(image: Dataset, finder: BrightLines | None = None, *overruled: QuarantineReason) -> Verdict:
    raw = dicom_file(image)
    cleaner = PixelCleaner(finder or BrightLines())
    return cleaner.clean(raw, replacement(summarise(raw), KEY), overruled=frozenset(overruled))


def cleaned(image: Dataset, finder: BrightLines | None = None) -> tuple[CleanImage, Dataset]:
    verdict = verdict_on(image, finder)
    assert isinstance(verdict, CleanImage), verdict
    return verdict, dcmread(BytesIO(verdict.contents))


def values_of(image: Dataset) -> NDArray[Any]:
    """Stored values, [frame, row, column] and colours, without any conversion."""
    values = get_decoder(image.file_meta.TransferSyntaxUID).as_array(image, raw=True)[0]
    colours = values.shape[-1:] if image.SamplesPerPixel > 1 else ()
    return values.reshape(int(image.get("NumberOfFrames", 1)), SIDE, SIDE, *colours)


def only_the_text_changed(before: NDArray[Any], after: NDArray[Any]) -> bool:
    outside = np.ones((SIDE, SIDE), bool)
    outside[TEXT] = False
    changed = (before != after).reshape(*before.shape[:3], -1).any(axis=3)
    return bool(changed[:, TEXT[0], TEXT[1]].all() and not changed[:, outside].any())


def _native(image: Dataset) -> None:
    """Explicit VR little endian, as it is."""


def _implicit(image: Dataset) -> None:
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian


def _compressed(syntax: UID, **options: Any) -> Callable[[Dataset], None]:
    return lambda image: image.compress(syntax, generate_instance_uid=False, **options)


def _planes_apart(image: Dataset) -> None:
    image.PlanarConfiguration = 1
    values = np.frombuffer(image.PixelData, np.uint8).reshape(-1, SIDE, SIDE, 3)
    image.PixelData = values.transpose(0, 3, 1, 2).tobytes()


PICTURES = [
    ("MONOCHROME2", 1, 8, _native),
    ("MONOCHROME2", 1, 16, _native),
    ("MONOCHROME2", 3, 16, _implicit),
    ("MONOCHROME2", 3, 8, _compressed(RLELossless)),
    ("MONOCHROME2", 1, 16, _compressed(JPEG2000Lossless)),
    ("MONOCHROME2", 2, 8, _compressed(JPEGLSLossless)),
    ("MONOCHROME2", 1, 8, _compressed(JPEGLSNearLossless, jls_error=2)),
    ("RGB", 1, 8, _native),
    ("RGB", 3, 8, _planes_apart),
    ("RGB", 2, 8, _compressed(RLELossless)),
    ("RGB", 1, 8, _compressed(JPEGLSLossless)),
    ("YBR_FULL", 2, 8, _native),
]


@pytest.mark.parametrize(("photometric", "frames", "bits", "encode"), PICTURES)
def test_text_is_blanked_in_every_frame_and_every_other_pixel_keeps_its_value(
    photometric: str, frames: int, bits: int, encode: Callable[[Dataset], None]
) -> None:
    image = written(photometric, frames=frames, bits=bits)
    encode(image)
    verdict, clean = cleaned(image)
    assert only_the_text_changed(values_of(dcmread(BytesIO(dicom_file(image)))), values_of(clean))
    assert {CleaningStep.TEXT_SEARCHED, CleaningStep.TEXT_BLANKED} <= set(verdict.done)
    assert clean.file_meta.TransferSyntaxUID == EXPLICIT_LITTLE
    assert clean.PhotometricInterpretation == photometric
    assert clean.BurnedInAnnotation == "NO"
    assert [item.CodeValue for item in clean.DeidentificationMethodCodeSequence].count("113101") == 1


def test_big_endian_stays_big_endian() -> None:
    image = written(bits=16)
    little = values_of(dcmread(BytesIO(dicom_file(image))))
    image.PixelData = little.astype(">u2").tobytes()
    image.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    _, clean = cleaned(image)
    assert clean.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    assert only_the_text_changed(little, values_of(clean))


@pytest.mark.parametrize("encode", [_native, _compressed(RLELossless), _compressed(JPEG2000Lossless)])
def test_pictures_without_text_keep_their_bytes(encode: Callable[[Dataset], None]) -> None:
    image = written()
    image.PixelData = textured((1, SIDE, SIDE)).tobytes()
    encode(image)
    before = dcmread(BytesIO(dicom_file(image)))
    verdict, clean = cleaned(image, BrightLines(said="L"))
    assert clean.PixelData == before.PixelData
    assert clean.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
    assert CleaningStep.TEXT_BLANKED not in verdict.done
    assert clean.BurnedInAnnotation == "NO"


def test_a_permitted_mark_stays_and_the_same_mark_read_uncertainly_goes() -> None:
    assert CleaningStep.TEXT_BLANKED not in cleaned(written(), BrightLines("L"))[0].done
    assert CleaningStep.TEXT_BLANKED in cleaned(written(), BrightLines("L", 0.4))[0].done


def test_the_last_look_follows_the_last_blanking() -> None:
    finder = BrightLines()
    cleaned(written(), finder)
    assert finder.asked >= 2


def test_text_that_is_still_there_quarantines() -> None:
    assert verdict_on(written(), StubbornLines()) == Quarantined(QuarantineReason.TEXT_REMAINS)


def _paint(place: Any) -> Dataset:
    image = written()
    values = textured((1, SIDE, SIDE))[0]
    values[place] = INK
    image.PixelData = values.tobytes()
    return image


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (np.s_[0:20, :], QuarantineReason.TEXT_COVERS_TOO_MUCH),
        (np.s_[30:34, 20:40], QuarantineReason.TEXT_OVER_ANATOMY),
    ],
)
def test_text_over_too_much_or_over_the_middle_needs_a_person(place: Any, reason: QuarantineReason) -> None:
    image = _paint(place)
    assert verdict_on(image) == Quarantined(reason)
    released = verdict_on(image, None, reason)
    assert isinstance(released, CleanImage)
    assert CleaningStep.TEXT_SEARCHED not in released.done
    clean = dcmread(BytesIO(released.contents))
    assert (clean.pixel_array[place] == INK).all(), "who released it left the text where it is"
    assert clean.get("BurnedInAnnotation", "") != "NO"


def test_a_header_that_says_text_is_burned_in_is_believed_when_none_is_found() -> None:
    image = _paint(np.s_[0:0, 0:0])
    image.BurnedInAnnotation = "YES"
    assert verdict_on(image) == Quarantined(QuarantineReason.BURNED_IN_ANNOTATION)
    assert isinstance(verdict_on(image, None, QuarantineReason.BURNED_IN_ANNOTATION), CleanImage)
    image = written()
    image.BurnedInAnnotation = "YES"
    assert cleaned(image)[1].BurnedInAnnotation == "NO"


def _ultrasound(*, regions: bool) -> Dataset:
    image = written("RGB", frames=2)
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = UID(UltrasoundMultiFrameImageStorage)
    image.Modality = "US"
    item = Dataset()
    item.RegionLocationMinX0, item.RegionLocationMinY0 = 8, 16
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = 55, 63
    if regions:
        image.SequenceOfUltrasoundRegions = [item]
    return image


def test_an_ultrasound_picture_is_cleaned_outside_its_regions_and_waits_for_a_person_without_any() -> None:
    assert verdict_on(_ultrasound(regions=False)) == Quarantined(QuarantineReason.OFTEN_ANNOTATED)
    before = values_of(dcmread(BytesIO(dicom_file(_ultrasound(regions=True)))))
    verdict, clean = cleaned(_ultrasound(regions=True))
    after = values_of(clean)
    assert CleaningStep.AREAS_BLANKED in verdict.done
    assert (after[:, 16:, 8:56] == before[:, 16:, 8:56]).all()
    assert not after[:, :16].any()
    assert not after[:, :, :8].any()
    assert not after[:, :, 56:].any()


def test_text_in_a_single_frame_of_a_cine_is_found_and_blanked_in_all() -> None:
    image = written(frames=5)
    values = textured((5, SIDE, SIDE))
    values[2][TEXT] = INK
    image.PixelData = values.tobytes()
    _, clean = cleaned(image)
    assert only_the_text_changed(values, values_of(clean))


def test_a_palette_picture_is_searched_in_its_colours_and_blanked_with_the_darkest() -> None:
    image = written("PALETTE COLOR")
    ramp = np.roll(np.arange(256, dtype="<u2") * 257, 9)
    for name in ("Red", "Green", "Blue"):
        setattr(image, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(image, f"{name}PaletteColorLookupTableData", ramp.tobytes())
    raw = values_of(dcmread(BytesIO(dicom_file(image))))
    image.PixelData = np.where(raw == INK, 8, raw).astype(np.uint8).tobytes()
    _, clean = cleaned(image)
    assert (values_of(clean)[0][TEXT] == 9).all(), "entry 8 of this table is white, entry 9 is black"


def test_pictures_that_cannot_be_decoded_are_refused_by_reason() -> None:
    image = written()
    image.compress(JPEG2000Lossless, generate_instance_uid=False)
    raw = bytearray(dicom_file(image))
    at = raw.index(b"\xff\x4f\xff\x51")
    raw[at + 4 : at + 60] = bytes(56)
    with pytest.raises(UnreadableImage) as caught:
        PixelCleaner(BrightLines()).clean(bytes(raw), replacement(summarise(bytes(raw)), KEY))
    assert caught.value.reason is QuarantineReason.PIXELS_UNREADABLE


def test_drawings_and_previews_beside_the_picture_are_removed() -> None:
    image = written()
    image.add_new(0x60003000, "OW", bytes(SIDE * SIDE // 8))
    image.add_new(0x60000010, "US", SIDE)
    image.add_new(0x50003000, "OW", bytes(8))
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.BitsAllocated = icon.BitsStored = 8
    icon.PixelData = b"\xff\0\xff\0"
    image.IconImageSequence = [icon]
    graphic = Dataset()
    graphic.GraphicLayer = "NAMES"
    image.GraphicAnnotationSequence = [graphic]
    clean = cleaned(image)[1]
    assert not [element.tag for element in clean if element.tag.group & 0xFF00 in {0x5000, 0x6000}]
    assert "IconImageSequence" not in clean
    assert "GraphicAnnotationSequence" not in clean
