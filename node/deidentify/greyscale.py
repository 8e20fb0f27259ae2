"""From stored values to what is seen: modality and value of interest transformations. Pure; nothing is decoded here.

A straight window over stored values is left to the page, which can then change it. What is not straight (a modality or
VOI table, SIGMOID, a slope that is not positive, values of more than 16 bits) is baked: 16 bit presentation values, 0
black and 65535 white, of MONOCHROME1 the other way round as ever. Of an enhanced image the functional groups of the
frame say what its header does not. Source: PS3.3 sections C.7.6.16.2.9, C.7.6.16.2.10, C.11.1, C.11.2.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

WHITE: Final = 65535
_STRAIGHT: Final = frozenset({"", "LINEAR", "LINEAR_EXACT"})
_MACROS: Final = ("FrameVOILUTSequence", "PixelValueTransformationSequence")
_NARROWEST: Final = 1e-9


def of_frame(data_set: Dataset, number: int) -> Dataset:
    """The data set with what the functional groups of frame `number` say of its greyscale, where it says nothing."""
    per_frame = data_set.get("PerFrameFunctionalGroupsSequence") or []
    groups = [*per_frame[number - 1 : number], *(data_set.get("SharedFunctionalGroupsSequence") or [])[:1]]
    for group in groups:
        for macro in _MACROS:
            for item in (group.get(macro) or [])[:1]:
                for element in item:
                    if element.tag not in data_set:
                        data_set.add(element)
    return data_set


def is_straight(data_set: Dataset, values: NDArray[Any]) -> bool:
    """True where a window over the stored values of a frame shows it right."""
    tables = any(data_set.get(name) for name in ("VOILUTSequence", "ModalityLUTSequence"))
    slope = float(data_set.get("RescaleSlope") or 1)
    return (
        not tables
        and _function(data_set) in _STRAIGHT
        and slope > 0
        and values.itemsize <= 2
        and values.dtype.kind in "iu"
    )


def in_colour(values: NDArray[Any], photometric: str, data_set: Dataset) -> NDArray[np.uint8] | None:
    """Red, green and blue of 8 bits, a palette looked up; none where the frame is grey."""
    if photometric == "PALETTE COLOR":
        values = apply_color_lut(values, data_set)
    return (values >> max(0, values.itemsize * 8 - 8)).astype(np.uint8) if values.ndim == 3 else None


def baked(values: NDArray[Any], data_set: Dataset) -> NDArray[np.uint16]:
    """Presentation values: uint16 [row, column], before MONOCHROME1 is turned round."""
    return np.rint(presented(values, data_set) * WHITE).astype(np.uint16)


def presented(values: NDArray[Any], data_set: Dataset) -> NDArray[np.float64]:
    """Every value of interest between black, 0, and white, 1; without table and window over the values' own range."""
    modality = apply_modality_lut(values, data_set).astype(float)
    if data_set.get("VOILUTSequence"):
        table = apply_voi(apply_modality_lut(values, data_set), data_set).astype(float)
        return np.asarray(np.clip(table / (2 ** int(data_set.VOILUTSequence[0].LUTDescriptor[2]) - 1), 0.0, 1.0))
    centre, width = (_first(data_set.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is None or width is None:
        low, high = float(modality.min()), float(modality.max())
        return (modality - low) / max(high - low, _NARROWEST)
    return np.clip(_windowed(modality, centre, width, _function(data_set)), 0.0, 1.0)


def _windowed(modality: NDArray[np.float64], centre: float, width: float, function: str) -> NDArray[np.float64]:
    """Section C.11.2.1.2.1 and C.11.2.1.3, to 0 and 1."""
    match function:
        case "SIGMOID":
            with np.errstate(over="ignore"):
                return np.asarray(1.0 / (1.0 + np.exp(-4.0 * (modality - centre) / max(width, _NARROWEST))))
        case "LINEAR_EXACT":
            return (modality - centre) / max(width, _NARROWEST) + 0.5
        case _ if width <= 1:
            return (modality > centre - 0.5).astype(float)
        case _:
            return (modality - (centre - 0.5)) / (width - 1.0) + 0.5


def _function(data_set: Dataset) -> str:
    return str(data_set.get("VOILUTFunction") or "").strip().upper()


def _first(said: Any) -> float | None:
    """The first of one or more values; none where there is none."""
    if said in (None, ""):
        return None
    values = list(said) if isinstance(said, MultiValue) else [said]
    return float(values[0]) if values else None
