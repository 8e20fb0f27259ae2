"""How an image lies in the patient and how its values are meant: what a page needs beside pixels, from a clean header.

Lengths are known where the header has a pixel spacing. In the patient (Pixel Spacing) it is preferred to that at the
detector (Imager Pixel Spacing), which shows what lies nearer to the tube larger than it is; which of the two it was, is
said. Letters name where the direction of a row and of a column points to, for axes within some 84 degrees of it. Where
the image lies is said of an image with one plane, so that slices can be put together; frames of one image may each lie
elsewhere, and of these nothing is said.
Source: PS3.3 sections C.7.6.1.1.1, C.7.6.2.1.1, C.11.1, C.11.2 and 10.7.1.3; of an enhanced image the functional
groups of one frame, then the shared ones (C.7.6.16), as of its greyscale.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

_SPACING: Final = "00280030"
_DETECTOR_SPACING: Final = "00181164"
_ORIENTATION: Final = "00200037"
_POSITION: Final = "00200032"
_LETTERS: Final = "00200020"
_CENTRES, _WIDTHS, _NAMES = "00281050", "00281051", "00281055"
_FUNCTION: Final = "00281056"
_TABLE: Final = "00283000"
_UNIT, _MODALITY = "00281054", "00080060"
_INTERCEPT, _SLOPE = "00281052", "00281053"
_PER_FRAME, _SHARED = "52009230", "52009229"
_MACROS: Final = ("00289110", "00209116", "00289132", "00289145")
_MOST_WINDOWS: Final = 8
_LETTER: Final = re.compile(r"[AFHLPR]{1,3}")
_LEAST_COSINE: Final = 0.1
_UNIT_WITHIN: Final = 1e-3
"""How far directions of a header may be from unit length and from a right angle."""
_AXES: Final = (("L", "R"), ("P", "A"), ("H", "F"))
"""Towards which the three axes of the patient grow, and their opposites."""


class SpacingAt(StrEnum):
    """Where a pixel has the size that the header says."""

    PATIENT = "patient"
    DETECTOR = "detector"


@dataclass(frozen=True, slots=True)
class NamedWindow:
    """A window of the header, in values after rescaling, with the meaning of the function LINEAR."""

    centre: float
    width: float
    name: str


Vector = tuple[float, float, float]
"""Towards the patient's left, back and head."""


@dataclass(frozen=True, slots=True)
class ImagePosition:
    """Where an image lies in the patient."""

    corner_mm: Vector
    """The centre of the upper left pixel."""
    across: Vector
    """The unit vector along a row, towards higher columns."""
    down: Vector
    """The unit vector along a column, towards higher rows."""


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """What one image's header says of its plane and values; nothing in it is about who the patient is."""

    spacing_mm: tuple[float, float] | None = None
    """Between rows, and between columns."""
    spacing_at: SpacingAt | None = None
    right: str = ""
    """Letters of the side to which rows run, e.g. `L`; "" where it is not known."""
    bottom: str = ""
    windows: tuple[NamedWindow, ...] = ()
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    """Of values after rescaling, e.g. `HU`; "" where the header names none."""
    tabled: bool = False
    """A table takes stored values further, and no slope does."""
    position: ImagePosition | None = None


class HeaderSource(Protocol):
    """Where the clean headers of images are."""

    def headers(self, image_ids: Sequence[str]) -> Mapping[str, bytes]:
        """The JSON Model object of each image that has one. Raises: StoreFailed."""
        ...


def plane_of(header: bytes, number: int = 1) -> ImagePlane:
    """What a clean header (PS3.18 annex F) says of frame `number`, counted from 1.

    What it does not say, or says wrongly, is left out.
    """
    found = _flat(json.loads(header), number)
    spacing, at = _spacing(found)
    right, bottom = _sides(found)
    slope = _numbers(found, _SLOPE, 1)
    intercept = _numbers(found, _INTERCEPT, 1)
    return ImagePlane(
        spacing_mm=spacing,
        spacing_at=at,
        right=right,
        bottom=bottom,
        windows=_windows(found),
        slope=slope[0] if slope and slope[0] != 0 else 1.0,
        intercept=intercept[0] if intercept else 0.0,
        unit=_unit(found),
        tabled=bool(_values(found, _TABLE)),
        position=_position(found),
    )


