"""One frame decoded, and one frame as a picture for a page. Source: PS3.3 C.7.6.3, C.11.1, C.11.2; PS3.5 section 8.

Frames are numbered from 1, as in DICOMweb. Stored values come out as they are (colour as RGB); a preview has the
modality and the value of interest transformations applied, a shown frame where a straight window would not show it
right, and neither is ever used to learn from. Runs in the sandbox: codecs are native code.
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

from node.deidentify.elements import PIXEL_DATA, Limits
from node.deidentify.errors import FrameMissing, UnreadableImage
from node.deidentify.findings import DecodedFrame, Form, Picture
from node.deidentify.greyscale import baked, in_colour, is_straight, of_frame, presented
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
    return _frame_of(values, photometric, int(data_set.BitsStored))


def shown_frame(raw: bytes, number: int, limits: Limits | None = None) -> DecodedFrame:
    """Frame `number` as a page shows it right with a straight window: as stored, or baked; colours in 8 bits.

    Raises: as `decode_frame`.
    """
    data_set = checked_data_set(raw, limits)
    values, photometric = _stored_values(data_set, number)
    try:
        said = of_frame(data_set, number)
        colours = in_colour(values, photometric, said)
        if colours is not None:
            return _frame_of(colours, "RGB", 8)
        if is_straight(said, values):
            return _frame_of(values, photometric, int(said.BitsStored))
        return _frame_of(baked(values, said), photometric, 16, is_baked=True)
    except DECODER_FAULTS:
        raise UnreadableImage(QuarantineReason.MALFORMED) from None


def _frame_of(values: NDArray[Any], photometric: str, bits_stored: int, *, is_baked: bool = False) -> DecodedFrame:
    return DecodedFrame(
        rows=values.shape[0],
        columns=values.shape[1],
        samples=1 if values.ndim == 2 else values.shape[2],
        bits_allocated=values.itemsize * 8,
        bits_stored=bits_stored,
        signed=values.dtype.kind == "i",
        photometric=photometric,
        baked=is_baked,
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
    try:
        said = of_frame(data_set, number)
        if picture.window is not None:
            _set_window(said, *picture.window)
        shown = _shown(values, photometric, said)
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
    colours = in_colour(values, photometric, data_set)
    if colours is not None:
        return colours
    shown = np.rint(presented(values, data_set) * 255.0).astype(np.uint8)
    return 255 - shown if photometric == "MONOCHROME1" else shown
