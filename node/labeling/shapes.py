"""What a reader draws, and what is wrong with it: shapes on one frame of one image.

Points are (column, row), image-relative with parts of pixels, as `protocols.label_rules` states. The node stores what
was drawn and computes every measure itself. A contour is drawn by hand: it is closed, and what is inside follows the
even-odd rule, so that it may cross itself; a polygon may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from protocols.encoding import Code
from protocols.ids import Uuid
from protocols.label_rules import ShapeKind

MAX_CORNERS = 256
MAX_CONTOUR_POINTS = 10_000
MAX_RUNS = 200_000

Length = Annotated[float, Field(gt=0, le=1_000_000)]
Point = tuple[float, float]
"""(column, row)."""


class _Piece(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Box(_Piece):
    """Two opposite corners, the upper left one first."""

    shape: Literal[ShapeKind.BOX]
    upper_left: Point
    lower_right: Point


class Polygon(_Piece):
    """Corners in order; the last is joined to the first."""

    shape: Literal[ShapeKind.POLYGON]
    corners: Annotated[tuple[Point, ...], Field(min_length=3, max_length=MAX_CORNERS)]


class Contour(_Piece):
    """A line drawn by hand; the last point is joined to the first."""

    shape: Literal[ShapeKind.CONTOUR]
    points: Annotated[tuple[Point, ...], Field(min_length=3, max_length=MAX_CONTOUR_POINTS)]


class Mask(_Piece):
    """Painted pixels of the whole frame: run lengths, outside and inside in turn, row after row."""

    shape: Literal[ShapeKind.MASK]
    rows: Annotated[int, Field(ge=1, le=65_535)]
    columns: Annotated[int, Field(ge=1, le=65_535)]
    runs: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=2, max_length=MAX_RUNS)]


class Keypoint(_Piece):
    """One point."""

    shape: Literal[ShapeKind.KEYPOINT]
    point: Point


class Distance(_Piece):
    """A straight line between two points."""

    shape: Literal[ShapeKind.LENGTH]
    ends: tuple[Point, Point]


class Angle(_Piece):
    """The angle at the apex between two arms."""

    shape: Literal[ShapeKind.ANGLE]
    apex: Point
    arms: tuple[Point, Point]


class Ellipse(_Piece):
    """Centre, half axes in pixels, and the turn of the first axis from along the columns towards along the rows."""

    shape: Literal[ShapeKind.ELLIPSE]
    centre: Point
    half_axes: tuple[Length, Length]
    turned_degrees: Annotated[float, Field(ge=0, lt=180)] = 0.0


Shape = Annotated[Box | Polygon | Contour | Mask | Keypoint | Distance | Angle | Ellipse, Field(discriminator="shape")]


class Place(_Piece):
    """What an answer is about, where that is not the whole case; of a series its first image."""

    image_id: Uuid
    frame: Annotated[int, Field(ge=1)] | None = None


class Mark(_Piece):
    """One shape on one frame; `label` is an option of its question, where that has any."""

    mark: Code
    """Its name within the reading."""
    of: Code | None = None
    """The thing that it shows, where several marks show one thing, such as a nodule on every slice."""
    image_id: Uuid
    frame: Annotated[int, Field(ge=1)] = 1
    label: Code | None = None
    shape: Shape

    @property
    def thing(self) -> str:
        """What questions about marks are answered under: the thing it shows, or its own name."""
        return self.of or self.mark


class ShapeFault(StrEnum):
    """Why a shape is none."""

    OUTSIDE_IMAGE = "outside-image"
    SELF_CROSSING = "self-crossing"
    EMPTY = "shape-empty"
    MASK_SIZE = "mask-size"


def shape_fault(shape: Shape, *, rows: int, columns: int) -> ShapeFault | None:
    """What is wrong with a shape on an image of this size; none when it is right."""
    if isinstance(shape, Mask):
        return _mask_fault(shape, rows, columns)
    if not all(0 <= column <= columns and 0 <= row <= rows for column, row in points_of(shape)):
        return ShapeFault.OUTSIDE_IMAGE
    if _is_empty(shape):
        return ShapeFault.EMPTY
    if isinstance(shape, Polygon) and crosses_itself(shape.corners):
        return ShapeFault.SELF_CROSSING
    return None


def points_of(shape: Shape) -> tuple[Point, ...]:
    """Every point that places the shape; of a mask none."""
    match shape:
        case Box():
            return (shape.upper_left, shape.lower_right)
        case Polygon():
            return shape.corners
        case Contour():
            return shape.points
        case Keypoint():
            return (shape.point,)
        case Distance():
            return shape.ends
        case Angle():
            return (shape.apex, *shape.arms)
        case Ellipse():
            return (shape.centre,)
        case Mask():
            return ()


def crosses_itself(corners: tuple[Point, ...]) -> bool:
    """True when two edges that are not neighbours meet, or two neighbours lie on each other."""
    edges = list(_edges(corners))
    count = len(edges)
    for one, other in combinations(range(count), 2):
        neighbours = other - one == 1 or (one == 0 and other == count - 1)
        if neighbours:
            before, after = (edges[one], edges[other]) if other - one == 1 else (edges[other], edges[one])
            if _turns_back(before[0], before[1], after[1]):
                return True
        elif _meet(*edges[one], *edges[other]):
            return True
    return False


def painted(mask: Mask) -> Iterator[tuple[int, int]]:
    """The painted stretches of a mask: first pixel, counted from 0 row after row, and the one after the last."""
    start = 0
    for number, run in enumerate(mask.runs):
        if number % 2:
            yield start, start + run
        start += run


def _mask_fault(mask: Mask, rows: int, columns: int) -> ShapeFault | None:
    whole = sum(mask.runs) == mask.rows * mask.columns and 0 not in mask.runs[1:]
    fits = (mask.rows, mask.columns) == (rows, columns)
    return None if whole and fits else ShapeFault.MASK_SIZE


def _is_empty(shape: Shape) -> bool:
    match shape:
        case Box():
            (left, top), (right, bottom) = shape.upper_left, shape.lower_right
            return not (left < right and top < bottom)
        case Polygon() | Contour():
            points = points_of(shape)
            return _twice_area(points) == 0 and len(set(points)) < 3
        case Distance():
            return shape.ends[0] == shape.ends[1]
        case Angle():
            return shape.apex in shape.arms or shape.arms[0] == shape.arms[1]
        case _:
            return False


def _edges(corners: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    return zip(corners, (*corners[1:], corners[0]), strict=True)


def _twice_area(points: tuple[Point, ...]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(points)))


def _side(a: Point, b: Point, c: Point) -> float:
    """Positive, negative or 0: on which side of the line from a to b the point c lies."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _turns_back(a: Point, b: Point, c: Point) -> bool:
    if _side(a, b, c) != 0:
        return False
    return (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) >= 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """True when the closed stretches a-b and c-d have a point in common."""
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _between(*end) for side, end in zip(sides, ends, strict=True))


def _between(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