def _flat(header: dict[str, Any], number: int) -> dict[str, Any]:
    """The attributes of the image, with those of the frame's functional groups where it does not say them itself."""
    found = dict(header)
    groups = [*_values(header, _PER_FRAME)[number - 1 : number], *_values(header, _SHARED)[:1]]
    for group in groups:
        for macro in _MACROS if isinstance(group, dict) else ():
            for said in _items(group, macro)[:1]:
                found = {**said, **found}
    return found


def _items(found: Mapping[str, Any], tag: str) -> list[dict[str, Any]]:
    return [item for item in _values(found, tag) if isinstance(item, dict)]


def _values(found: Mapping[str, Any], tag: str) -> list[Any]:
    attribute = found.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return values if isinstance(values, list) else []


def _numbers(found: Mapping[str, Any], tag: str, count: int | None = None) -> tuple[float, ...]:
    """All values as finite numbers; none where one is not, or where there are not just so many."""
    values = _values(found, tag)
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in values):
        return ()
    return tuple(float(one) for one in values) if count in (None, len(values)) else ()


def _spacing(found: Mapping[str, Any]) -> tuple[tuple[float, float] | None, SpacingAt | None]:
    for tag, at in ((_SPACING, SpacingAt.PATIENT), (_DETECTOR_SPACING, SpacingAt.DETECTOR)):
        said = _numbers(found, tag, 2)
        if said and min(said) > 0:
            return (said[0], said[1]), at
    return None, None


def _windows(found: Mapping[str, Any]) -> tuple[NamedWindow, ...]:
    centres, widths, names = _numbers(found, _CENTRES), _numbers(found, _WIDTHS), _values(found, _NAMES)
    if len(centres) != len(widths):
        return ()
    texts = [str(one)[:64] if isinstance(one, str) else "" for one in names] + [""] * len(centres)
    half, one = (0.5, 1.0) if "LINEAR_EXACT" in _values(found, _FUNCTION) else (0.0, 0.0)
    triples = zip(centres, widths, texts, strict=False)
    windows = (NamedWindow(centre + half, width + one, text) for centre, width, text in triples)
    return tuple(window for window in windows if window.width >= 1)[:_MOST_WINDOWS]


def _unit(found: Mapping[str, Any]) -> str:
    """Rescale Type; of CT, HU is meant where it is not said."""
    said = [one for one in _values(found, _UNIT) if isinstance(one, str) and one.isascii() and 0 < len(one) <= 16]
    if said:
        return "" if said[0] == "US" else said[0]
    return "HU" if "CT" in _values(found, _MODALITY) else ""


def _sides(found: Mapping[str, Any]) -> tuple[str, str]:
    cosines = _numbers(found, _ORIENTATION, 6)
    if cosines:
        return _letters(cosines[:3]), _letters(cosines[3:])
    said = [one if isinstance(one, str) and _LETTER.fullmatch(one) else "" for one in _values(found, _LETTERS)]
    return (said[0], said[1]) if len(said) == 2 else ("", "")


def _position(found: Mapping[str, Any]) -> ImagePosition | None:
    """None where the header has no position, or directions that are none."""
    corner, cosines = _numbers(found, _POSITION, 3), _numbers(found, _ORIENTATION, 6)
    if not corner or not cosines:
        return None
    across, down = cosines[:3], cosines[3:]
    slant = sum(one * other for one, other in zip(across, down, strict=True))
    if max(abs(math.hypot(*across) - 1), abs(math.hypot(*down) - 1), abs(slant)) > _UNIT_WITHIN:
        return None
    return ImagePosition(_vector(corner), _vector(across), _vector(down))


def _vector(values: Sequence[float]) -> Vector:
    x, y, z = values
    return x, y, z


def _letters(cosines: Sequence[float]) -> str:
    """The sides a direction points to, the nearest first."""
    order = sorted(range(3), key=lambda axis: (-abs(cosines[axis]), axis))
    return "".join(_AXES[axis][cosines[axis] < 0] for axis in order if abs(cosines[axis]) >= _LEAST_COSINE)
