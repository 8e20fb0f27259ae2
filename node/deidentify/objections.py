"""The rules that send an image to quarantine, in the order they are asked. Source: PS3.15 section E.1; PS3.3 annex A.

A header that says NO to burned-in text is not believed: what kind of object it is decides. Nothing here reads text in
the pixels themselves. What is attached to images (attachments.py) is asked by rules of its own: it must name an image,
and only a segmentation has pixel data, whose length and bits are checked like those of an image.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from node.deidentify.attachments import AttachmentKind, kind_of
from node.deidentify.elements import PIXEL_DATA, Element
from node.deidentify.opening import OpenedImage
from node.deidentify.references import named_images
from node.deidentify.summary import INSTANCE, PATIENT_ID, PATIENT_NAME, SERIES, SOP_CLASS, STUDY, whole_number
from node.deidentify.values import parts_of, text_of
from node.deidentify.verdict import QuarantineReason

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
# CR, DX, mammography and intra-oral for presentation and processing, CT, MR, PET, NM, XA, RF, tomosynthesis, enhanced.
ACCEPTED: Final = frozenset(
    _STORAGE + tail
    for group in (
        ("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1"),
        ("2", "2.1", "4", "4.1", "12.1", "12.2", "13.1.3", "20", "128"),
    )
    for tail in group
)
_KINDS: Final = (
    ("7", QuarantineReason.SECONDARY_CAPTURE),
    ("104", QuarantineReason.ENCAPSULATED_DOCUMENT),
    ("88", QuarantineReason.STRUCTURED_REPORT),
    ("3", QuarantineReason.OFTEN_ANNOTATED),
    ("6", QuarantineReason.OFTEN_ANNOTATED),
    ("77", QuarantineReason.OFTEN_ANNOTATED),
    ("9", QuarantineReason.NOT_AN_IMAGE),
    ("11", QuarantineReason.NOT_AN_IMAGE),
    ("66", QuarantineReason.NOT_AN_IMAGE),
    ("67", QuarantineReason.NOT_AN_IMAGE),
    ("481", QuarantineReason.NOT_AN_IMAGE),
)
_SHORTEST_IDENTIFIER_BYTES: Final = 6

Objection = Callable[[OpenedImage], QuarantineReason | None]


def objection(image: OpenedImage, overruled: frozenset[QuarantineReason] = frozenset()) -> QuarantineReason | None:
    """The first reason not to clean the image that nobody overruled, or None."""
    attached = kind_of(text_of(image.elements.get(SOP_CLASS))) is not None
    reasons = (rule(image) for rule in (_RULES_OF_ATTACHMENTS if attached else _RULES))
    return next((reason for reason in reasons if reason is not None and reason not in overruled), None)


def _object_type(image: OpenedImage) -> QuarantineReason | None:
    uid = text_of(image.elements.get(SOP_CLASS))
    if uid in ACCEPTED:
        return None
    tail = uid.removeprefix(_STORAGE).split(".")[0] if uid.startswith(_STORAGE) else ""
    return dict(_KINDS).get(tail, QuarantineReason.UNKNOWN_OBJECT)


def _identifiers(image: OpenedImage) -> QuarantineReason | None:
    complete = all(text_of(image.elements.get(tag)) for tag in (STUDY, SERIES, INSTANCE))
    return None if complete else QuarantineReason.MISSING_IDENTIFIERS


def _burned_in(image: OpenedImage) -> QuarantineReason | None:
    said = text_of(image.elements.get(0x00280301)).upper()
    return QuarantineReason.BURNED_IN_ANNOTATION if said not in {"", "NO"} else None


def _image_type(image: OpenedImage) -> QuarantineReason | None:
    values = [value.upper() for value in parts_of(image.elements.get(0x00080008))]
    if any("SCREEN" in value or "DOSE" in value or "REPORT" in value for value in values):
        return QuarantineReason.SCREEN_SAVE
    return QuarantineReason.DERIVED_SECONDARY if values[:2] == ["DERIVED", "SECONDARY"] else None


def _overlays(image: OpenedImage) -> QuarantineReason | None:
    """An overlay of its own plane is removed; one in the unused bits of the pixel words cannot be."""
    for tag in [tag for tag in image.elements if tag >> 24 == 0x60]:
        element = image.elements[tag]
        in_words = tag & 0xFF00FFFF == 0x60000102 and any(element.value)
        if in_words or (tag & 0xFF00FFFF == 0x60000100 and bytes(element.value) not in {b"\1\0", b"\0\1"}):
            return QuarantineReason.OVERLAY_IN_PIXELS
    return None


def _pixel_data(image: OpenedImage) -> QuarantineReason | None:
    pixels = image.elements.get(PIXEL_DATA)
    if pixels is None or len(pixels.value) == 0 or not _rows_columns_samples(image):
        return QuarantineReason.PIXEL_DATA_MISSING
    if pixels.encapsulated != image.encapsulated:
        return QuarantineReason.PIXEL_DATA_LENGTH
    if image.encapsulated:
        return None
    expected = _expected_bytes(image)
    if len(pixels.value) < expected:
        return QuarantineReason.TRUNCATED
    return QuarantineReason.PIXEL_DATA_LENGTH if len(pixels.value) > expected + expected % 2 else None


def _rows_columns_samples(image: OpenedImage) -> int:
    return whole_number(image, 0x00280010) * whole_number(image, 0x00280011) * (whole_number(image, 0x00280002) or 1)


def _expected_bytes(image: OpenedImage) -> int:
    frames = max(1, whole_number(image, 0x00280008))
    bits = _rows_columns_samples(image) * frames * whole_number(image, 0x00280100)
    halved = text_of(image.elements.get(0x00280004)) == "YBR_FULL_422"
    return ((bits * 2 // 3 if halved else bits) + 7) // 8


def _names_an_image(image: OpenedImage) -> QuarantineReason | None:
    return None if named_images(image.elements) else QuarantineReason.NAMES_NO_IMAGE


def _masks_only(image: OpenedImage) -> QuarantineReason | None:
    if kind_of(text_of(image.elements.get(SOP_CLASS))) is AttachmentKind.SEGMENTATION:
        reasons = (rule(image) for rule in (_pixel_data, _hidden_bits, _identifier_in_pixels))
        return next((reason for reason in reasons if reason is not None), None)
    return QuarantineReason.NOT_AN_IMAGE if PIXEL_DATA in image.elements else None


def _hidden_bits(image: OpenedImage) -> QuarantineReason | None:
    """Native words must hold the stored bits and their sign, nothing above them. Source: PS3.5 section 8.1.1."""
    allocated, stored = whole_number(image, 0x00280100), whole_number(image, 0x00280101)
    if not 0 < stored <= allocated or whole_number(image, 0x00280102) != stored - 1:
        return QuarantineReason.MALFORMED
    if image.encapsulated or allocated == stored or allocated not in {8, 16, 32}:
        return None
    signed = whole_number(image, 0x00280103) == 1
    kind = np.dtype(f"{'<' if image.little_endian else '>'}{'i' if signed else 'u'}{allocated // 8}")
    pixels = image.elements[PIXEL_DATA].value
    words = np.frombuffer(pixels[: len(pixels) // kind.itemsize * kind.itemsize], dtype=kind)
    least, most = (-(1 << stored - 1), (1 << stored - 1) - 1) if signed else (0, (1 << stored) - 1)
    inside = words.size == 0 or (int(words.min()) >= least and int(words.max()) <= most)
    return None if inside else QuarantineReason.HIDDEN_BITS


def _identifier_in_pixels(image: OpenedImage) -> QuarantineReason | None:
    """A comment inside a compressed stream may carry the patient's ID or name; "000000" may be a patch of grey."""
    identifiers = _identifiers_as_written(image)
    if not identifiers or not _may_hold(image, identifiers):
        return None
    pixels = bytes(image.elements[PIXEL_DATA].value)
    found = any(identifier in pixels for identifier in identifiers)
    return QuarantineReason.IDENTIFIER_IN_PIXELS if found else None


