"""Where text stands by what the header says: a maker's rectangles, and all that lies outside ultrasound regions.

`rectangles.csv` names a maker and a model by a part of their names; 0 rows or columns mean any. Its figures are those
of the RSNA Clinical Trial Processor's DicomPixelAnonymizer.script and of deid's deid.dicom (MIT), which collect them.
Source: PS3.3 section C.8.5.5 for ultrasound regions.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from node.deidentify.elements import Element
from node.deidentify.opening import OpenedImage
from node.deidentify.summary import whole_number
from node.deidentify.values import text_of

MANUFACTURER, MODEL, MODALITY = 0x00080070, 0x00081090, 0x00080060
_REGIONS: Final = 0x00186011
_REGION_EDGES: Final = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels: left and top belong to it, right and bottom do not."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        """How many pixels it holds."""
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def within(self, other: Box) -> Box:
        """The part of it inside the other; empty where they do not meet."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom)))


@dataclass(frozen=True, slots=True)
class _Known:
    manufacturer: str
    model: str
    modality: str
    rows: int
    columns: int
    box: Box


def header_mask(image: OpenedImage) -> NDArray[np.bool_] | None:
    """Which pixels, [row, column], the header tells to blank; None where it says nothing."""
    rows, columns = whole_number(image, 0x00280010), whole_number(image, 0x00280011)
    regions = [box for box in _regions(image, Box(0, 0, columns, rows)) if box.area]
    rectangles = list(_rectangles(image, rows, columns))
    if not regions and not rectangles:
        return None
    mask = np.full((rows, columns), bool(regions))
    for box in regions:
        mask[box.top : box.bottom, box.left : box.right] = False
    for box in rectangles:
        mask[box.top : box.bottom, box.left : box.right] = True
    return mask


def _regions(image: OpenedImage, whole: Box) -> Iterator[Box]:
    """The regions' right and bottom edges are their last pixels."""
    element = image.elements.get(_REGIONS)
    for item in element.items or () if element is not None else ():
        edges = [_unsigned(item.get(tag), little_endian=image.little_endian) for tag in _REGION_EDGES]
        if all(edge is not None for edge in edges):
            left, top, right, bottom = (edge or 0 for edge in edges)
            yield Box(left, top, right + 1, bottom + 1).within(whole)


def _unsigned(element: Element | None, *, little_endian: bool) -> int | None:
    if element is None or len(element.value) != 4:
        return None
    return int.from_bytes(bytes(element.value), "little" if little_endian else "big")


def _rectangles(image: OpenedImage, rows: int, columns: int) -> Iterator[Box]:
    maker, model, modality = (text_of(image.elements.get(tag)).upper() for tag in (MANUFACTURER, MODEL, MODALITY))
    for known in KNOWN:
        by_name = known.manufacturer in maker and known.model in model and known.modality == modality
        if by_name and known.rows in {0, rows} and known.columns in {0, columns}:
            yield known.box.within(Box(0, 0, columns, rows))


def _table() -> tuple[_Known, ...]:
    lines = resources.files("node.deidentify.pixels").joinpath("rectangles.csv").read_text("utf-8").splitlines()
    return tuple(_known(row) for row in csv.DictReader(lines))


def _known(row: dict[str, str]) -> _Known:
    left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
    return _Known(
        manufacturer=row["manufacturer"].upper(),
        model=row["model"].upper(),
        modality=row["modality"],
        rows=int(row["rows"]),
        columns=int(row["columns"]),
        box=Box(left, top, left + width, top + height),
    )


KNOWN: Final = _table()
"""Every row of `rectangles.csv`; read once, before a sandbox closes its walls."""
