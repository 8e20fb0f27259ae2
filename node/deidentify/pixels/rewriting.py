"""A clean file with new pixel data, or only with what the pixel step says of itself. Source: PS3.3 C.7.6.3, PS3.5 A.4.

Blanked pixel data is written decoded and uncompressed: nothing is compressed a second time, so every pixel that was
not blanked keeps the value that its decoder gives. Pixel data without a blanked pixel stays byte for byte.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

import numpy as np

from node.deidentify.elements import PIXEL_DATA, Element
from node.deidentify.opening import EXPLICIT_BIG, EXPLICIT_LITTLE, OpenedImage, open_image
from node.deidentify.pixels.pictures import Frames
from node.deidentify.summary import INSTANCE, SOP_CLASS
from node.deidentify.values import text_of
from node.deidentify.writing import Written, encode_file, encode_sequence, written_text

_METHOD_CODES: Final = 0x00120064
_BURNED_IN: Final = 0x00280301
_PHOTOMETRIC, _PLANAR, _SAMPLES = 0x00280004, 0x00280006, 0x00280002
_CLEAN_PIXELS: Final = ("113101", "Clean Pixel Data Option")
# Smallest and largest pixel value, tables of fragment offsets.
_NO_LONGER_TRUE: Final = frozenset({0x00280106, 0x00280107, 0x7FE00001, 0x7FE00002})


def rewritten(contents: bytes, frames: Frames | None, *, proven: bool) -> bytes:
    """The clean file with these frames, or with its own for None; `proven` when no text is left in them."""
    image = open_image(contents)
    written = {tag: _written(element, little_endian=image.little_endian) for tag, element in image.elements.items()}
    written[_METHOD_CODES] = _method_codes(image)
    if proven:
        written[_BURNED_IN] = written_text(_BURNED_IN, "CS", "NO")
    syntax = image.transfer_syntax_uid
    if frames is not None:
        syntax = EXPLICIT_BIG if syntax == EXPLICIT_BIG else EXPLICIT_LITTLE
        written = {tag: element for tag, element in written.items() if tag not in _NO_LONGER_TRUE}
        written |= {element.tag: element for element in _pictures(frames, little_endian=image.little_endian)}
    return encode_file(
        list(written.values()),
        little_endian=image.little_endian,
        sop_class_uid=text_of(image.elements[SOP_CLASS]),
        instance_uid=text_of(image.elements[INSTANCE]),
        transfer_syntax_uid=syntax,
    )


def _written(element: Element, *, little_endian: bool) -> Written:
    if element.items is None:
        return Written(element.tag, element.vr, element.value, element.encapsulated)
    items = [_item(item, little_endian) for item in element.items]
    return encode_sequence(element.tag, items, little_endian=little_endian)


def _item(item: Mapping[int, Element], little_endian: bool) -> list[Written]:
    return [_written(element, little_endian=little_endian) for element in item.values()]


def _method_codes(image: OpenedImage) -> Written:
    """The codes the header step wrote, and that the pixel data was cleaned."""
    element = image.elements.get(_METHOD_CODES)
    items = () if element is None or element.items is None else element.items
    code, meaning = _CLEAN_PIXELS
    own = [
        written_text(0x00080100, "SH", code),
        written_text(0x00080102, "SH", "DCM"),
        written_text(0x00080104, "LO", meaning),
    ]
    known = [_item(item, image.little_endian) for item in items if text_of(item.get(0x00080100)) != code]
    return encode_sequence(_METHOD_CODES, [*known, own], little_endian=image.little_endian)


def _pictures(frames: Frames, *, little_endian: bool) -> list[Written]:
    order = "<" if little_endian else ">"
    kind = frames.values.dtype.newbyteorder("<" if little_endian else ">")
    values = frames.values.astype(kind, copy=False)
    elements = [
        written_text(_PHOTOMETRIC, "CS", _uncompressed(frames.photometric)),
        Written(PIXEL_DATA, "OB" if values.itemsize == 1 else "OW", np.ascontiguousarray(values).tobytes()),
    ]
    if values.ndim == 4:
        elements.append(Written(_PLANAR, "US", struct.pack(order + "H", 0)))
        elements.append(Written(_SAMPLES, "US", struct.pack(order + "H", values.shape[3])))
    return elements


def _uncompressed(photometric: str) -> str:
    """Colour sub-sampled by its codec is whole again once decoded."""
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric
