"""What bad input gets at the command lines and at the DICOM port: a sentence and an exit code, never a trace of Python.

One node runs; the others only answer their commands. None of them has joined a federation.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pydicom
import pytest
from e2e.coordinator_place import CoordinatorPlace, attempt, refused
from e2e.node_process import PEER, NodeProcess, Signed
from pynetdicom import AE
from pynetdicom.presentation import build_context
from waiting import until

from deploy.demo.phantoms.folder import write_phantoms
from protocols.enrolment import Invitation

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ENGLISH = ("--language", "en")
OUT_OF_RESOURCES = 0xA700
FULL_MIB = 10**9
"""A reserve no disk has."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Drawn films of one site: invented people are named in them."""
    images = tmp_path_factory.mktemp("films")
    write_phantoms(images, 1)
    return sorted((images / "site-east").glob("*.dcm"))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node that runs."""
    node = NodeProcess(tmp_path_factory.mktemp("bad-input") / "home", "Example hospital", *ENGLISH)
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def steward(node: NodeProcess) -> Iterator[Signed]:
    with Signed(node.address, node.add_person("steward", "steward")) as signed:
        yield signed


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> CoordinatorPlace:
    """A coordinator that does not run; its operator's commands work all the same."""
    return CoordinatorPlace(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> NodeProcess:
    """A node that does not run and has sent nothing."""
    return NodeProcess(tmp_path_factory.mktemp("newcomer") / "home", "Newcomer hospital", *ENGLISH)


def nobody_named(done: subprocess.CompletedProcess[str], film: Path) -> None:
    """No patient datum of the film, and not its UID, is in what a command said."""
    dataset = pydicom.dcmread(film, stop_before_pixels=True)
    told = done.stdout + done.stderr
    for value in (str(dataset.PatientName), dataset.PatientID, dataset.SOPInstanceUID, dataset.AccessionNumber):
        assert str(value) not in told


def test_a_folder_without_dicom_is_refused_with_what_to_do(node: NodeProcess, tmp_path: Path) -> None:
    refused(node.attempt("import", str(tmp_path)), "None of the 0 files", "Name a folder that holds DICOM files")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    refused(node.attempt("import", str(tmp_path)), "None of the 2 files", "Name a folder that holds DICOM files")
    refused(node.attempt("import", str(tmp_path / "nowhere")), "does not exist or cannot be read")


def settled(steward: Signed, received: int) -> dict[str, Any]:
    """The counts of images once this many were received and none waits for cleaning."""

    def counts() -> dict[str, Any]:
        found: dict[str, Any] = steward.json("GET", "/api/intake")
        return found

    until(lambda: (now := counts())["received"] >= received and not now["waiting"], 90, "cleaning")
    return counts()


def test_half_written_files_duplicates_and_other_bytes_under_one_uid_lose_nothing_and_name_nobody(
    node: NodeProcess, steward: Signed, films: list[Path], tmp_path: Path
) -> None:
    whole = tmp_path / "whole.dcm"
    shutil.copy(films[0], whole)
    assert node.command("import", str(whole))["stored"] == 1
    assert node.command("import", str(whole))["duplicate"] == 1
    assert settled(steward, 1) == {"received": 1, "waiting": 0, "clean": 1, "quarantined": 0}

    other = pydicom.dcmread(whole)
    other.PixelData = bytes(len(other.PixelData))
    other.save_as(tmp_path / "other.dcm")
    (tmp_path / "header.dcm").write_bytes(films[1].read_bytes()[:300])
    (tmp_path / "pixels.dcm").write_bytes(films[2].read_bytes()[:-20_000])
    for name, count in {"other": "conflict", "header": "set_aside", "pixels": "stored"}.items():
        done = node.attempt("import", str(tmp_path / f"{name}.dcm"), "--json")
        assert f'"{count}": 1' in done.stdout, done
        nobody_named(done, films[0])
    assert settled(steward, 4) == {"received": 4, "waiting": 0, "clean": 1, "quarantined": 3}
    told = [image["text"]["en"] for image in steward.json("GET", "/api/quarantine")["images"]]
    assert sum("same instance UID but different bytes" in text for text in told) == 1
    assert sum("header is cut off or damaged" in text for text in told) == 1
    assert len(told) == 3


def test_a_full_disk_is_answered_so_that_the_pacs_tries_again_and_nothing_is_stored(
    films: list[Path], tmp_path: Path
) -> None:
    full = NodeProcess(tmp_path / "home", "Full hospital", *ENGLISH)
    settings = full.home / "node.toml"
    settings.write_text(settings.read_text().replace("reserve_mib = 512", f"reserve_mib = {FULL_MIB}"))
    assert str(FULL_MIB) in settings.read_text()
    full.start()
    try:
        assert [_stored(full, film) for film in films[:2]] == [OUT_OF_RESOURCES] * 2
        with Signed(full.address, full.add_person("technician", "it")) as it:
            assert it.json("GET", "/api/intake")["received"] == 0
        done = full.attempt("import", str(films[0]))
        refused(done, "The disk is full", "Nothing was lost", "dicom.free_space_reserve_mib")
        nobody_named(done, films[0])
    finally:
        full.stop()
    assert [path for path in (full.home / "received").rglob("*") if path.is_file()] == []


def _stored(node: NodeProcess, film: Path) -> int:
    """The status a C-STORE was answered with."""
    dataset = pydicom.dcmread(film)
    entity = AE(ae_title=PEER)
    entity.requested_contexts = [build_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)]
    until(lambda: _listens(node.dicom_port), 30, "the DICOM port")
    association = entity.associate("127.0.0.1", node.dicom_port, ae_title="INTRAMUROS")
    assert association.is_established
    try:
        return int(association.send_c_store(dataset).Status)
    finally:
        association.release()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("setting", ["dicom.port", "web.port", "wall.supernode_port"])
