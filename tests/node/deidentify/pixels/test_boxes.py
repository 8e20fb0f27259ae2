"""What the header says about where text stands: ultrasound regions and a maker's rectangles."""

from __future__ import annotations

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from numpy.typing import NDArray
from pydicom import Dataset

from node.deidentify.opening import open_image
from node.deidentify.pixels.boxes import KNOWN, Box, header_mask


def mask_of(image: Dataset) -> NDArray[np.bool_] | None:
    return header_mask(open_image(dicom_file(image)))


def region(left: int, top: int, right: int, bottom: int) -> Dataset:
    item = Dataset()
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    return item


def scan(maker: str = "", model: str = "", rows: int = 16, columns: int = 16) -> Dataset:
    image = dataset()
    image.Modality, image.Manufacturer, image.ManufacturerModelName = "US", maker, model
    image.Rows, image.Columns, image.PixelData = rows, columns, bytes(rows * columns)
    return image


def test_outside_every_ultrasound_region_is_blanked_and_their_last_pixels_are_kept() -> None:
    image = scan()
    image.SequenceOfUltrasoundRegions = [region(2, 3, 5, 6), region(4, 5, 9, 8)]
    mask = mask_of(image)
    assert mask is not None
    assert not mask[3:7, 2:6].any()
    assert not mask[5:9, 4:10].any()
    assert mask.sum() == 256 - (16 + 24 - 4)


def test_a_region_beyond_the_picture_ends_with_it() -> None:
    image = scan()
    image.SequenceOfUltrasoundRegions = [region(8, 0, 4_000_000_000, 4_000_000_000)]
    mask = mask_of(image)
    assert mask is not None
    assert mask[:, :8].all()
    assert not mask[:, 8:].any()


@pytest.mark.parametrize("items", [[], [Dataset()], [region(99, 99, 120, 120)]])
def test_regions_that_say_nothing_leave_the_picture_to_others(items: list[Dataset]) -> None:
    image = scan()
    image.SequenceOfUltrasoundRegions = items
    assert mask_of(image) is None


def test_a_known_makers_rectangle_is_blanked_in_a_picture_of_its_size() -> None:
    mask = mask_of(scan("GE Healthcare", "LOGIQE9 XDclear", 100, 1200))
    assert mask is not None
    assert mask[:70, :960].all()
    assert mask.sum() == 70 * 960


@pytest.mark.parametrize(
    ("maker", "model", "rows"), [("GE Healthcare", "unknown", 100), ("", "", 100), ("Philips", "iU22", 481)]
)
def test_another_maker_model_or_size_has_no_rectangle(maker: str, model: str, rows: int) -> None:
    assert mask_of(scan(maker, model, rows, 64)) is None


def test_every_row_of_the_table_has_room() -> None:
    assert len(KNOWN) > 60
    assert all(known.box.area > 0 and known.manufacturer and known.modality for known in KNOWN)


def test_a_box_within_another_that_it_does_not_meet_is_empty() -> None:
    assert Box(0, 0, 4, 4).within(Box(8, 8, 9, 9)).area == 0
    assert Box(0, 0, 4, 4).within(Box(2, 1, 9, 9)) == Box(2, 1, 4, 4)
