"""A DICOMDIR read for the files it names and for nothing else: one pass without recursion, so that depth cannot hurt.

Sequences and items are walked through, not entered: the names stand wherever they stand. A name that is absolute,
climbs or is no name refuses the whole DICOMDIR, by its number. Source: PS3.10 section 8.6, PS3.3 annex F.
"""

from __future__ import annotations

import os
import struct
from typing import Final

from node.intake.errors import DirectoryBroken, DirectoryEntryUnsafe

LARGEST_BYTES: Final = 64 * 1024 * 1024
MOST_COMPONENTS: Final = 8
_FILE_ID: Final = (0x0004, 0x1500)
_ITEM_GROUP: Final = 0xFFFE
_SEQUENCE_END: Final = (0xFFFE, 0xE0DD)
_UNDEFINED: Final = 0xFFFFFFFF
_LONG_FORMS: Final = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
_FRAGMENTED: Final = frozenset({b"OB", b"OW"})


def named_files(data_set: bytes) -> tuple[tuple[str, ...], ...]:
    """The files a DICOMDIR names, in its order, each as the folders on the way and the file's name.

    Raises:
        DirectoryBroken: an element lies about its length or is not explicit VR little endian.
        DirectoryEntryUnsafe: a name leads out of the medium; its number counts the named files from 1.
    """
    named: list[tuple[str, ...]] = []
    at = 0
    while at + 8 <= len(data_set):
        tag = struct.unpack_from("<HH", data_set, at)
        if tag[0] == _ITEM_GROUP:
            at += 8
            continue
        start, length = _value(data_set, at)
        if tag == _FILE_ID:
            named.append(_components(data_set[start : start + length], len(named) + 1))
        at = start + length
    return tuple(named)


def _value(data_set: bytes, at: int) -> tuple[int, int]:
    """Where an element's value starts and how many bytes to pass: none of a sequence, whose items follow."""
    vr = data_set[at + 4 : at + 6]
    if not (vr.isalpha() and vr.isupper()):
        raise DirectoryBroken
    if vr in _LONG_FORMS:
        if at + 12 > len(data_set):
            raise DirectoryBroken
        start, (length,) = at + 12, struct.unpack_from("<I", data_set, at + 8)
    else:
        start, (length,) = at + 8, struct.unpack_from("<H", data_set, at + 6)
    if vr == b"SQ":
        return start, 0
    if length == _UNDEFINED and vr in _FRAGMENTED:
        return start, _fragments(data_set, start)
    if start + length > len(data_set):
        raise DirectoryBroken
    return start, length


def _fragments(data_set: bytes, start: int) -> int:
    """The bytes of an icon's compressed pixels up to and with their delimiter."""
    at = start
    while at + 8 <= len(data_set):
        group, element, length = struct.unpack_from("<HHI", data_set, at)
        at += 8
        if (group, element) == _SEQUENCE_END:
            return at - start
        at += length
    raise DirectoryBroken


def _components(value: bytes, number: int) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in os.fsdecode(value.rstrip(b" \0")).split("\\"))
    if len(parts) > MOST_COMPONENTS or any(
        part in {"", ".", ".."} or "/" in part or "\0" in part or ":" in part for part in parts
    ):
        raise DirectoryEntryUnsafe(entry=number)
    return parts