def _may_hold(image: OpenedImage, identifiers: list[bytes]) -> bool:
    """False where no two neighbouring bytes of an identifier are a word of the picture: then none of it is there.

    An identifier of three bytes or more covers a whole word of two bytes, its first and second or its second and
    third, wherever it begins. Words of one byte or of a compressed stream are of every value; those are searched.
    """
    if image.encapsulated or whole_number(image, 0x00280100) != 16:
        return True
    pixels = image.elements[PIXEL_DATA].value
    words = np.frombuffer(pixels[: len(pixels) // 2 * 2], dtype="<i2")
    if words.size == 0:
        return True
    least, most = int(words.min()), int(words.max())
    pairs = {identifier[at : at + 2] for identifier in identifiers for at in (0, 1)}
    starts = {int.from_bytes(pair, "little", signed=True) for pair in pairs}
    return any(least <= start <= most and bool((words == start).any()) for start in starts)


def _identifiers_as_written(image: OpenedImage) -> list[bytes]:
    elements: list[Element | None] = [image.elements.get(tag) for tag in (PATIENT_ID, PATIENT_NAME)]
    written = [bytes(element.value).strip(b" \0^=") for element in elements if element is not None]
    spaced = [value.replace(b"^", b" ") for value in written]
    return [value for value in {*written, *spaced} if len(value) >= _SHORTEST_IDENTIFIER_BYTES and len(set(value)) > 3]


_RULES: Final[tuple[Objection, ...]] = (
    _object_type,
    _identifiers,
    _burned_in,
    _image_type,
    _overlays,
    _pixel_data,
    _hidden_bits,
    _identifier_in_pixels,
)
_RULES_OF_ATTACHMENTS: Final[tuple[Objection, ...]] = (_identifiers, _names_an_image, _masks_only)
