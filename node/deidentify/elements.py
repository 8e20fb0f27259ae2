"""The elements of a data set, read from hostile bytes with a bound on everything. Source: PS3.5 section 7.

Every length is checked against the bytes that are there, nesting and the number of elements are bounded, and a tag may
stand once only: whatever another reader would make of the same bytes, it finds no element this one did not judge.
It does not decode values.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from node.deidentify.dictionary import value_representation
from node.deidentify.errors import UnreadableImage
from node.deidentify.verdict import QuarantineReason

UNDEFINED = 0xFFFFFFFF
PIXEL_DATA = 0x7FE00010
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_SHORT = frozenset(
    {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS"}
    | {b"ST", b"TM", b"UI", b"UL", b"US"}
)
_SHORT_NAMES = {vr: vr.decode("ascii") for vr in _SHORT}
_made = tuple.__new__
"""Makes an `Element` in half the time that naming its fields takes; a header has a hundred of them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one image may ask of its reader."""

    depth: int = 32
    elements: int = 60_000
    inflated_bytes: int = 256 * 2**20


class Element(NamedTuple):
    """One element as it stands in the file. `vr` is "" where an implicit file names an unknown tag.

    `items` holds a sequence's items and is None otherwise; `value` of encapsulated pixel data is its fragments with
    their item tags, without the closing delimiter. A long value is a view of the file, a short one its own bytes.
    """

    tag: int
    vr: str
    value: bytes | memoryview
    items: tuple[dict[int, Element], ...] | None = None
    encapsulated: bool = False


class _Header(NamedTuple):
    tag: int
    vr: str
    start: int
    length: int


class ElementReader:
    """Reads the elements of one data set; counts what it has read against its limits."""

    def __init__(self, source: bytes, *, implicit: bool, little_endian: bool, limits: Limits) -> None:
        self._bytes, self._source = source, memoryview(source)
        self._room = len(source)
        self._implicit = implicit
        order = "<" if little_endian else ">"
        self._tag = struct.Struct(order + "HH")
        self._u16 = struct.Struct(order + "H")
        self._u32 = struct.Struct(order + "I")
        self._short = struct.Struct(order + "HH2sH")
        self._limits = limits
        self._count = 0

    def top_level(self, start: int = 0) -> dict[int, Element]:
        """Every element from `start` to the end of the source, by its tag.

        Raises:
            UnreadableImage: a length lies, a tag stands twice, or a limit is passed.
        """
        self._room = len(self._source) - start
        elements, _ = self._elements(start, len(self._source), depth=0, implicit=self._implicit)
        return elements

    def _elements(self, start: int, end: int, *, depth: int, implicit: bool) -> tuple[dict[int, Element], int]:
        if depth > self._limits.depth:
            raise UnreadableImage(QuarantineReason.NESTED_TOO_DEEP)
        elements: dict[int, Element] = {}
        at = start
        while at < end:
            if not implicit:
                at = self._short_elements(elements, at, end)
            if at >= end or self._only_padding(at, end):
                return elements, end
            header = self._header(at, end, implicit=implicit)
            if header.tag == _ITEM_END:
                return elements, header.start
            element, at = self._element(header, end, depth=depth, implicit=implicit)
            if element.tag in elements:
                raise UnreadableImage(QuarantineReason.MALFORMED)
            elements[element.tag] = element
        return elements, at

    def _short_elements(self, elements: dict[int, Element], at: int, end: int) -> int:
        """Reads on while plain elements of the short form follow; where the next of another kind, or the end, is.

        What is odd in any way (a repeated tag, a length past the end, a limit) is left to the careful path.
        """
        unpack, source, room = self._short.unpack_from, self._bytes, self._limits.elements - self._count
        name_of = _SHORT_NAMES.get
        while at + 8 <= end and room > 0:
            group, number, vr, length = unpack(source, at)
            name, tag, stop = name_of(vr), group << 16 | number, at + 8 + length
            if name is None or stop > end or not 0 < group < 0xFFFE or tag in elements:
                break
            elements[tag] = _made(Element, (tag, name, source[at + 8 : stop], None, False))
            at, room = stop, room - 1
        self._count = self._limits.elements - room
        return at

    def _only_padding(self, at: int, end: int) -> bool:
        return bytes(self._source[at : at + 2]) == b"\0\0" and not any(self._source[at:end])

    def _header(self, at: int, end: int, *, implicit: bool) -> _Header:
        self._count += 1
        if self._count > self._limits.elements:
            raise UnreadableImage(QuarantineReason.TOO_MANY_ELEMENTS)
        if at + 8 > end:
            raise UnreadableImage(QuarantineReason.TRUNCATED)
        group, number = self._tag.unpack_from(self._source, at)
        tag = group << 16 | number
        if implicit or group == 0xFFFE:
            length = self._u32.unpack_from(self._source, at + 4)[0]
            return _Header(tag, value_representation(tag), at + 8, length)
        return self._explicit_header(tag, at, end)

    def _explicit_header(self, tag: int, at: int, end: int) -> _Header:
        vr = bytes(self._source[at + 4 : at + 6])
        if vr in _SHORT:
            return _Header(tag, vr.decode("ascii"), at + 8, self._u16.unpack_from(self._source, at + 6)[0])
        if vr not in _LONG:
            raise UnreadableImage(QuarantineReason.MALFORMED)
        if at + 12 > end:
            raise UnreadableImage(QuarantineReason.TRUNCATED)
        return _Header(tag, vr.decode("ascii"), at + 12, self._u32.unpack_from(self._source, at + 8)[0])

    def _element(self, header: _Header, end: int, *, depth: int, implicit: bool) -> tuple[Element, int]:
        tag, vr, start, length = header
        if tag >> 16 == 0xFFFE:
            raise UnreadableImage(QuarantineReason.MALFORMED)
        if length == UNDEFINED:
            if tag == PIXEL_DATA and vr in {"OB", "OW", "OB or OW"}:
                stop, after = self._fragments(start, end)
                return Element(tag, vr, self._source[start:stop], encapsulated=True), after
            if vr not in {"SQ", "UN", ""}:
                raise UnreadableImage(QuarantineReason.MALFORMED)
            items, after = self._items(start, end, depth=depth, implicit=implicit or vr == "UN")
            return Element(tag, vr, self._source[start:start], items), after
        self._bounded(start, length, end)
        if vr != "SQ":
            return Element(tag, vr, self._source[start : start + length]), start + length
        items, _ = self._items(start, start + length, depth=depth, implicit=implicit)
        return Element(tag, vr, self._source[start:start], items), start + length

    def _items(self, start: int, end: int, *, depth: int, implicit: bool) -> tuple[tuple[dict[int, Element], ...], int]:
        items: list[dict[int, Element]] = []
        at = start
        while at < end:
            header = self._header(at, end, implicit=True)
            if header.tag == _SEQUENCE_END:
                return tuple(items), header.start
            if header.tag != _ITEM:
                raise UnreadableImage(QuarantineReason.MALFORMED)
            stop = end
            if header.length != UNDEFINED:
                self._bounded(header.start, header.length, end)
                stop = header.start + header.length
            item, at = self._elements(header.start, stop, depth=depth + 1, implicit=implicit)
            items.append(item)
        return tuple(items), at

    def _fragments(self, start: int, end: int) -> tuple[int, int]:
        """Where the fragments end and where the next element starts."""
        at = start
        while at < end:
            header = self._header(at, end, implicit=True)
            if header.tag == _SEQUENCE_END:
                return at, header.start
            if header.tag != _ITEM or header.length == UNDEFINED:
                raise UnreadableImage(QuarantineReason.MALFORMED)
            self._bounded(header.start, header.length, end)
            at = header.start + header.length
        raise UnreadableImage(QuarantineReason.TRUNCATED)

    def _bounded(self, start: int, length: int, end: int) -> None:
        if start + length <= end:
            return
        lies = length > self._room or end < len(self._source)
        raise UnreadableImage(QuarantineReason.LYING_LENGTH if lies else QuarantineReason.TRUNCATED)
