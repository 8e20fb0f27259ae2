"""Objects that speak about images instead of being one: segmentations, structured reports, presentation states.

They are known by their SOP class and belong to the images they name, whatever series they stand in; nobody reads them
as a case of their own. The masks of a segmentation are searched for text where they have shades (pixels/cleaning.py),
not where a pixel is a single bit; a report or a presentation state has no pixels at all. Of a presentation state all
graphics and texts go; of a report what a person wrote or is goes, its codes and numbers stay where the site keeps
structured content, and without that choice the report is held.
Source: PS3.4 table B.5-1 for the classes; PS3.3 C.12.1.1.1 and 10.3 for the references.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."


class AttachmentKind(StrEnum):
    """What an object is to the images it names."""

    SEGMENTATION = "segmentation"
    REPORT = "report"
    PRESENTATION = "presentation"


_CLASSES: Final[Mapping[str, AttachmentKind]] = {
    **{f"{_STORAGE}66.{number}": AttachmentKind.SEGMENTATION for number in ("4", "7")},
    **{f"{_STORAGE}11.{number}": AttachmentKind.PRESENTATION for number in range(1, 6)},
    # Basic text, enhanced, comprehensive, comprehensive 3D, extensible, mammography, chest and colon CAD, key objects.
    **{
        f"{_STORAGE}88.{number}": AttachmentKind.REPORT
        for number in ("11", "22", "33", "34", "35", "50", "59", "65", "69")
    },
}


def kind_of(sop_class_uid: str) -> AttachmentKind | None:
    """What an object of that class is to other images; None for an image, or for what is neither."""
    return _CLASSES.get(sop_class_uid)
