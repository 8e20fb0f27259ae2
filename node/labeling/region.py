"""What the values inside a drawn shape come to: computed here from stored values, never by the page.

A pixel is inside where its centre is; of shapes that cross themselves by the even-odd rule, as contours are read. What
lies outside the image is not counted, and a mask of another size meets no pixel. A point, a length and an angle have no
inside. Values are rescaled by slope and intercept of the clean header; of colour images and of those with a modality
table, which has no slope, none are told. Source: PS3.3 sections C.7.6.3.1.2, C.11.1.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.deidentify.findings import DecodedFrame
from node.labeling.formats.runs import picture_of
from node.labeling.plane import ImagePlane, SpacingAt
from node.labeling.shapes import Box, Contour, Ellipse, Mask, Point, Polygon, Shape

Inside = NDArray[np.bool_]
"""bool [row, column]."""


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """Of the pixels inside a shape; none of the values where there are none to tell."""

    pixels: int
    area_mm2: float | None
    at_detector: bool
    """The area is as large as it is at the detector."""
    mean: float | None = None
    deviation: float | None = None
    """Of all pixels, not of a sample."""
    least: float | None = None
    most: float | None = None
    unit: str = ""


def statistics(frame: DecodedFrame, plane: ImagePlane, shape: Shape) -> RegionStatistics:
    """The statistics of one shape on a frame of stored values."""
    found = inside(shape, rows=frame.rows, columns=frame.columns)
    pixels = int(found.sum())
    area = None if plane.spacing_mm is None else pixels * plane.spacing_mm[0] * plane.spacing_mm[1]
    at_detector = plane.spacing_at is SpacingAt.DETECTOR
    if pixels == 0 or frame.samples != 1 or plane.tabled or frame.photometric == "PALETTE COLOR":
        return RegionStatistics(pixels, area, at_detector)
    values = _stored(frame)[found].astype(np.float64) * plane.slope + plane.intercept
    least, most = float(values.min()), float(values.max())
    mean, deviation = float(values.mean()), float(values.std())
    return RegionStatistics(pixels, area, at_detector, mean, deviation, least, most, plane.unit)


def inside(shape: Shape, *, rows: int, columns: int) -> Inside:
    """The pixels whose centres are inside the shape."""
    row = np.arange(rows, dtype=np.float64)[:, None] + 0.5
    column = np.arange(columns, dtype=np.float64)[None, :] + 0.5
    match shape:
        case Box(upper_left=(left, top), lower_right=(right, bottom)):
            return np.asarray((column >= left) & (column < right) & (row >= top) & (row < bottom))
        case Ellipse():
            return _in_ellipse(shape, row, column)
        case Polygon(corners=points) | Contour(points=points):
            return _in_outline(points, rows, columns)
        case Mask():
            return picture_of(shape) if (shape.rows, shape.columns) == (rows, columns) else _nothing(rows, columns)
        case _:
            return _nothing(rows, columns)


def _nothing(rows: int, columns: int) -> Inside:
    return np.zeros((rows, columns), dtype=np.bool_)


def _in_ellipse(shape: Ellipse, row: NDArray[np.floating], column: NDArray[np.floating]) -> Inside:
    turn = np.deg2rad(shape.turned_degrees)
    across, down = column - shape.centre[0], row - shape.centre[1]
    along = across * np.cos(turn) + down * np.sin(turn)
    beside = down * np.cos(turn) - across * np.sin(turn)
    return np.asarray((along / shape.half_axes[0]) ** 2 + (beside / shape.half_axes[1]) ** 2 <= 1)


def _in_outline(points: tuple[Point, ...], rows: int, columns: int) -> Inside:
    """Row by row: between the first and the second edge met, the third and the fourth, and so on."""
    corners = np.array(points)
    ends = np.roll(corners, -1, axis=0)
    found = _nothing(rows, columns)
    top, bottom = int(max(0, np.floor(corners[:, 1].min()))), int(min(rows, np.ceil(corners[:, 1].max()) + 1))
    for row in range(top, bottom):
        height = row + 0.5
        meets = (corners[:, 1] <= height) != (ends[:, 1] <= height)
        start, rise = corners[meets], ends[meets] - corners[meets]
        crossings = np.sort(start[:, 0] + (height - start[:, 1]) / rise[:, 1] * rise[:, 0])
        for left, right in zip(crossings[::2], crossings[1::2], strict=True):
            first, last = (int(np.clip(np.ceil(edge - 0.5), 0, columns)) for edge in (left, right))
            found[row, first:last] = True
    return found


def _stored(frame: DecodedFrame) -> NDArray[np.generic]:
    """The stored values: [row, column]."""
    kind = f"<{'i' if frame.signed else 'u'}{frame.bits_allocated // 8}"
    return np.frombuffer(frame.pixels, dtype=np.dtype(kind)).reshape(frame.rows, frame.columns)
