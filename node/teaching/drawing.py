"""A drawn example: grey shapes on a black field, made by hand, of nobody; a page draws it as it stands.

Coordinates are in the drawing's own units, x to the right and y down, from the upper left corner; grey is 0 (black) to
255 (white). Shapes lie over one another in their order. A drawing is data, so that nothing an author writes can run.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SIDE = 400
Coordinate = Annotated[float, Field(ge=-SIDE, le=2 * SIDE)]
Length = Annotated[float, Field(gt=0, le=2 * SIDE)]
Grey = Annotated[int, Field(ge=0, le=255)]
Opacity = Annotated[float, Field(gt=0, le=1)]


class Content(BaseModel):
    """A piece of a course."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DrawnEllipse(Content):
    """A filled ellipse, turned clockwise by `turned_degrees`."""

    shape: Literal["ellipse"] = "ellipse"
    x: Coordinate
    y: Coordinate
    half_width: Length
    half_height: Length
    turned_degrees: Annotated[float, Field(ge=-180, le=180)] = 0
    grey: Grey
    opacity: Opacity = 1


class DrawnPolygon(Content):
    """A filled polygon."""

    shape: Literal["polygon"] = "polygon"
    points: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(min_length=3, max_length=200)]
    grey: Grey
    opacity: Opacity = 1


class DrawnLine(Content):
    """An open line through its points."""

    shape: Literal["line"] = "line"
    points: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(min_length=2, max_length=200)]
    width: Length
    grey: Grey
    opacity: Opacity = 1


DrawnShape = Annotated[DrawnEllipse | DrawnPolygon | DrawnLine, Field(discriminator="shape")]


class Drawing(Content):
    """A square field of `SIDE` by `SIDE` units with its shapes."""

    shapes: Annotated[tuple[DrawnShape, ...], Field(min_length=1, max_length=100)]
