"""The header of a clean file, made once: what a search answers, its whole metadata, and where its pixels stand.

Three objects of the JSON Model say study, series and instance apart; `metadata` is the whole of it. URLs begin with
`BASE`, which whoever serves the header replaces by the address it is asked under. Runs in the sandbox.
Source: PS3.18 sections 10.4 and 10.6, tables 10.6.3-3 to 10.6.3-5; PS3.5 annex A.4.
"""

from __future__ import annotations

import json
import struct
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from node.deidentify.elements import PIXEL_DATA, Element, Limits
from node.deidentify.errors import UnreadableImage
from node.deidentify.findings import BASE, INSTANCE_TAGS, SERIES_TAGS, STUDY_TAGS, CleanHeader, Span
from node.deidentify.json_model import Attribute, attributes_of
from node.deidentify.opening import OpenedImage, open_image
from node.deidentify.summary import INSTANCE, PATIENT_ID, SERIES, SOP_CLASS, STUDY, STUDY_DATE, whole_number
from node.deidentify.values import text_of
from node.deidentify.verdict import QuarantineReason

_CHARACTER_SET: Final = "00080005"
_EXTENDED_OFFSETS: Final = 0x7FE00001
_ITEM_HEAD_BYTES: Final = 8


def describe(raw: bytes, limits: Limits | None = None) -> CleanHeader:
    """The header of a clean file.

    Raises:
        UnreadableImage: the bytes are no file this node wrote.
    """
    image = open_image(raw, limits)
    study, series, instance = _names(image)
    here = f"{BASE}/studies/{study}/series/{series}/instances/{instance}"
    spans: dict[str, Span] = {}

    def noted(path: str, element: Element) -> str:
        spans[path] = _span(element.value, raw)
        return f"{here}/bulkdata/{path}"

    found = attributes_of(image.elements, noted, little_endian=image.little_endian)
    frames = max(1, whole_number(image, 0x00280008))
    return CleanHeader(
        study_uid=study,
        series_uid=series,
        instance_uid=instance,
        sop_class_uid=text_of(image.elements.get(SOP_CLASS)),
        transfer_syntax_uid=image.transfer_syntax_uid,
        patient_id=text_of(image.elements.get(PATIENT_ID)),
        study_date=text_of(image.elements.get(STUDY_DATE))[:8],
        modality=text_of(image.elements.get(0x00080060)),
        series_number=_integer(found.get("00200011")),
        instance_number=_integer(found.get("00200013")),
        frames=frames,
        frame_bytes=_frame_bytes(image, frames),
        spans=spans,
        fragments=_fragments(image, raw, frames),
        study=_part(found, STUDY_TAGS, f"{BASE}/studies/{study}", online=True),
        series=_part(found, SERIES_TAGS, f"{BASE}/studies/{study}/series/{series}"),
        instance=_part(found, INSTANCE_TAGS, here, online=True),
        metadata=_written(found).encode(),
    )


def _names(image: OpenedImage) -> tuple[str, str, str]:
    study, series, instance = (text_of(image.elements.get(tag)) for tag in (STUDY, SERIES, INSTANCE))
    if not (study and series and instance):
        raise UnreadableImage(QuarantineReason.MISSING_IDENTIFIERS)
    return study, series, instance


def _part(found: Mapping[str, Attribute], tags: frozenset[str], url: str, *, online: bool = False) -> str:
    part = {key: value for key, value in found.items() if key in tags or key == _CHARACTER_SET}
    part["00081190"] = {"vr": "UR", "Value": [url]}
    if online:
        part["00080056"] = {"vr": "CS", "Value": ["ONLINE"]}
    return _written(dict(sorted(part.items())))


def _written(found: Mapping[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _integer(attribute: Attribute | None) -> int | None:
    values = (attribute or {}).get("Value", [])
    return values[0] if values and isinstance(values[0], int) and abs(values[0]) < 2**31 else None


def _span(value: bytes | memoryview, raw: bytes) -> Span:
    """Where a value stands in the file: the reader's values are views of the bytes it read, equal to these.

    Raises:
        UnreadableImage: it was read from other bytes, as those of a deflated data set are.
    """
    if len(value) == 0:
        return 0, 0
    whole = memoryview(value).obj
    if not isinstance(whole, bytes) or len(whole) != len(raw):
        raise UnreadableImage(QuarantineReason.MALFORMED)
    start, first = (np.frombuffer(view, np.uint8).__array_interface__["data"][0] for view in (value, whole))
    return start - first, len(value)


def _frame_bytes(image: OpenedImage, frames: int) -> int:
    """The bytes of a native frame; 0 where frames do not begin at whole bytes, or not in the order of the wire."""
    pixels = image.elements.get(PIXEL_DATA)
    if pixels is None or pixels.encapsulated or not image.little_endian or whole_number(image, 0x00280100) % 8:
        return 0
    each, left = divmod(len(pixels.value), frames)
    bits = whole_number(image, 0x00280100) * max(1, whole_number(image, 0x00280002))
    expected = whole_number(image, 0x00280010) * whole_number(image, 0x00280011) * bits // 8
    if text_of(image.elements.get(0x00280004)) == "YBR_FULL_422":
        expected = expected * 2 // 3
    return expected if expected == each or (expected * frames + 1 == each * frames + left) else 0


def _fragments(image: OpenedImage, raw: bytes, frames: int) -> tuple[tuple[Span, ...], ...]:
    """The spans of each compressed frame; none where they cannot be told apart. Source: PS3.5 annex A.4."""
    pixels = image.elements.get(PIXEL_DATA)
    if pixels is None or not pixels.encapsulated:
        return ()
    base, _ = _span(pixels.value, raw)
    offsets, items = _items(pixels.value)
    spans = [(base + start + _ITEM_HEAD_BYTES, length) for start, length in items]
    if frames == 1:
        return (tuple(spans),) if spans else ()
    if len(spans) == frames:
        return tuple((span,) for span in spans)
    starts = _starts(offsets, image.elements.get(_EXTENDED_OFFSETS))
    if len(starts) != frames or not items or starts[0] or list(starts) != sorted(starts):
        return ()
    first = items[0][0]
    numbers = [bisect_right(starts, at - first) - 1 for at, _ in items]
    groups: list[list[Span]] = [[] for _ in range(frames)]
    for span, number in zip(spans, numbers, strict=True):
        groups[number].append(span)
    return tuple(map(tuple, groups)) if all(groups) else ()


def _items(value: bytes | memoryview) -> tuple[bytes | memoryview, list[Span]]:
    """The basic offset table and where each fragment's item stands in the value; the reader has checked all lengths."""
    found: list[Span] = []
    at = 0
    while at + _ITEM_HEAD_BYTES <= len(value):
        (length,) = struct.unpack_from("<I", value, at + 4)
        found.append((at, length))
        at += _ITEM_HEAD_BYTES + length
    if not found:
        return value[:0], []
    return value[_ITEM_HEAD_BYTES : _ITEM_HEAD_BYTES + found[0][1]], found[1:]


def _starts(basic: bytes | memoryview, extended: Element | None) -> tuple[int, ...]:
    if extended is not None and len(extended.value):
        return struct.unpack_from(f"<{len(extended.value) // 8}Q", extended.value)
    return struct.unpack_from(f"<{len(basic) // 4}I", basic)
