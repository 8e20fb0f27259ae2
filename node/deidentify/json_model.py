"""Elements of a clean data set as the DICOM JSON Model. Source: PS3.18 annex F.

Binary values up to 1 KiB stand in the object; longer ones, and all pixels, are named by a URI below the instance and
their place in the file is noted, so that nobody reads the file to find them again. Clean files are written in UTF-8.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from node.deidentify.elements import Element

Noted = Callable[[str, Element], str]
"""Takes the path of a long value (`7FE00010`, or `tag.item.tag` with items counted from 0) and gives its URI."""
Attribute = dict[str, Any]

_TEXTS: Final = frozenset({"AE", "AS", "CS", "DA", "DT", "LO", "SH", "TM", "UC", "UI"})
_LONG_TEXTS: Final = frozenset({"LT", "ST", "UR", "UT"})
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_INLINE_BYTES: Final = 1024
_PIXELS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


def attributes_of(
    elements: Mapping[int, Element], noted: Noted, *, little_endian: bool, path: str = ""
) -> dict[str, Attribute]:
    """The JSON Model object of a data set or an item, its keys ascending."""
    found: dict[str, Attribute] = {}
    for tag in sorted(elements):
        if tag & 0xFFFF:  # group lengths are retired
            key = f"{tag:08X}"
            found[key] = _attribute(elements[tag], path + key, noted, little_endian)
    return found


def _attribute(element: Element, path: str, noted: Noted, little_endian: bool) -> Attribute:
    vr = element.vr
    if element.items is not None:
        items = [
            attributes_of(item, noted, little_endian=little_endian, path=f"{path}.{number}.")
            for number, item in enumerate(element.items)
        ]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if len(element.value) == 0:
        return {"vr": vr}
    if vr in _TEXTS or vr in _LONG_TEXTS or vr in {"PN", "DS", "IS"}:
        values = _text_values(bytes(element.value).decode("utf-8", "replace"), vr)
    elif vr in _NUMBERS:
        values = _numbers(element, _NUMBERS[vr], little_endian)
    elif vr == "AT":
        halves = _numbers(element, "H", little_endian)
        values = [f"{group:04X}{number:04X}" for group, number in zip(halves[::2], halves[1::2], strict=False)]
    else:
        return _binary(element, path, noted, little_endian)
    return {"vr": vr, "Value": values} if any(value is not None for value in values) else {"vr": vr}


def _text_values(text: str, vr: str) -> list[Any]:
    if vr in _LONG_TEXTS:
        return [text.rstrip(" \0")]
    parts = [part.strip(" \0") for part in text.split("\\")]
    match vr:
        case "DS":
            return [_number(part, float) for part in parts]
        case "IS":
            return [_number(part, int) for part in parts]
        case "PN":
            return [_name(part) for part in parts]
        case _:
            return [part or None for part in parts]


def _number(text: str, kind: type[int] | type[float]) -> int | float | None:
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _name(text: str) -> dict[str, str] | None:
    groups = dict(zip(_NAME_GROUPS, (group.strip() for group in text.split("=")), strict=False))
    return {name: group for name, group in groups.items() if group} or None


def _numbers(element: Element, code: str, little_endian: bool) -> list[Any]:
    count = len(element.value) // struct.calcsize(f"={code}")
    order = "<" if little_endian else ">"
    values = struct.unpack_from(f"{order}{count}{code}", element.value)
    return [value if math.isfinite(value) else _not_finite(value) for value in values]


def _not_finite(value: float) -> str:
    """The words the JSON Model has for what JSON cannot write. Source: PS3.18 section F.2.3."""
    if math.isnan(value):
        return "NaN"
    return "inf" if value > 0 else "-inf"


def _binary(element: Element, path: str, noted: Noted, little_endian: bool) -> Attribute:
    """Bulk data and inline binaries are little endian; a retired big endian file names none."""
    if little_endian and (element.tag in _PIXELS or len(element.value) > _INLINE_BYTES):
        return {"vr": element.vr, "BulkDataURI": noted(path, element)}
    if not little_endian:
        return {"vr": element.vr}
    return {"vr": element.vr, "InlineBinary": base64.b64encode(element.value).decode("ascii")}
