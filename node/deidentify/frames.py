"""One frame decoded, and one frame as a picture for a page. Source: PS3.3 C.7.6.3, C.11.1, C.11.2; PS3.5 section 8.

Frames are numbered from 1, as in DICOMweb. Stored values come out as they are (colour as RGB); a preview has the
modality and the value of interest transformations applied and is never used to learn from. Runs in the sandbox: codecs
are native code.
"""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing

from node.deidentify.elements import PIXEL_DATA, Limits
from node.deidentify.errors import FrameMissing, UnreadableImage
from node.deidentify.findings import DecodedFrame, Form, Picture
from node.deidentify.opening import open_image
from node.deidentify.verdict import QuarantineReason

# What pydicom and its codecs raise on bytes they do not like; the reason is the same for all: the image cannot be read.
DECODER_FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def decode_frame(raw: bytes, number: int, limits: Limits | None = None) -> DecodedFrame:
    """The stored values of frame `number`, decompressed.

    Raises:
        FrameMissing: the image has no such frame.
        UnreadableImage: the pixel data cannot be decoded.
    """
    data_set = checked_data_set(raw, limits)
    values, photometric = _stored_values(data_set, number)
    return DecodedFrame(
        rows=values.shape[0],
        columns=values.shape[1],
        samples=1 if values.ndim == 2 else values.shape[2],
        bits_allocated=values.itemsize * 8,
        bits_stored=int(data_set.BitsStored),
        signed=values.dtype.kind == "i",
        photometric=photometric,
        pixels=values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes(),
    )


def preview(raw: bytes, number: int, limits: Limits | None = None) -> bytes:
    """Frame `number` as an 8 bit PNG with its window applied, black on MONOCHROME1's dark side. Raises: as `render`."""
    return render(raw, number, Picture(), limits)


def render(raw: bytes, number: int, picture: Picture, limits: Limits | None = None) -> bytes:
    """Frame `number` drawn as the picture asks; without a window of its own, with the one of the image.

    Raises:
        FrameMissing: the image has no such frame.
        UnreadableImage: the pixel data cannot be decoded.
    """
    data_set = checked_data_set(raw, limits)
    values, photometric = _stored_values(data_set, number)
    if picture.window is not None:
        _set_window(data_set, *picture.window)
    try:
        shown = _shown(values, photometric, data_set)
    except DECODER_FAULTS:
        raise UnreadableImage(QuarantineReason.MALFORMED) from None
    return _drawn(Image.fromarray(shown), picture)


def _set_window(data_set: Dataset, center: float, width: float) -> None:
    if "VOILUTSequence" in data_set:
        del data_set.VOILUTSequence
    data_set.WindowCenter, data_set.WindowWidth = str(center)[:16], str(width)[:16]
    data_set.VOILUTFunction = "LINEAR"


def _drawn(image: Image.Image, picture: Picture) -> bytes:
    if picture.within is not None:
        scale = min(limit / size for limit, size in zip(picture.within, image.size, strict=True))
        image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    drawn = io.BytesIO()
    if picture.form is Form.JPEG:
        image.save(drawn, "JPEG", quality=picture.quality)
    else:
        image.save(drawn, "PNG", compress_level=1)
    return drawn.getvalue()


def checked_data_set(raw: bytes, limits: Limits | None) -> Dataset:
    """The data set as pydicom reads it, after this node's own reader has bounded it."""
    if PIXEL_DATA not in open_image(raw, limits).elements:
        raise UnreadableImage(QuarantineReason.PIXEL_DATA_MISSING)
    try:
        return dcmread(io.BytesIO(raw), force=True)
    except DECODER_FAULTS:
        raise UnreadableImage(QuarantineReason.MALFORMED) from None


def _stored_values(data_set: Dataset, number: int) -> tuple[NDArray[Any], str]:
    try:
        frames = int(data_set.get("NumberOfFrames", 1) or 1)
        if 1 <= number <= frames:
            decoder = get_decoder(data_set.file_meta.TransferSyntaxUID)
            values, said = decoder.as_array(data_set, index=number - 1)
            return values, str(said["photometric_interpretation"])
    except DECODER_FAULTS:
        raise UnreadableImage(QuarantineReason.MALFORMED) from None
    raise FrameMissing(f"frame {number} of {frames}")


def _shown(values: NDArray[Any], photometric: str, data_set: Dataset) -> NDArray[np.uint8]:
    if photometric == "PALETTE COLOR":
        values = apply_color_lut(values, data_set)
    if values.ndim == 3:
        return (values >> max(0, values.itemsize * 8 - 8)).astype(np.uint8)
    modality = apply_modality_lut(values, data_set)
    grey, black, white = _windowed(modality, data_set)
    scaled = np.clip((grey - black) / max(white - black, 1e-9), 0.0, 1.0) * 255.0
    shown = np.rint(scaled).astype(np.uint8)
    return 255 - shown if photometric == "MONOCHROME1" else shown


def _windowed(modality: NDArray[Any], data_set: Dataset) -> tuple[NDArray[Any], float, float]:
    """The values of interest and what is black and white among them; without a window, the values' own range."""
    if "VOILUTSequence" in data_set:
        table = apply_voi(modality, data_set)
        return table.astype(float), 0.0, float(2 ** int(data_set.VOILUTSequence[0].LUTDescriptor[2]) - 1)
    if data_set.get("WindowWidth") in (None, "") or data_set.get("WindowCenter") in (None, ""):
        return modality.astype(float), float(modality.min()), float(modality.max())
    with np.errstate(over="ignore"):
        black, white = apply_windowing(np.array([-1e9, 1e9]), data_set)
        return apply_windowing(modality, data_set), float(black), float(white)
