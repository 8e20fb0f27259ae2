"""Where imported files come from: a file, a folder, the files a DICOMDIR names, or the entries of a zip archive.

Links are never followed, archives inside a folder or an archive are left alone; both are counted. An archive is checked
as a whole before its first entry is read, and its entries are unpacked in memory, never to a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from node.intake.archive import check_entries, looks_like_archive
from node.intake.errors import ArchiveBroken, DirectoryBroken, PathMissing
from node.intake.media_directory import LARGEST_BYTES, named_files
from node.intake.part10 import MEDIA_DIRECTORY, FileBroken, is_dicom, opened

_HEAD_BYTES = 64 * 1024


class Skipped(StrEnum):
    """Why a file was not received."""

    NOT_DICOM = "not_dicom"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    DIRECTORY_FILE = "directory_file"
    """A DICOMDIR: an index of files, no image."""
    ARCHIVE = "archive"
    """A zip archive inside a folder or another archive."""
    LINK = "link"
    MISSING = "missing"
    """Named by the DICOMDIR, and not there."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A regular file."""

    path: Path = field(repr=False)

    def open(self) -> tuple[IO[bytes], int]:
        """The file and its size. Raises: OSError."""
        file = self.path.open("rb")
        return file, os.fstat(file.fileno()).st_size


@dataclass(frozen=True, slots=True)
class EntrySource:
    """An entry of a checked archive; never more bytes come out of it than its list says."""

    archive: ZipFile = field(repr=False)
    entry: ZipInfo = field(repr=False)

    def open(self) -> tuple[IO[bytes], int]:
        """The entry unpacked as it is read, and its size. Raises: OSError, BadZipFile."""
        return self.archive.open(self.entry), self.entry.file_size


Source = FileSource | EntrySource


@contextmanager
def sources(path: Path) -> Iterator[Iterator[Source | Skipped]]:
    """The files at a path in a fixed order; an archive stays open as long as the context.

    Raises:
        PathMissing: there is nothing to read at `path`.
        ArchiveRefused: the archive is damaged, locked, a bomb, or holds what no archive of images holds.
        DirectoryBroken, DirectoryEntryUnsafe: the DICOMDIR cannot be followed.
    """
    if not path.exists() or not os.access(path, os.R_OK):
        raise PathMissing
    if path.is_dir():
        yield _under(path)
        return
    head = _head(path)
    if looks_like_archive(head):
        with _archive(path) as archive:
            yield (EntrySource(archive, entry) for entry in archive.infolist() if not entry.is_dir())
    elif _is_directory_file(head):
        yield iter(_named(path))
    else:
        yield iter([FileSource(path)])


def count_files(path: Path) -> int:
    """How many files an import of `path` will look at. Raises: as `sources`."""
    with sources(path) as files:
        return sum(1 for _ in files)


def _under(path: Path) -> Iterator[Source | Skipped]:
    for folder, folders, names in os.walk(path):
        folders.sort()
        yield from (Skipped.LINK for name in folders if Path(folder, name).is_symlink())
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink():
                yield Skipped.LINK
            elif file.is_file():
                yield FileSource(file)


@contextmanager
def _archive(path: Path) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(path)
    except (BadZipFile, NotImplementedError, OSError, ValueError, UnicodeDecodeError):
        raise ArchiveBroken from None
    with archive:
        check_entries(archive.infolist(), path.stat().st_size)
        yield archive


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        raise PathMissing from None


def _is_directory_file(head: bytes) -> bool:
    try:
        return is_dicom(head) and opened(head).sop_class_uid == MEDIA_DIRECTORY
    except FileBroken:
        return False


def _named(path: Path) -> list[Source | Skipped]:
    """The files beside a DICOMDIR that it names."""
    if path.stat().st_size > LARGEST_BYTES:
        raise DirectoryBroken
    try:
        names = named_files(opened(path.read_bytes()).data_set)
    except (FileBroken, OSError):
        raise DirectoryBroken from None
    return [_beside(path.parent, name) for name in names]


def _beside(root: Path, name: tuple[str, ...]) -> Source | Skipped:
    """The named file below the medium's root, also where the system shows its names in small letters."""
    file = root
    for part in name:
        spellings = [file / spelling for spelling in (part, part.lower(), part.upper())]
        found = next((candidate for candidate in spellings if os.path.lexists(candidate)), None)
        if found is None:
            return Skipped.MISSING
        if found.is_symlink():
            return Skipped.LINK
        file = found
    return FileSource(file) if file.is_file() else Skipped.MISSING
