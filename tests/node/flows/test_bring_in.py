"""A folder brought in: what counts, what is refused, and what the refusal says."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from fakes.importing import IT, ImportDesk
from fakes.instances import dataset, dicom_file
from pydicom.uid import UID

from node.flows.bring_in import ImportCounts, bring_in
from node.ground.texts import Language
from node.intake.errors import NoDicomFound, PathMissing
from node.intake.part10 import MEDIA_DIRECTORY


@pytest.fixture
def desk(tmp_path: Path) -> ImportDesk:
    return ImportDesk(tmp_path / "keys")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Canary Gildong"
    (made / "deep" / "er").mkdir(parents=True)
    return made


def test_every_dicom_file_under_the_folder_is_received_whatever_its_name(desk: ImportDesk, folder: Path) -> None:
    (folder / "one.dcm").write_bytes(dicom_file(dataset("1.1")))
    (folder / "deep" / "IM0001").write_bytes(dicom_file(dataset("1.2")))
    (folder / "deep" / "er" / "three.jpg").write_bytes(dicom_file(dataset("1.3")))
    (folder / "notes.txt").write_text("no image")
    assert desk.bring_in(folder) == ImportCounts(stored=3, not_dicom=1)
    assert len(desk.rows.rows) == 3


def test_bringing_the_same_folder_in_again_stores_nothing_twice(desk: ImportDesk, folder: Path) -> None:
    (folder / "one").write_bytes(dicom_file(dataset("1.1")))
    (folder / "copy").write_bytes(dicom_file(dataset("1.1")))
    assert desk.bring_in(folder) == ImportCounts(stored=1, duplicate=1)
    assert desk.bring_in(folder) == ImportCounts(duplicate=2)
    assert len(desk.bytes.kept) == 1


def test_a_file_cut_off_in_its_header_is_quarantined_with_a_reason(desk: ImportDesk, folder: Path) -> None:
    (folder / "half").write_bytes(dicom_file()[:150])
    assert desk.bring_in(folder) == ImportCounts(set_aside=1)
    (row,) = desk.rows.rows.values()
    assert (row.state, row.reason) == ("quarantined", "intake.file_broken")
    assert desk.bring_in(folder) == ImportCounts(duplicate=1)


def test_a_whole_file_after_a_half_one_is_received(desk: ImportDesk, folder: Path) -> None:
    (folder / "half").write_bytes(dicom_file()[:150])
    desk.bring_in(folder)
    (folder / "half").write_bytes(dicom_file())
    assert desk.bring_in(folder) == ImportCounts(stored=1)


def test_a_directory_file_is_no_image(desk: ImportDesk, folder: Path) -> None:
    index = dataset("1.9")
    index.file_meta.MediaStorageSOPClassUID = index.SOPClassUID = UID(MEDIA_DIRECTORY)
    (folder / "DICOMDIR").write_bytes(dicom_file(index))
    assert desk.bring_in(folder) == ImportCounts(directory_file=1)


def test_a_file_above_the_limit_is_counted_and_left_alone(desk: ImportDesk, folder: Path) -> None:
    (folder / "big").write_bytes(dicom_file() + bytes(1 << 18))
    assert desk.bring_in(folder) == ImportCounts(too_large=1)


def test_links_are_counted_and_not_followed(desk: ImportDesk, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(dicom_file(dataset("1.1")))
    (folder / "link").symlink_to(outside)
    (folder / "own").write_bytes(dicom_file(dataset("1.2")))
    (folder / "round").symlink_to(folder)
    assert desk.bring_in(folder) == ImportCounts(stored=1, link=2)


def test_a_file_that_may_not_be_read_is_counted(
    desk: ImportDesk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "own").write_bytes(dicom_file())
    (folder / "locked").write_bytes(dicom_file())
    opened = Path.open

    def refusing(path: Path, *arguments: Any) -> Any:  # as the kernel does, also where the tests run as root
        if path.name == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *arguments)

    monkeypatch.setattr(Path, "open", refusing)
    assert desk.bring_in(folder) == ImportCounts(stored=1, unreadable=1)


def test_a_folder_without_dicom_is_refused_saying_what_to_do(desk: ImportDesk, folder: Path) -> None:
    (folder / "film.png").write_bytes(b"\x89PNG" + bytes(200))
    with pytest.raises(NoDicomFound) as refused:
        desk.bring_in(folder)
    assert "None of the 1 files" in str(refused.value)
    assert "DICOM" in refused.value.public_text(Language.KO)
    assert "Canary" not in str(refused.value)


def test_a_folder_that_is_not_there_is_refused_without_its_name(desk: ImportDesk, folder: Path) -> None:
    with pytest.raises(PathMissing) as refused:
        desk.bring_in(folder / "nothing")
    assert "Canary" not in str(refused.value)


def test_progress_grows_while_files_come_in(desk: ImportDesk, folder: Path) -> None:
    for number in range(130):
        (folder / f"{number:03}").write_bytes(dicom_file(dataset(f"1.{number + 1}")))
    assert [counts.stored for counts in bring_in(folder, desk.receiving, IT)] == [64, 128, 130]
