"""Frames decoded one by one, and the few 8 bit pictures in which text is looked for. Source: PS3.3 C.7.6.3.

Text that stands still over a cine shows in the brightest and the darkest value each pixel ever has; what appears in
single frames is looked for in some of them. Values are raw: no colour conversion, so that they can be written back.

A picture to look in has three layers, as the networks take three colours: all values from the least to the greatest,
what stands out from its surroundings, and the values without rare ones. Faint letters show in the second, letters in a
picture with a few glaring points in the third; one look finds what two or three would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

from node.deidentify.errors import UnreadableImage
from node.deidentify.frames import DECODER_FAULTS, checked_data_set
from node.deidentify.verdict import QuarantineReason

MOST_BYTES: Final = 512 * 2**20
_SINGLE_FRAMES: Final = 4
_NARROW: Final = 0.6
_LUMINANCE: Final = np.array([0.299, 0.587, 0.114], np.float32)
_RARE_PERCENT: Final = (0.5, 99.5)
_SAMPLED: Final = 512
"""Rare values are told from a sample of so many rows and columns."""
_SURROUNDINGS: Final = 8
"""How far a pixel's surroundings reach, in pixels."""
_STRENGTHENED: Final = 3.0
_MIDDLE_GREY: Final = 128.0


@dataclass(frozen=True, slots=True)
class Frames:
    """Every frame of one image: `values` [frame, row, column] or [frame, row, column, colour], as stored."""

    values: NDArray[Any]
    photometric: str
    darkest: NDArray[Any]
    """What a blanked pixel becomes: black, as one value or one for each colour."""
    palette: NDArray[Any] | None = None
    """The brightness of each entry of a palette, where values are entries of one."""


def decoded(raw: bytes) -> Frames:
    """The frames of a file.

    Raises:
        UnreadableImage: they cannot be decoded, or are too many to hold.
    """
    data_set = checked_data_set(raw, None)
    try:
        values, photometric = _values(data_set)
        if photometric == "PALETTE COLOR":
            palette = _palette(data_set, values)
            return Frames(values, photometric, palette.argmin().astype(values.dtype), palette)
        return Frames(values, photometric, _darkest(values, photometric))
    except DECODER_FAULTS:
        raise UnreadableImage(QuarantineReason.PIXELS_UNREADABLE) from None


def _values(data_set: Dataset) -> tuple[NDArray[Any], str]:
    count = int(data_set.get("NumberOfFrames", 1) or 1)
    decoder, frames, photometric = get_decoder(data_set.file_meta.TransferSyntaxUID), [], ""
    for index in range(count):
        frame, said = decoder.as_array(data_set, index=index, raw=True)
        if frame.nbytes * count > MOST_BYTES:
            raise UnreadableImage(QuarantineReason.TOO_COSTLY)
        frames.append(frame)
        photometric = str(said["photometric_interpretation"])
    return np.stack(frames), photometric


def _darkest(values: NDArray[Any], photometric: str) -> NDArray[Any]:
    match photometric:
        case "MONOCHROME1":
            return np.asarray(values.max())
        case "YBR_FULL" | "YBR_FULL_422":
            return np.array([0, 128, 128], values.dtype)
        case _ if values.ndim == 4:
            return np.zeros(values.shape[3], values.dtype)
        case _:
            return np.asarray(values.min())


def _palette(data_set: Dataset, values: NDArray[Any]) -> NDArray[Any]:
    """The brightness of every stored value there can be; values beyond the table are its last entry."""
    bits = int(data_set.RedPaletteColorLookupTableDescriptor[2])
    kind = "<u2" if bits > 8 else "u1"
    names = ("RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData")
    colours = [np.frombuffer(data_set[name].value, kind).astype(np.int64) for name in names]
    brightness = (np.sum(colours, axis=0) // len(names)).astype(np.uint16)
    first = int(data_set.RedPaletteColorLookupTableDescriptor[1])
    entries: NDArray[Any] = brightness[np.clip(np.arange(int(values.max()) + 1) - first, 0, len(brightness) - 1)]
    return entries


def pictures(frames: Frames) -> Iterator[NDArray[np.uint8]]:
    """The pictures to look in, [row, column, layer]: projections over all frames, and some frames alone."""
    values = frames.values if frames.palette is None else frames.palette[frames.values]
    projections = [values.max(axis=0)] if len(values) == 1 else [values.max(axis=0), values.min(axis=0)]
    for projection in projections:
        for plane in _planes(projection, frames.photometric):
            yield from _shown(plane)
    if len(values) > 1:
        for number in np.unique(np.linspace(0, len(values) - 1, _SINGLE_FRAMES).astype(int)):
            yield from _shown(_planes(values[number], frames.photometric)[0])


def _planes(picture: NDArray[Any], photometric: str) -> list[NDArray[Any]]:
    """The planes of a picture in which a letter of any colour stands out from a ground of any other.

    Red on white shows in the darkest colour only, red on black in the brightest, blue on red in the luminance.
    """
    if picture.ndim == 2:
        return [picture]
    if photometric.startswith("YBR"):
        return [picture[..., 0]]
    luminance = (picture[..., :3] @ _LUMINANCE).astype(np.float32)
    return [luminance, picture.max(axis=2), picture.min(axis=2)]


def _shown(plane: NDArray[Any]) -> Iterator[NDArray[np.uint8]]:
    """The layers of a plane; nothing for a plane of one value."""
    lowest, highest = float(plane.min()), float(plane.max())
    if highest <= lowest:
        return
    whole = common = _scaled(plane, lowest, highest)
    sample = plane[:: max(1, plane.shape[0] // _SAMPLED), :: max(1, plane.shape[1] // _SAMPLED)]
    low, high = (float(value) for value in np.percentile(sample, _RARE_PERCENT))
    if low < high and high - low < _NARROW * (highest - lowest):
        common = _scaled(plane, low, high)
    yield np.stack([whole, standing_out(common), common], axis=2)


def standing_out(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is brighter or darker than its surroundings, strengthened, on a middle grey."""
    around = np.asarray(Image.fromarray(picture).filter(ImageFilter.BoxBlur(_SURROUNDINGS)))
    beyond = (picture.astype(np.float32) - around) * np.float32(_STRENGTHENED) + np.float32(_MIDDLE_GREY)
    strengthened: NDArray[np.uint8] = np.clip(beyond, 0, 255).astype(np.uint8)
    return strengthened


def _scaled(plane: NDArray[Any], lowest: float, highest: float) -> NDArray[np.uint8]:
    grey = (plane.astype(np.float32) - lowest) * (255.0 / (highest - lowest))
    shown: NDArray[np.uint8] = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return shown
