"""Canaries: unique strings planted in every image, and the search for them in what was captured.

A canary is a fixed mark and a number. The search looks for the mark in every encoding a leak might use: UTF-8, UTF-16,
EUC-KR, base64 at its three alignments, hexadecimal, integers and floats per character, the lowest bits of 32 bit words,
and all of these again inside zlib, gzip and zip streams.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MARK = "QZXCANARY"
KOREAN_MARK = "카나리아새"
_INFLATE_LIMIT = 64 * 1024 * 1024
_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Canary:
    """One planted string, in Latin and Korean letters."""

    number: int

    @property
    def latin(self) -> str:
        """The mark and the number, e.g. `QZXCANARY000012`."""
        return f"{MARK}{self.number:06d}"

    @property
    def korean(self) -> str:
        """The Korean mark and the number."""
        return f"{KOREAN_MARK}{self.number:06d}"


def _needles() -> dict[str, bytes]:
    needles = {}
    for script, mark in (("latin", MARK), ("korean", KOREAN_MARK)):
        raw = mark.encode("utf-8")
        needles[f"{script} utf-8"] = raw
        needles[f"{script} utf-16-le"] = mark.encode("utf-16-le")
        needles[f"{script} utf-16-be"] = mark.encode("utf-16-be")
        if script == "korean":
            needles["korean euc-kr"] = mark.encode("euc-kr")
        needles[f"{script} hex"] = raw.hex().encode()
        needles[f"{script} HEX"] = raw.hex().upper().encode()
        for shift in range(3):
            needles[f"{script} base64/{shift}"] = _base64_core(raw, shift)
        for name, code in (("int16", "<h"), ("int32", "<i"), ("int64", "<q"), ("float32", "<f"), ("float64", "<d")):
            needles[f"{script} {name}"] = b"".join(struct.pack(code, byte) for byte in raw)
            needles[f"{script} {name} big-endian"] = b"".join(struct.pack(code.replace("<", ">"), byte) for byte in raw)
    return needles


def _base64_core(raw: bytes, shift: int) -> bytes:
    """The base64 letters that do not depend on what stands before and after `raw` at this alignment."""
    encoded = base64.b64encode(b"\0" * shift + raw)
    start = (shift * 8 + 5) // 6
    end = (shift + len(raw)) * 8 // 6
    return encoded[start:end]


NEEDLES = _needles()
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|PK\x03\x04")


def search(content: bytes, *, depth: int = 0) -> set[str]:
    """The encodings in which the mark occurs; empty when there is none."""
    found = {name for name, needle in NEEDLES.items() if needle in content}
    found |= {f"low bits, {name}" for name in _low_bits(content)}
    if depth < _MAX_DEPTH:
        for kind, inner in _streams(content):
            found |= {f"{kind} > {name}" for name in search(inner, depth=depth + 1)}
    return found


def holds_a_canary(file: Path) -> bool:
    """Whether the mark occurs in a captured file in any encoding."""
    return bool(search(file.read_bytes()))


def _low_bits(content: bytes) -> set[str]:
    """Encodings found in the lowest bit of the 32 bit words of the content, at each of the four alignments."""
    raw, found = MARK.encode(), set()
    for start in range(4):
        usable = (len(content) - start) // 4 * 4
        if usable < len(raw) * 32:
            continue
        bits = np.frombuffer(content, np.uint8, usable, start)[::4] & 1
        for order in ("big", "little"):
            for shift in range(8):
                if raw in np.packbits(bits[shift:], bitorder=order).tobytes():
                    found.add(f"{order} first, start {start}")
    return found


def _streams(content: bytes) -> Iterator[tuple[str, bytes]]:
    view = memoryview(content)
    for match in _STREAM.finditer(content):
        kind, wbits, start = "zlib", 47, match.start()
        if match.group().startswith(b"PK"):
            kind, start, wbits = "zip", *_zip_member(view, start)
        inner = _inflate(view[start:], wbits)
        if len(inner) >= len(MARK):
            yield kind, inner


def _zip_member(view: memoryview, start: int) -> tuple[int, int]:
    """Where a zip member's deflate stream begins, and its window bits. Source: APPNOTE.TXT 4.3.7 (local header)."""
    name_bytes, extra_bytes = struct.unpack_from("<HH", view[start : start + 30].tobytes().ljust(30, b"\0"), 26)
    return min(start + 30 + name_bytes + extra_bytes, len(view)), -15


def _inflate(view: memoryview, wbits: int) -> bytes:
    machine = zlib.decompressobj(wbits=wbits)
    try:
        return machine.decompress(view, _INFLATE_LIMIT)
    except zlib.error:
        return b""
