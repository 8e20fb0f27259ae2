"""Archives and DICOMDIRs brought in: every file once, and what is refused is named by its number only."""

import stat
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from fakes.importing import ImportDesk
from fakes.instances import dataset, dicom_file
from pydicom import dcmread
from pydicom.fileset import FileSet

from node.flows.bring_in import ImportCounts
from node.flows.import_sources import count_files
from node.ground.texts import Language
from node.intake import archive as limits
from node.intake.errors import (
    ArchiveBomb,
    ArchiveBroken,
    ArchiveEncrypted,
    ArchiveLink,
    ArchiveNameUnsafe,
    ArchivePackingUnknown,
    ArchiveRefused,
    ArchiveTooMany,
    DirectoryBroken,
    DirectoryEntryUnsafe,
    PathMissing,
)

CANARY = "Canary Gildong"


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path / "keys")


def film(number: int) -> bytes:
    return dicom_file(dataset(f"1.{number}"))


def packed(tmp_path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / f"{CANARY}.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, contents in entries.items():
            archive.writestr(name, contents)
    return path


def test_every_dicom_entry_of_an_archive_is_received_also_from_folders_in_folders(
    desk: ImportDesk, tmp_path: Path
) -> None:
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("hidden.dcm", film(9))
    entries = {
        "one.dcm": film(1), "홍길동/CT/IM0001": film(2), "a\\b.dcm": film(3), "half.dcm": film(4)[:150],
        "notes.txt": b"no image", "more.zip": inner.getvalue(), "huge.dcm": film(5) + bytes(1 << 18),
    }  # fmt: skip
    path = packed(tmp_path, entries)
    assert count_files(path) == len(entries)
    assert desk.bring_in(path) == ImportCounts(stored=3, set_aside=1, not_dicom=1, archive=1, too_large=1)
    assert desk.bring_in(path) == ImportCounts(duplicate=4, not_dicom=1, archive=1, too_large=1)


def test_an_archive_of_more_entries_than_one_stride_stays_open_to_the_last(desk: ImportDesk, tmp_path: Path) -> None:
    path = packed(tmp_path, {f"{number:03}.dcm": film(number) for number in range(1, 131)})
    assert desk.bring_in(path) == ImportCounts(stored=130)


def test_an_entry_that_is_not_what_the_list_promises_is_counted_and_the_rest_received(
    desk: ImportDesk, tmp_path: Path
) -> None:
    path = packed(tmp_path, {"one.dcm": film(1), "two.dcm": film(2)}, zipfile.ZIP_STORED)
    contents = bytearray(path.read_bytes())
    contents[contents.index(b"DICM") + 300] ^= 0xFF
    path.write_bytes(contents)
    assert desk.bring_in(path) == ImportCounts(stored=1, unreadable=1)


def linked(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{CANARY}/one.dcm", film(1))
        entry = zipfile.ZipInfo(f"{CANARY}/passwd")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")


def named(name: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{CANARY}/one.dcm", film(1))
            archive.writestr(name, film(2))

    return write


def method(number: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{CANARY}/one.dcm", film(1))
            archive.writestr(f"{CANARY}/two.dcm", film(2), compress_type=number)

    return write


def locked(path: Path) -> None:
    named(f"{CANARY}/two.dcm")(path)
    contents = bytearray(path.read_bytes())
    second = contents.rindex(b"PK\1\2")
    contents[second + 8] |= 1
    path.write_bytes(contents)


def overlapping(path: Path) -> None:
    """Two entries of the list stand on the same bytes, as in Fifield's bombs."""
    named(f"{CANARY}/two.dcm")(path)
    contents = bytearray(path.read_bytes())
    second = contents.rindex(b"PK\1\2")
    contents[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(contents)


@pytest.mark.parametrize(
    ("write", "refusal", "korean"),
    [
        (linked, ArchiveLink, "링크"),
        (named(f"../../{CANARY}.dcm"), ArchiveNameUnsafe, "밖을"),
        (named(f"/srv/{CANARY}.dcm"), ArchiveNameUnsafe, "밖을"),
        (named(f"C:\\{CANARY}.dcm"), ArchiveNameUnsafe, "밖을"),
        (named(f"a\\..\\..\\{CANARY}.dcm"), ArchiveNameUnsafe, "밖을"),
        (method(zipfile.ZIP_LZMA), ArchivePackingUnknown, "방식"),
        (locked, ArchiveEncrypted, "암호"),
        (overlapping, ArchiveBomb, "크게"),
    ],
)
def test_an_archive_that_holds_what_no_images_need_is_refused_whole_by_the_entrys_number(
    desk: ImportDesk, tmp_path: Path, write: Callable[[Path], None], refusal: type[ArchiveRefused], korean: str
) -> None:
    path = tmp_path / f"{CANARY}.zip"
    write(path)
    with pytest.raises(refusal) as refused:
        desk.bring_in(path)
    told = refused.value.public_text(Language.KO)
    assert "ntry 2 " in str(refused.value)
    assert "2번째" in told
    assert korean in told
    assert CANARY not in str(refused.value) + told
    assert desk.rows.rows == {}


def test_a_bomb_is_refused_before_anything_of_it_is_unpacked(
    desk: ImportDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ALWAYS_ALLOWED_BYTES", 1 << 20)
    path = packed(tmp_path, {"one.dcm": film(1), "bomb.dcm": film(2) + bytes(64 << 20)})
    with pytest.raises(ArchiveBomb, match="ntry 2 "):
        desk.bring_in(path)
    assert desk.rows.rows == {}


def test_too_many_entries_are_refused(desk: ImportDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ENTRIES", 2)
    with pytest.raises(ArchiveTooMany, match="more than 2"):
        desk.bring_in(packed(tmp_path, {str(number): b"" for number in range(3)}))


def test_an_archive_whose_list_is_cut_off_is_refused(desk: ImportDesk, tmp_path: Path) -> None:
    path = packed(tmp_path, {"one.dcm": film(1)})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ArchiveBroken):
        desk.bring_in(path)


def medium(tmp_path: Path) -> Path:
    """A written medium with a DICOMDIR over three films."""
    media = FileSet()
    for number in (1, 2, 3):
        image = dcmread(BytesIO(film(number)))
        image.PatientName, image.StudyTime, image.StudyID = CANARY, "101112", "1"
        image.SeriesNumber, image.InstanceNumber, image.AccessionNumber = 1, number, "A-1"
        media.add(image)
    media.write(tmp_path / CANARY)
    media._stage["t"].cleanup()  # pydicom leaves its own folder to the garbage collector, which complains
    return tmp_path / CANARY / "DICOMDIR"


def test_the_files_a_dicomdir_names_are_received_and_no_others(desk: ImportDesk, tmp_path: Path) -> None:
    directory = medium(tmp_path)
    (directory.parent / "STRAY").write_bytes(film(7))
    assert count_files(directory) == 3
    assert desk.bring_in(directory) == ImportCounts(stored=3)


def test_names_in_small_letters_are_found_and_missing_or_linked_files_are_counted(
    desk: ImportDesk, tmp_path: Path
) -> None:
    directory = medium(tmp_path)
    small, gone, away = sorted(path for path in directory.parent.rglob("*") if path.is_file() and path != directory)
    small.rename(small.with_name(small.name.lower()))
    gone.unlink()
    away.rename(tmp_path / "outside")
    away.symlink_to(tmp_path / "outside")
    assert desk.bring_in(directory) == ImportCounts(stored=1, missing=1, link=1)


def rewritten(directory: Path, old: bytes, new: bytes) -> None:
    contents = directory.read_bytes()
    assert len(old) == len(new)
    assert old in contents
    directory.write_bytes(contents.replace(old, new, 1))


def test_a_dicomdir_that_leads_out_of_its_medium_is_refused(desk: ImportDesk, tmp_path: Path) -> None:
    directory = medium(tmp_path)
    rewritten(directory, b"PT000000\\", b"..\\..\\..\\")
    with pytest.raises(DirectoryEntryUnsafe, match="File 1 ") as refused:
        desk.bring_in(directory)
    assert CANARY not in str(refused.value)


def test_a_dicomdir_whose_lengths_lie_is_refused_saying_what_to_do(desk: ImportDesk, tmp_path: Path) -> None:
    directory = medium(tmp_path)
    rewritten(directory, b"\x04\x00\x00\x15CS", b"\x04\x00\x00\x15C9")
    with pytest.raises(DirectoryBroken, match="Import the folder") as refused:
        desk.bring_in(directory)
    assert "폴더" in refused.value.public_text(Language.KO)


def test_what_is_not_there_cannot_be_counted(tmp_path: Path) -> None:
    with pytest.raises(PathMissing):
        count_files(tmp_path / "nothing")
