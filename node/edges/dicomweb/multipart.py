"""multipart/related, written for answers and read from requests as it arrives. Source: RFC 2046 section 5.1, RFC 2387.

The reader holds one part at most and never more of it than its bound: what goes on beyond that is read past, and the
part says so. A boundary split over two pieces is found; what stands before the first and after the last is dropped.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from node.edges.dicomweb.media import parameters
from node.edges.dicomweb.refusals import MultipartBroken

_MOST_HEADER_BYTES: Final = 16 * 1024
_LONGEST_BOUNDARY: Final = 200
_LONGEST_PADDING: Final = 1024
_END_OF_HEADERS: Final = b"\r\n\r\n"


def new_boundary() -> str:
    """A boundary that stands in no file."""
    return secrets.token_hex(16)


def part_head(media_type: str, boundary: str, location: str = "") -> bytes:
    """What goes before the bytes of a part."""
    lines = [f"--{boundary}", f"Content-Type: {media_type}"]
    if location:
        lines.append(f"Content-Location: {location}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def part_tail() -> bytes:
    """What goes after the bytes of a part."""
    return b"\r\n"


def last_tail(boundary: str) -> bytes:
    """What goes after the last part."""
    return f"--{boundary}--\r\n".encode("ascii")


def whole(parts: Iterable[tuple[str, bytes]], boundary: str) -> bytes:
    """A multipart in memory, of media types and bytes."""
    return b"".join([*pieces(parts, boundary)])


def pieces(parts: Iterable[tuple[str, bytes]], boundary: str) -> Iterator[bytes]:
    """A multipart piece by piece."""
    for media_type, contents in parts:
        yield part_head(media_type, boundary)
        yield contents
        yield part_tail()
    yield last_tail(boundary)


@dataclass(frozen=True, slots=True)
class Part:
    """One part that arrived; `cut` where it was longer than its bound and only its beginning is here."""

    media_type: str
    contents: bytes = field(repr=False)
    cut: bool = False


class PartReader:
    """Takes a body in pieces of any size and gives its parts as they become whole."""

    def __init__(self, boundary: str, most_bytes: int) -> None:
        self._delimiter = f"\r\n--{boundary}".encode("ascii")
        self._most_bytes = most_bytes
        self._held = bytearray(b"\r\n")  # so that a body may begin with its boundary
        self._searched = 0
        self._in_part = self._done = self._cut = False

    @property
    def done(self) -> bool:
        """Whether the closing boundary has come."""
        return self._done

    def feed(self, piece: bytes) -> Iterator[Part]:
        """The parts that this piece completes.

        Raises:
            MultipartBroken: a part has no headers of its own, or a boundary does not end its line.
        """
        if self._done:
            return
        self._held += piece
        while (at := self._held.find(self._delimiter, self._searched)) >= 0:
            after = at + len(self._delimiter)
            line_end = self._line_end(after)
            if line_end is None:
                self._searched = at
                return
            if self._in_part:
                yield self._part(at)
            self._begin(line_end)
        self._searched = max(0, len(self._held) - len(self._delimiter) + 1)
        self._bound()

    def _line_end(self, after: int) -> int | None:
        """Where the line of a boundary ends, -1 where it is the last one; None while that has not come.

        Raises:
            MultipartBroken: more than padding follows the boundary.
        """
        if len(self._held) < after + 2:
            return None
        if self._held.startswith(b"--", after):
            return -1
        line_end = self._held.find(b"\r\n", after, after + _LONGEST_PADDING)
        if line_end < 0 and len(self._held) < after + _LONGEST_PADDING:
            return None
        if line_end < 0 or self._held[after:line_end].strip(b" \t"):
            raise MultipartBroken
        return line_end

    def _begin(self, line_end: int) -> None:
        if line_end < 0:
            self._done = True
            self._held.clear()
            return
        del self._held[:line_end]  # the line end stays: a part may be without headers of its own
        self._in_part, self._cut, self._searched = True, False, 0

    def _part(self, end: int) -> Part:
        """The part that ends here; its headers end with the first empty line."""
        split = self._held.find(_END_OF_HEADERS, 0, min(end, _MOST_HEADER_BYTES))
        if split < 0:
            raise MultipartBroken
        headers = bytes(self._held[:split]).decode("latin-1")
        contents = bytes(memoryview(self._held)[split + len(_END_OF_HEADERS) : end])
        return Part(_media_type(headers), contents[: self._most_bytes], self._cut or len(contents) > self._most_bytes)

    def _bound(self) -> None:
        """Only the beginning of a part that is too long is kept, and nothing of what comes before the first."""
        keep = self._most_bytes + _MOST_HEADER_BYTES if self._in_part else 0
        if self._searched > keep:
            del self._held[keep : self._searched]
            self._searched = keep
            self._cut = self._cut or self._in_part


def _media_type(headers: str) -> str:
    for line in headers.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.partition(";")[0].strip().lower()
    return ""


def boundary_of(content_type: str) -> str | None:
    """The boundary that a content type names, where it is one; RFC 2046's 70 characters are too few for Orthanc."""
    boundary = parameters(content_type).get("boundary", "")
    fits = (
        0 < len(boundary) <= _LONGEST_BOUNDARY
        and boundary.isascii()
        and boundary.isprintable()
        and boundary == boundary.rstrip()
    )
    return boundary if fits else None
