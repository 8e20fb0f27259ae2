"""What a question allows: numbers with a unit, shapes on an image, and when it is asked at all.

Coordinates of every shape are image-relative pairs (column, row) in pixels with parts of pixels: the top left corner of
the top left pixel is (0, 0), its centre (0.5, 0.5), the bottom right corner of the image (columns, rows). A shape names
one image and one frame, counted from 1. Source: DICOM PS3.3 section C.10.5.1.2, units PIXEL.

A brush mask covers one frame of rows x columns pixels, row after row from the top left: the lengths of runs of pixels,
alternately outside and inside, beginning with outside (which alone may be 0). The runs add up to rows x columns.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from protocols.encoding import Code, Part

MAX_MARKS = 200

UcumUnit = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,32}$")]
"""A unit, case-sensitive, e.g. `mm`, `cm2`, `[hnsf'U]`, `1`. Source: The Unified Code for Units of Measure."""


class ShapeKind(StrEnum):
    """What can be drawn."""

    BOX = "box"
    POLYGON = "polygon"
    CONTOUR = "contour"
    MASK = "mask"
    KEYPOINT = "keypoint"
    LENGTH = "length"
    ANGLE = "angle"
    ELLIPSE = "ellipse"


class NumberRule(Part):
    """A number in one unit, between two bounds that it may take."""

    unit: UcumUnit
    minimum: float
    maximum: float
    whole: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> NumberRule:
        if self.minimum >= self.maximum:
            raise ValueError("a range without room")
        return self


class GeometryRule(Part):
    """Which shapes, and how many at most; none at all is said with the answer `absent`."""

    shapes: Annotated[tuple[ShapeKind, ...], Field(min_length=1, max_length=len(ShapeKind))]
    at_most: Annotated[int, Field(ge=1, le=MAX_MARKS)] = MAX_MARKS

    @model_validator(mode="after")
    def _shapes_differ(self) -> GeometryRule:
        if len(set(self.shapes)) != len(self.shapes):
            raise ValueError("shapes repeat")
        return self


class Condition(Part):
    """The question is asked only where one of these options was chosen for the other question."""

    question: Code
    one_of: Annotated[tuple[Code, ...], Field(min_length=1, max_length=64)]
