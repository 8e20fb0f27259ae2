"""Frames on the pipes between the wall and its fit child: a fixed prefix, a JSON header, a blob.

Layout: magic "IFIT", header bytes as u32, blob bytes as u64, both big endian; then the header in UTF-8 and the blob.
Rules: lengths are capped before anything is read; end of stream inside a frame is an error, between frames it is None.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from node.ground.errors import NodeError

_PREFIX = struct.Struct(">4sIQ")
_MAGIC = b"IFIT"
HEADER_BYTES_MAX = 64 * 1_048_576
BLOB_BYTES_MAX = 1024 * 1_048_576


class FrameDamaged(NodeError):
    """Bytes on the pipe are not a frame, or end inside one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its JSON header, unparsed, and its blob."""

    header: bytes
    blob: bytes


def packed(frame: Frame) -> bytes:
    """The bytes of a frame."""
    return _PREFIX.pack(_MAGIC, len(frame.header), len(frame.blob)) + frame.header + frame.blob


def read_frame(read: Callable[[int], bytes]) -> Frame | None:
    """The next frame, or None at the end of the stream; `read(n)` gives 1 to n bytes, none at the end.

    Raises:
        FrameDamaged: the bytes are not a frame, announce too much, or end inside it.
    """
    prefix = _exactly(read, _PREFIX.size, may_end=True)
    if not prefix:
        return None
    magic, header_bytes, blob_bytes = _PREFIX.unpack(prefix)
    if magic != _MAGIC or header_bytes > HEADER_BYTES_MAX or blob_bytes > BLOB_BYTES_MAX:
        raise FrameDamaged("what came is not a frame of the fit child")
    return Frame(_exactly(read, header_bytes), _exactly(read, blob_bytes))


def _exactly(read: Callable[[int], bytes], count: int, *, may_end: bool = False) -> bytes:
    chunks: list[bytes] = []
    missing = count
    while missing:
        chunk = read(missing)
        if not chunk:
            if may_end and missing == count:
                return b""
            raise FrameDamaged("the stream ended inside a frame")
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)
