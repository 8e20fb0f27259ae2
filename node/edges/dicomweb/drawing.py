"""The parameters of a rendered picture. Source: PS3.18 section 8.3.5."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from node.deidentify.findings import Form, Picture
from node.edges.dicomweb.media import Offer
from node.edges.dicomweb.refusals import ValueRefused

FORMS: Final = (Offer("image/jpeg"), Offer("image/png"))
_LARGEST: Final = 8192


def picture_of(media_type: str, query: Iterable[tuple[str, str]]) -> Picture:
    """The picture that a query asks for; other parameters than window, viewport and quality change nothing.

    Raises:
        ValueRefused: naming the parameter.
    """
    picture = Picture(Form.PNG if media_type == "image/png" else Form.JPEG)
    for key, value in query:
        match key.lower():
            case "quality":
                picture = replace(picture, quality=_between(key, value, 1, 100))
            case "window":
                picture = replace(picture, window=_window(key, value))
            case "viewport":
                picture = replace(picture, within=_viewport(key, value))
            case _:
                continue
    return picture


def _between(key: str, value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most):
        raise ValueRefused(name=key.lower())
    return int(value)


def _window(key: str, value: str) -> tuple[float, float]:
    """Center and width; of the functions only the linear one."""
    parts = value.split(",")
    try:
        center, width = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        raise ValueRefused(name=key.lower()) from None
    fits = math.isfinite(center) and math.isfinite(width) and abs(center) < 1e9 and 1 <= width < 1e9
    if not fits or len(parts) > 3 or (len(parts) == 3 and parts[2].lower() != "linear"):
        raise ValueRefused(name=key.lower())
    return center, width


def _viewport(key: str, value: str) -> tuple[int, int]:
    """Columns and rows to fit into; regions of the image are not cut out."""
    parts = value.split(",")
    if len(parts) != 2:
        raise ValueRefused(name=key.lower())
    return _between(key, parts[0], 1, _LARGEST), _between(key, parts[1], 1, _LARGEST)
