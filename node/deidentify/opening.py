"""From the bytes of a file to its elements: preamble, file meta information, inflation. Source: PS3.10 section 7.

Reads files without a preamble, without meta information, and data sets written in another VR form than they claim. A
deflated data set is inflated up to a bound. Nothing of the preamble is kept.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from node.deidentify.elements import Element, ElementReader, Limits
from node.deidentify.errors import UnreadableImage
from node.deidentify.verdict import QuarantineReason

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
NATIVE: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED_LITTLE, EXPLICIT_BIG})
# Still images this node can decode: JPEG, JPEG-LS, JPEG 2000, RLE, HTJ2K. Video is no image of a case here.
ENCAPSULATED: Final = frozenset(
    f"1.2.840.10008.1.2.{tail}"
    for tail in ("4.50", "4.51", "4.57", "4.70", "4.80", "4.81", "4.90", "4.91", "4.201", "4.202", "4.203", "5")
)
_SYNTAX_TAG = b"\x02\x00\x10\x00UI"


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """The elements of one instance and how they were written."""

    elements: Mapping[int, Element]
    transfer_syntax_uid: str
    implicit: bool
    little_endian: bool

    @property
    def encapsulated(self) -> bool:
        """Whether the transfer syntax compresses the pixel data."""
        return self.transfer_syntax_uid in ENCAPSULATED


class _Last(threading.local):
    """The image opened last by this thread: it is asked about more than once, and parsing costs more than comparing."""

    opened: tuple[bytes, Limits, OpenedImage] | None = None


_LAST: Final = _Last()


def open_image(raw: bytes, limits: Limits | None = None) -> OpenedImage:
    """The elements of a file, every length and limit checked.

    Raises:
        UnreadableImage: with the reason, and nothing of the bytes.
    """
    limits = limits or Limits()
    last = _LAST.opened
    if last is not None and last[1] == limits and last[0] == raw:
        return last[2]
    opened = _opened(raw, limits)
    _LAST.opened = (raw, limits, opened)
    return opened


def _opened(raw: bytes, limits: Limits) -> OpenedImage:
    meta_start = _meta_start(raw)
    syntax, start = _transfer_syntax(raw, meta_start)
    if syntax == DEFLATED_LITTLE:
        source, start = _inflated(memoryview(raw)[start:], limits.inflated_bytes), 0
    else:
        source = raw
    little_endian = syntax != EXPLICIT_BIG
    implicit = _looks_implicit(source[start : start + 8])
    reader = ElementReader(source, implicit=implicit, little_endian=little_endian, limits=limits)
    elements = reader.top_level(start)
    if not elements or min(elements) >> 16 < 0x0008:
        raise UnreadableImage(QuarantineReason.MALFORMED)
    return OpenedImage(elements, syntax, implicit, little_endian)


def _meta_start(raw: bytes) -> int:
    if raw[128:132] == b"DICM":
        return 132
    if raw[:4] == b"DICM":
        return 4
    if raw[:2] in {b"\x02\x00", b"\x08\x00", b"\x00\x08"} and raw[3:4] == b"\x00":
        return 0
    raise UnreadableImage(QuarantineReason.NOT_DICOM)


def _transfer_syntax(raw: bytes, start: int) -> tuple[str, int]:
    """The transfer syntax and where the data set starts."""
    at, syntax = start, ""
    while raw[at : at + 2] == b"\x02\x00":
        value, after = _meta_element(raw, at)
        if raw[at : at + 6] == _SYNTAX_TAG:
            syntax = value.rstrip(b"\0 ").decode("ascii", "replace")
        at = after
    if not syntax:
        syntax = _guessed_syntax(raw[at : at + 8])
    if syntax not in NATIVE and syntax not in ENCAPSULATED:
        raise UnreadableImage(QuarantineReason.TRANSFER_SYNTAX)
    return syntax, at


def _meta_element(raw: bytes, at: int) -> tuple[bytes, int]:
    if at + 8 > len(raw):
        raise UnreadableImage(QuarantineReason.TRUNCATED)
    if raw[at + 4 : at + 6] in {b"OB", b"UN"}:
        if at + 12 > len(raw):
            raise UnreadableImage(QuarantineReason.TRUNCATED)
        start, length = at + 12, struct.unpack_from("<I", raw, at + 8)[0]
    else:
        start, length = at + 8, struct.unpack_from("<H", raw, at + 6)[0]
    if start + length > len(raw):
        raise UnreadableImage(QuarantineReason.LYING_LENGTH)
    return raw[start : start + length], start + length


def _guessed_syntax(head: bytes) -> str:
    """The native syntax of a data set without meta information, by its first element."""
    if head[:1] == b"\0":
        return EXPLICIT_BIG
    return IMPLICIT_LITTLE if _looks_implicit(head) else EXPLICIT_LITTLE


def _looks_implicit(head: bytes) -> bool:
    """Whether the first element carries no VR letters; some writers name one form and use the other."""
    return not all(65 <= letter <= 90 for letter in head[4:6])


def _inflated(deflated: memoryview, most_bytes: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(deflated, most_bytes + 1)
    except zlib.error:
        raise UnreadableImage(QuarantineReason.MALFORMED) from None
    if len(inflated) > most_bytes:
        raise UnreadableImage(QuarantineReason.INFLATES_TOO_FAR)
    if not inflater.eof:
        raise UnreadableImage(QuarantineReason.TRUNCATED)
    return inflated
