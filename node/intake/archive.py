"""What a zip archive must be before one byte of it is unpacked: listed honestly, unlocked, without links, no bomb.

Nothing is ever unpacked to a file, so a name cannot harm; one that climbs or is absolute still refuses the archive: who
wrote it meant no good, or it is damaged. An entry is named by its number in the archive's own list, from 1, because
its name may be a patient's. Source: APPNOTE.TXT 6.3 (zip); D. Fifield, "A better zip bomb", WOOT 2019, for overlaps.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from node.intake.errors import (
    ArchiveBomb,
    ArchiveEncrypted,
    ArchiveLink,
    ArchiveNameUnsafe,
    ArchivePackingUnknown,
    ArchiveTooMany,
)

MOST_ENTRIES: Final = 500_000
MOST_GROWTH: Final = 250
"""Unpacked bytes for each byte of the archive; deflate reaches 1032, images of a study stay below 100."""
ALWAYS_ALLOWED_BYTES: Final = 1024 * 1024 * 1024
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_LOCAL_HEADER_BYTES: Final = 30
_UNIX: Final = 3


def looks_like_archive(head: bytes) -> bool:
    """Whether a file that starts like this is a zip archive."""
    return head[:4] in {b"PK\3\4", b"PK\5\6"}


def check_entries(entries: Sequence[ZipInfo], archive_bytes: int) -> None:
    """Return when every entry may be unpacked in memory, one by one.

    Raises:
        ArchiveTooMany, ArchiveEncrypted, ArchiveNameUnsafe, ArchiveLink, ArchivePackingUnknown, ArchiveBomb: the
            whole archive is refused, naming the first entry by its number.
    """
    if len(entries) > MOST_ENTRIES:
        raise ArchiveTooMany(limit=MOST_ENTRIES)
    allowed = max(ALWAYS_ALLOWED_BYTES, archive_bytes * MOST_GROWTH)
    for number, entry in enumerate(entries, 1):
        _check_entry(entry, number)
        allowed -= entry.file_size
        if allowed < 0:
            raise ArchiveBomb(entry=number)
    _check_overlaps(entries)


def _check_entry(entry: ZipInfo, number: int) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise ArchiveEncrypted(entry=number)
    if _climbs(entry.orig_filename):
        raise ArchiveNameUnsafe(entry=number)
    if entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16):
        raise ArchiveLink(entry=number)
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise ArchivePackingUnknown(entry=number)


def _climbs(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "" or ":" in parts[0] or ".." in parts or "\0" in name


def _check_overlaps(entries: Sequence[ZipInfo]) -> None:
    """No two entries share bytes of the archive."""
    placed = sorted((entry.header_offset, number, entry.compress_size) for number, entry in enumerate(entries, 1))
    end = 0
    for offset, number, size in placed:
        if offset < end:
            raise ArchiveBomb(entry=number)
        end = offset + _LOCAL_HEADER_BYTES + size
