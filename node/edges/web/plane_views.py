"""What a reader's page gets to know of the planes of a case's images, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator

from node.edges.web.bodies import Body
from node.edges.web.reading_views import ImageView
from node.edges.web.views import View
from node.flows.prior import Prior
from node.labeling.plane import ImagePlane, SpacingAt
from node.labeling.region import RegionStatistics
from node.labeling.shapes import Shape, points_of

_FARTHEST: Final = 1e6
"""From the upper left corner of an image, in pixels: what lies farther off is no place on any."""


class WindowView(View):
    """A window of the header, in values after rescaling."""

    centre: float
    width: float
    name: str


class PositionView(View):
    """Where an image lies: the centre of its upper left pixel in mm, and unit vectors along a row and a column.

    Each towards the patient's left, back and head.
    """

    corner_mm: tuple[float, float, float]
    across: tuple[float, float, float]
    down: tuple[float, float, float]


class PlaneView(View):
    """One image's plane: spacing between rows and columns, the sides its rows and columns run to, its values."""

    image_id: str
    spacing_mm: tuple[float, float] | None
    spacing_at: SpacingAt | None
    right: str
    bottom: str
    windows: list[WindowView]
    slope: float
    intercept: float
    position: PositionView | None


class PlanesView(View):
    """The planes of a case, in the order of its images."""

    planes: list[PlaneView]


class PriorView(View):
    """An earlier study of the patient; images and planes are named by their numbers, from 1."""

    days_before: int | None
    images: list[ImageView]
    planes: list[PlaneView]


def _near(shape: Shape) -> Shape:
    if any(abs(one) > _FARTHEST for point in points_of(shape) for one in point):
        raise ValueError("a point lies far off the image")
    return shape


class RegionBody(Body):
    """A shape on the frame that the path names."""

    shape: Annotated[Shape, AfterValidator(_near)]


class RegionView(View):
    """The values inside a shape; null where there are none to tell, or the header gives no scale."""

    pixels: int
    area_mm2: float | None
    at_detector: bool
    mean: float | None
    deviation: float | None
    least: float | None
    most: float | None
    unit: str


def region_view(found: RegionStatistics) -> RegionView:
    """The statistics as the page sees them."""
    return RegionView.model_validate(found)


def planes_view(planes: Mapping[str, ImagePlane]) -> PlanesView:
    """The planes as the page sees them."""
    return PlanesView(planes=[_plane_view(image_id, plane) for image_id, plane in planes.items()])


def prior_view(prior: Prior | None, planes: Mapping[str, ImagePlane]) -> PriorView:
    """The prior as the page sees it; no image of none."""
    return PriorView(
        days_before=None if prior is None else prior.days_before,
        images=[] if prior is None else [ImageView.model_validate(image) for image in prior.images],
        planes=[_plane_view(number, plane) for number, plane in planes.items()],
    )


def _plane_view(image_id: str, plane: ImagePlane) -> PlaneView:
    return PlaneView(
        image_id=image_id,
        spacing_mm=plane.spacing_mm,
        spacing_at=plane.spacing_at,
        right=plane.right,
        bottom=plane.bottom,
        windows=[WindowView.model_validate(one) for one in plane.windows],
        slope=plane.slope,
        intercept=plane.intercept,
        position=None if plane.position is None else PositionView.model_validate(plane.position),
    )
