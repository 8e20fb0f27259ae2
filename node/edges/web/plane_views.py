"""What a reader's page gets to know of the planes of a case's images, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from node.edges.web.views import View
from node.labeling.plane import ImagePlane, SpacingAt


class WindowView(View):
    """A window of the header, in values after rescaling."""

    centre: float
    width: float
    name: str


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


class PlanesView(View):
    """The planes of a case, in the order of its images."""

    planes: list[PlaneView]


def planes_view(planes: Mapping[str, ImagePlane]) -> PlanesView:
    """The planes as the page sees them."""
    return PlanesView(planes=[_plane_view(image_id, plane) for image_id, plane in planes.items()])


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
    )
