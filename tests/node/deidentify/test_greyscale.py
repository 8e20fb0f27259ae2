"""What a page shows of a frame is what the standard says, whatever the image's value of interest transformation."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset

from node.deidentify.findings import DecodedFrame
from node.deidentify.frames import preview, shown_frame

STORED = np.arange(4096, dtype=np.uint16).reshape(64, 64)
Grey = NDArray[np.float64]
"""float [row, column], 0 black to 255 white."""


def image(**said: Any) -> Dataset:
    made = dataset()
    made.Rows = made.Columns = 64
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.PixelData = STORED.astype("<u2").tobytes()
    made["PixelData"].VR = "OW"
    for name, value in said.items():
        setattr(made, name, value)
    return made


def table(entries: list[int], bits: int, first: int = 0, **more: Any) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "US", [len(entries) % 65536, first, bits])
    item.add_new(0x00283006, "US", entries)
    for name, value in more.items():
        setattr(item, name, value)
    return item


CURVE = [round(4095 * math.sqrt(value / 4095)) for value in range(4096)]


def linear(values: Grey, centre: float, width: float) -> Grey:
    """PS3.3 section C.11.2.1.2.1, written anew."""
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1) * 255


def on_page(frame: DecodedFrame, centre: float | None = None, width: float = 0.0) -> Grey:
    """What the page does: a straight window over the values it got; baked ones from 0 to 65535."""
    kind = f"<{'i' if frame.signed else 'u'}{frame.bits_allocated // 8}"
    values = np.frombuffer(frame.pixels, kind).reshape(frame.rows, frame.columns).astype(float)
    if frame.baked:
        low, high = 0.0, 65535.0
    elif centre is None:
        low, high = values.min(), values.max()
    else:
        low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
    grey = np.clip((values - low) / (high - low), 0, 1) * 255
    return 255 - grey if frame.photometric == "MONOCHROME1" else grey


V: Grey = STORED.astype(float)
KINDS: dict[str, tuple[Callable[[], Dataset], Grey, bool]] = {
    "sigmoid": (
        lambda: image(WindowCenter="2000", WindowWidth="900", VOILUTFunction="SIGMOID"),
        255 / (1 + np.exp(-4 * (V - 2000) / 900)),
        True,
    ),
    "voi-table": (lambda: image(VOILUTSequence=[table(CURVE, 12)]), np.array(CURVE)[STORED] / 4095 * 255, True),
    "table-before-window": (
        lambda: image(VOILUTSequence=[table(CURVE, 12)], WindowCenter="100", WindowWidth="10"),
        np.array(CURVE)[STORED] / 4095 * 255,
        True,
    ),
    "modality-table": (
        lambda: image(
            ModalityLUTSequence=[table(CURVE, 16, ModalityLUTType="OD")], WindowCenter="2000", WindowWidth="1000"
        ),
        linear(np.array(CURVE)[STORED].astype(float), 2000, 1000),
        True,
    ),
    "falling-slope": (
        lambda: image(RescaleSlope="-1", RescaleIntercept="4095", WindowCenter="1000", WindowWidth="800"),
        linear(4095 - V, 1000, 800),
        True,
    ),
    "linear": (lambda: image(WindowCenter="1500", WindowWidth="600"), linear(V, 1500, 600), False),
    "whole-range": (image, V / 4095 * 255, False),
}


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_page_shows_what_the_standard_says(kind: str, photometric: str) -> None:
    make, wanted, is_baked = KINDS[kind]
    made = make()
    made.PhotometricInterpretation = photometric
    frame = shown_frame(dicom_file(made), 1)
    assert frame.baked is is_baked
    shown = on_page(frame, 1500, 600) if kind == "linear" else on_page(frame)
    expected = 255 - wanted if photometric == "MONOCHROME1" else wanted
    assert np.abs(shown - expected).max() < 1.0
    assert np.abs(np.asarray(Image.open(BytesIO(preview(dicom_file(made), 1)))) - expected).max() <= 1.0


def test_a_frame_that_is_not_baked_is_the_stored_one() -> None:
    frame = shown_frame(dicom_file(image(WindowCenter="10", WindowWidth="20", VOILUTFunction="LINEAR_EXACT")), 1)
    assert (frame.baked, frame.pixels, frame.bits_stored) == (False, STORED.astype("<u2").tobytes(), 12)


def test_values_of_32_bits_are_baked_over_their_whole_range() -> None:
    wide = image(BitsAllocated=32, BitsStored=32, HighBit=31, PixelData=(STORED.astype("<u4") * 1000).tobytes())
    frame = shown_frame(dicom_file(wide), 1)
    assert (frame.baked, frame.bits_allocated) == (True, 16)
    assert np.abs(on_page(frame) - V / 4095 * 255).max() < 1.0


def test_a_palette_is_looked_up() -> None:
    made = image(PhotometricInterpretation="PALETTE COLOR", BitsAllocated=8, BitsStored=8, HighBit=7)
    made.PixelData = (np.arange(4096) % 4).astype(np.uint8).tobytes()
    for tag, colours in ((0x1201, [0, 65535, 0, 0]), (0x1202, [0, 0, 65535, 0]), (0x1203, [0, 0, 0, 65535])):
        made.add_new(0x00280000 | (tag - 0x100), "US", [4, 0, 16])
        made.add_new(0x00280000 | tag, "OW", np.array(colours, "<u2").tobytes())
    frame = shown_frame(dicom_file(made), 1)
    assert (frame.samples, frame.bits_allocated, frame.photometric) == (3, 8, "RGB")
    assert [*frame.pixels[:12]] == [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]


def test_an_enhanced_frame_has_the_greyscale_of_its_own_groups() -> None:
    def groups(centre: str) -> Dataset:
        said, group = Dataset(), Dataset()
        said.WindowCenter, said.WindowWidth, said.VOILUTFunction = centre, "900", "SIGMOID"
        group.FrameVOILUTSequence = [said]
        return group

    made = image(NumberOfFrames=2, PixelData=STORED.astype("<u2").tobytes() * 2)
    made.PerFrameFunctionalGroupsSequence = [groups("1000"), groups("3000")]
    for number, centre in ((1, 1000), (2, 3000)):
        wanted = 255 / (1 + np.exp(-4 * (V - centre) / 900))
        assert np.abs(on_page(shown_frame(dicom_file(made), number)) - wanted).max() < 1.0