def test_a_taken_port_is_named_with_its_setting(newcomer: NodeProcess, setting: str) -> None:
    port = {"dicom.port": newcomer.dicom_port, "web.port": newcomer.web_port}.get(setting, newcomer.supernode_port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        refused(newcomer.attempt("run"), f"already listens on 127.0.0.1:{port}", setting, "node.toml")


def test_a_taken_port_of_the_coordinator_is_named_with_its_setting(office: CoordinatorPlace) -> None:
    port = int(office.address.rpartition(":")[2])
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        refused(office.attempt("run"), f"port {port}", "front_port", "coordinator.toml")


def test_a_coordinator_with_another_fingerprint_gets_nothing(office: CoordinatorPlace, newcomer: NodeProcess) -> None:
    told = "0000 1111 2222 3333 4444 5555 6666 7777"
    done = newcomer.attempt("join", office.invite("Newcomer hospital"), "--expect-fingerprint", told)
    refused(done, office.fingerprint, told, "Nothing was sent", "by telephone")
    assert newcomer.command("ledger", "verify")["entries"] == 0


def test_a_damaged_or_expired_invitation_is_refused_before_anything_is_sent(
    office: CoordinatorPlace, newcomer: NodeProcess
) -> None:
    line = office.invite("Newcomer hospital")
    refused(newcomer.attempt("join", line[:-9]), "not an invitation, or it was damaged", "Copy the whole line")
    late = Invitation.from_text(line).model_copy(update={"expires_at": datetime.now(UTC) - timedelta(minutes=1)})
    refused(newcomer.attempt("join", late.to_text()), "has expired", "Ask the coordinator's operator for a new one")
    assert newcomer.command("ledger", "verify")["entries"] == 0


def test_a_coordinator_that_is_down_is_named_with_what_to_check(office: CoordinatorPlace, tmp_path: Path) -> None:
    node = NodeProcess(tmp_path / "home", "Waiting hospital", *ENGLISH)
    refused(node.attempt("join", office.invite("Waiting hospital")), office.address, "cannot be reached", "firewall")


def test_a_home_that_is_no_node_and_a_ledger_that_is_no_file_are_named(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    refused(attempt("node", "run", "--home", nowhere), nowhere, "intramuros node init")
    refused(attempt("node", "ledger", "verify", nowhere), nowhere, "cannot be read")
    refused(attempt("coordinator", "run", "--home", nowhere), nowhere, "intramuros coordinator init")
    refused(attempt("coordinator.partner", "submit", nowhere, "--home", nowhere), "intramuros partner connect")


def test_a_korean_terminal_is_told_in_korean_by_every_role(
    newcomer: NodeProcess, office: CoordinatorPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LC_ALL")
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    refused(newcomer.attempt("join", "nonsense"), "초대장이 아니거나")
    refused(newcomer.attempt("import", str(tmp_path / "nowhere")), "읽을 수 없습니다")
    refused(office.attempt("start", "nothing"), "nothing 계획이 없습니다")
    refused(attempt("coordinator.partner", "key", "--home", str(tmp_path)), "키가 없습니다")
