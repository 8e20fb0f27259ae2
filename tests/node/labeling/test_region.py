"""What the values inside a shape come to, by pixel centres."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from node.deidentify.findings import DecodedFrame
from node.labeling.plane import ImagePlane, SpacingAt
from node.labeling.region import RegionStatistics, inside, statistics
from node.labeling.shapes import Shape

VALUES = np.arange(48, dtype="<i2").reshape(6, 8)


def shape(kind: str, **said: Any) -> Shape:
    return TypeAdapter[Shape](Shape).validate_python({"shape": kind, **said}, strict=False)


def frame(**changes: Any) -> DecodedFrame:
    values: dict[str, Any] = {
        "rows": 6,
        "columns": 8,
        "samples": 1,
        "bits_allocated": 16,
        "bits_stored": 16,
        "signed": True,
        "photometric": "MONOCHROME2",
        "pixels": VALUES.tobytes(),
    }
    return DecodedFrame(**values | changes)


BOX = shape("box", upper_left=(1.0, 1.0), lower_right=(3.0, 3.0))


def test_a_box_holds_the_pixels_whose_centres_are_inside() -> None:
    found = statistics(frame(), ImagePlane((0.5, 0.25), SpacingAt.PATIENT, slope=2.0, intercept=-10.0, unit="HU"), BOX)
    values = VALUES[1:3, 1:3].astype(float) * 2 - 10
    assert found == RegionStatistics(4, 0.5, False, values.mean(), values.std(), values.min(), values.max(), "HU")


@pytest.mark.parametrize(
    ("kind", "said", "pixels"),
    [
        ("box", {"upper_left": (0.5, 0.5), "lower_right": (2.5, 1.5)}, 2),
        ("box", {"upper_left": (-5.0, -5.0), "lower_right": (50.0, 50.0)}, 48),
        ("polygon", {"corners": [(0, 0), (4, 0), (4, 4), (0, 4)]}, 16),
        ("polygon", {"corners": [(0, 0), (6, 0), (0, 6)]}, 15),
        ("contour", {"points": [(0, 0), (4, 0), (0, 4), (4, 4)]}, 8),
        ("ellipse", {"centre": (4, 3), "half_axes": (2, 1)}, 8),
        ("ellipse", {"centre": (4, 3), "half_axes": (1, 2), "turned_degrees": 90}, 8),
        ("mask", {"rows": 6, "columns": 8, "runs": [3, 5, 40]}, 5),
        ("mask", {"rows": 6, "columns": 7, "runs": [3, 5, 34]}, 0),
        ("keypoint", {"point": (1, 1)}, 0),
        ("length", {"ends": [(0, 0), (3, 3)]}, 0),
    ],
)
def test_every_shape_has_its_pixels(kind: str, said: dict[str, Any], pixels: int) -> None:
    found = statistics(frame(), ImagePlane(), shape(kind, **said))
    assert (found.pixels, found.area_mm2, found.mean is None) == (pixels, None, pixels == 0)
    assert int(inside(shape(kind, **said), rows=6, columns=8).sum()) == pixels


@pytest.mark.parametrize(
    ("changes", "plane"),
    [
        ({"samples": 3, "bits_allocated": 8, "pixels": bytes(144), "photometric": "RGB"}, ImagePlane()),
        ({}, ImagePlane(tabled=True)),
        ({"photometric": "PALETTE COLOR"}, ImagePlane()),
    ],
)
def test_colours_and_tabled_values_have_no_statistics_but_pixels(changes: dict[str, Any], plane: ImagePlane) -> None:
    found = statistics(frame(**changes), plane, BOX)
    assert (found.pixels, found.mean, found.most) == (4, None, None)


def test_an_area_at_the_detector_is_said_to_be_so() -> None:
    assert statistics(frame(), ImagePlane((0.1, 0.1), SpacingAt.DETECTOR), BOX).at_detector
