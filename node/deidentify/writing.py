"""Elements back to the bytes of a DICOM file. Source: PS3.5 section 7, PS3.10 section 7.

The preamble is zero, the file meta information is new, lengths are even, sequences have defined lengths. Values are
written as they come; this module decides nothing.
"""

from __future__ import annotations

import struct
from operator import itemgetter
from typing import Final, NamedTuple

# This implementation in every file it writes: a UUID-derived UID, made once (PS3.5 annex B.2).
IMPLEMENTATION_CLASS_UID: Final = "2.25.336055406716163841516896446649598313937"
IMPLEMENTATION_VERSION: Final = "INTRAMUROS_0_1"
_LONG: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
_UNDEFINED: Final = 0xFFFFFFFF
_DELIMITER: Final = (0xFFFE, 0xE0DD, 0)
_TAG: Final = itemgetter(0)
_SHORT_HEAD: Final = {order: struct.Struct(order + "HH2sH").pack for order in "<>"}
_LONG_HEAD: Final = {order: struct.Struct(order + "HH2sHI").pack for order in "<>"}


class Written(NamedTuple):
    """One element ready to be written; `encapsulated` for compressed pixel data with its item tags."""

    tag: int
    vr: str
    value: bytes | memoryview
    encapsulated: bool = False


def written_text(tag: int, vr: str, text: str) -> Written:
    """A text element in UTF-8, padded as its representation asks."""
    value = text.encode("utf-8")
    pad = b"\0" if vr == "UI" else b" "
    return Written(tag, vr, value + pad if len(value) % 2 else value)


def encode_elements(elements: list[Written], *, little_endian: bool) -> bytes:
    """The elements in ascending order in the explicit VR form."""
    return b"".join(_in_order(elements, "<" if little_endian else ">"))


def _in_order(elements: list[Written], order: str) -> list[bytes | memoryview]:
    pieces: list[bytes | memoryview] = []
    add, short_head, long_head = pieces.append, _SHORT_HEAD[order], _LONG_HEAD[order]
    for tag, vr, value, encapsulated in sorted(elements, key=_TAG):
        length = len(value)
        if encapsulated:
            add(long_head(tag >> 16, tag & 0xFFFF, vr.encode(), 0, _UNDEFINED))
            pieces += [value, struct.pack(order + "HHI", *_DELIMITER)]
            continue
        padded = length + length % 2
        if vr in _LONG:
            add(long_head(tag >> 16, tag & 0xFFFF, vr.encode(), 0, padded))
        else:
            add(short_head(tag >> 16, tag & 0xFFFF, vr.encode(), padded))
        add(value)
        if padded > length:
            add(b"\0")
    return pieces


def encode_sequence(tag: int, items: list[list[Written]], *, little_endian: bool) -> Written:
    """A sequence of items with defined lengths."""
    order = "<" if little_endian else ">"
    pieces: list[bytes] = []
    for item in items:
        content = encode_elements(item, little_endian=little_endian)
        pieces.append(struct.pack(order + "HHI", 0xFFFE, 0xE000, len(content)) + content)
    return Written(tag, "SQ", b"".join(pieces))


def encode_file(
    elements: list[Written], *, little_endian: bool, sop_class_uid: str, instance_uid: str, transfer_syntax_uid: str
) -> bytes:
    """A whole file: zero preamble, prefix, new meta information, the elements. The pixels are copied once."""
    meta = encode_elements(
        [
            Written(0x00020001, "OB", b"\0\1"),
            written_text(0x00020002, "UI", sop_class_uid),
            written_text(0x00020003, "UI", instance_uid),
            written_text(0x00020010, "UI", transfer_syntax_uid),
            written_text(0x00020012, "UI", IMPLEMENTATION_CLASS_UID),
            written_text(0x00020013, "SH", IMPLEMENTATION_VERSION),
        ],
        little_endian=True,
    )
    length = encode_elements([Written(0x00020000, "UL", struct.pack("<I", len(meta)))], little_endian=True)
    return b"".join((bytes(128), b"DICM", length, meta, *_in_order(elements, "<" if little_endian else ">")))
