"""Real DICOM files broken in many ways, reproducible from a seed: the sender's side of the fuzz test.

A file's meta information stays whole, so that the sender can offer it; everything behind it may be anything.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pydicom
from pydicom.filereader import read_file_meta_info
from pydicom.uid import MediaStorageDirectoryStorage

Chance = random.Random
_LENGTHS: Final = (0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFF)
_WORDS: Final = (
    b"\xfe\xff\x00\xe0\xff\xff\xff\xff",
    b"\xfe\xff\xdd\xe0\0\0\0\0",
    b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff",
    b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff",
    b"\x28\x00\x10\x00US\x02\x00\xff\xff",
    b"\x28\x00\x08\x00IS\x0a\x002147483647",
    b"../../../../etc/passwd\0",
    b"\x1b$)C\xb1",
)
MOST_BYTES: Final = 700_000


def sources() -> list[Path]:
    """The files inside pydicom's own wheel that can be sent, each a kind of its own."""
    paths = sorted((Path(pydicom.__file__).parent / "data" / "test_files").rglob("*.dcm"))
    return [path for path in paths if path.stat().st_size <= MOST_BYTES and _has_meta(path)]


def _has_meta(path: Path) -> bool:
    try:
        meta = read_file_meta_info(path)
        named = [
            meta.get(name) for name in ("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID")
        ]
    except Exception:  # noqa: BLE001 - the collection holds broken files on purpose: those cannot be offered
        return False
    return all(named) and named[0] != MediaStorageDirectoryStorage and "FileMetaInformationGroupLength" in meta


def broken(source: bytes, chance: Chance) -> bytes:
    """The file under a UID of its own, with one to four things wrong in its data set."""
    start = 144 + struct.unpack_from("<I", source, 140)[0]
    head, body = bytearray(source[:start]), bytearray(source[start:])
    _rename(head, body, chance)
    for _ in range(chance.randint(1, 4)):
        if len(body) > 16:
            chance.choice(_WAYS)(body, chance)
    return bytes(head + body)


def _rename(head: bytearray, body: bytearray, chance: Chance) -> None:
    """Another instance UID of the same length in both places, so that it is no duplicate."""
    at = head.index(b"\x02\x00\x03\x00UI") + 8
    length = struct.unpack_from("<H", head, at - 2)[0]
    old = bytes(head[at : at + length])
    new = ("1." + "".join(chance.choices("123456789", k=length))).encode()[:length]
    head[at : at + length] = new
    found = body.find(old)
    if found >= 0:
        body[found : found + length] = new


def _flip(body: bytearray, chance: Chance) -> None:
    for _ in range(chance.randint(1, 40)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)


def _flip_early(body: bytearray, chance: Chance) -> None:
    body[chance.randrange(min(len(body), 1500))] = chance.randrange(256)


def _cut(body: bytearray, chance: Chance) -> None:
    del body[chance.randrange(8, len(body)) :]


def _drop(body: bytearray, chance: Chance) -> None:
    at = chance.randrange(len(body))
    del body[at : at + chance.randint(1, 64)]


def _insert(body: bytearray, chance: Chance) -> None:
    at = chance.randrange(len(body))
    body[at:at] = chance.choice(_WORDS) * chance.choice((1, 1, 3, 200))


def _overwrite(body: bytearray, chance: Chance) -> None:
    word, at = chance.choice(_WORDS), chance.randrange(len(body))
    body[at : at + len(word)] = word


def _lie_about_a_length(body: bytearray, chance: Chance) -> None:
    at = chance.randrange(0, max(1, min(len(body), 4000) - 4)) & ~1
    body[at : at + 4] = struct.pack("<I", chance.choice(_LENGTHS))


def _repeat(body: bytearray, chance: Chance) -> None:
    at = chance.randrange(len(body))
    body[at:at] = body[at : at + chance.randint(8, 512)] * chance.randint(1, 8)


def _zero(body: bytearray, chance: Chance) -> None:
    at = chance.randrange(len(body))
    stop = min(len(body), at + chance.randint(1, 4096))
    body[at:stop] = bytes(stop - at)


def _nest(body: bytearray, chance: Chance) -> None:
    body += b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * chance.choice((3, 300, 3000))


_WAYS: Final[tuple[Callable[[bytearray, Chance], None], ...]] = (
    _flip, _flip_early, _flip_early, _cut, _drop, _insert, _overwrite, _lie_about_a_length, _lie_about_a_length,
    _repeat, _zero, _nest,
)  # fmt: skip
