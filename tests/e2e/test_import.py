"""`intramuros node import` of what hospitals hand over: folders, zip archives, and a medium written by dcmtk.

Nothing runs but the command: what it received is on the disk when it ends.
"""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from e2e.coordinator_place import refused
from e2e.node_process import ROOT, NodeProcess
from fakes.instances import dataset, dicom_file
from programs import needed
from waiting import patient

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
FILMS = 70


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> NodeProcess:
    return NodeProcess(tmp_path_factory.mktemp("import") / "home", "Import hospital", "--language", "en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films in folders; the second half lies deeper."""
    made = tmp_path_factory.mktemp("films")
    for number in range(1, FILMS + 1):
        image = dataset(f"1.2.{number}")
        image.StudyTime, image.StudyID, image.AccessionNumber = "101112", "1", "A-1"
        image.SeriesNumber, image.InstanceNumber = 1, number
        place = made / "DICOM" / f"PART{number % 2}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"IM{number:04}").write_bytes(dicom_file(image))
    return made


def test_a_folder_tells_a_script_how_far_it_is_line_by_line(node: NodeProcess, folder: Path) -> None:
    done = node.attempt("import", str(folder), "--json-lines")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["files"] for line in lines] == [64, FILMS]
    assert {line["of"] for line in lines} == {FILMS}
    assert lines[-1]["stored"] + lines[-1]["duplicate"] == FILMS


def test_a_zip_of_the_same_folder_brings_nothing_twice(node: NodeProcess, folder: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "films"), "zip", folder)
    node.command("import", str(folder))
    counts = node.command("import", archive)
    assert (counts["stored"], counts["duplicate"]) == (0, FILMS)


def test_a_locked_archive_is_refused_by_the_number_of_its_entry(node: NodeProcess, tmp_path: Path) -> None:
    needed(("zip", "zip"))
    (tmp_path / "Canary-Gildong").write_bytes(dicom_file())
    packing = ["zip", "-q", "-P", "not-a-default", "locked.zip", "Canary-Gildong"]
    subprocess.run(packing, cwd=tmp_path, check=True, timeout=patient(20))
    done = node.attempt("import", str(tmp_path / "locked.zip"))
    refused(done, "Entry 1 of the archive is locked with a password")
    assert "Canary" not in done.stdout + done.stderr


def test_a_medium_written_by_dcmtk_is_read_by_its_dicomdir(node: NodeProcess, folder: Path, tmp_path: Path) -> None:
    needed(("dcmmkdir", "dcmtk"))
    medium = Path(shutil.copytree(folder, tmp_path / "medium"))
    subprocess.run(["dcmmkdir", "+r", "+m", "+id", ".", "+D", "DICOMDIR"], cwd=medium, check=True, timeout=patient(60))
    counts = node.command("import", str(medium / "DICOMDIR"))
    assert counts["stored"] + counts["duplicate"] == FILMS
    assert (counts["missing"], counts["directory_file"]) == (0, 0)


def test_a_terminal_shows_a_bar(node: NodeProcess, folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "node", "import", str(folder / "DICOM"), "--home", str(node.home)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    shown: list[bytes] = []
    watching = threading.Thread(target=lambda: shown.extend(iter(lambda: _read(ours), b"")))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, env=environment) as importing:
        os.close(theirs)
        watching.start()
        told, _ = importing.communicate(timeout=patient(60))
    watching.join(10)
    os.close(ours)
    screen = b"".join(shown).decode()
    assert b"70" in told
    assert "━" in screen
    assert f"{FILMS}/{FILMS}" in screen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # as Linux ends a terminal whose other side is closed
        return b""
