"""A patient opts out of a real node: by a command while it runs, on its page, and after a backup was restored."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from e2e.browsing import blank_page, serious
from e2e.node_process import PEER, NodeProcess, Signed
from fakes.instances import dataset, dicom_file
from playwright.sync_api import Browser, expect
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]
OUT, STAYS, LATER = "P-77", "P-78", "P-79"


def sent(node: NodeProcess, uid: str, patient: str) -> int:
    """The status one image was answered with."""
    image = dataset(uid, patient_id=patient, study=f"{uid}.9")
    entity = AE(PEER)
    entity.add_requested_context(image.SOPClassUID, ExplicitVRLittleEndian)
    line = entity.associate("127.0.0.1", node.dicom_port, ae_title="INTRAMUROS")
    status = int(line.send_c_store(dcmread(DicomBytesIO(dicom_file(image)))).Status)
    line.release()
    return status


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("exclusions") / "home", "거부 시험 병원")
    node.start()
    try:
        node.add_person("관리자", "steward")
        assert [sent(node, "1.2.1", OUT), sent(node, "1.2.2", STAYS), sent(node, "1.2.3", LATER)] == [0, 0, 0]
        settled(node, 3, 0)
        yield node
    finally:
        node.stop()


def counts(node: NodeProcess, code: str) -> tuple[int, int]:
    """Clean and quarantined images, as the page's API tells a steward."""
    with Signed(node.address, code) as steward:
        told = steward.json("GET", "/api/intake")
        found = steward.json("GET", "/api/dicomweb/instances")
    assert len(found) <= told["clean"]
    return told["clean"], told["quarantined"]


def settled(node: NodeProcess, clean: int, held: int) -> None:
    node.wait(lambda: counts(node, node.login_code("관리자")) == (clean, held), f"{clean} clean, {held} held")


def test_a_patient_opts_out_of_a_running_node_and_stays_out_after_a_restore(node: NodeProcess, tmp_path: Path) -> None:
    backup(node.home, tmp_path)
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("p 77\n", encoding="utf-8")
    assert node.command("exclude", "add", "--kind", "opt-out", str(numbers)) == {"changed": 1, "unchanged": 0}
    settled(node, 2, 1)
    assert sent(node, "1.2.4", OUT) == 0
    settled(node, 2, 2)
    node.stop()
    restore(node.home, tmp_path)
    node.start()
    settled(node, 2, 1)


def test_a_steward_excludes_and_frees_a_patient_on_the_page(node: NodeProcess, browser: Browser) -> None:
    clean, held = counts(node, node.login_code("관리자"))
    page = blank_page(browser)
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(node.login_code("관리자"))
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name="제외 환자", exact=True).click()
    form = page.locator("form").first
    form.get_by_label("구분").select_option("legal-hold")
    form.get_by_label("병원 환자 번호").fill(f"{LATER}\n")
    form.get_by_role("button", name="제외").click()
    expect(page.get_by_role("status")).to_contain_text("제외: 1명")
    parts = page.get_by_role("region", name="이 환자들의 영상이 쓰인 라운드와 배포된 모델")
    expect(parts).to_contain_text("이미 끝난 학습은 취소되지 않으며")
    expect(parts).to_contain_text("기록되어 있지 않습니다")
    assert LATER not in page.content()
    assert serious(page) == []
    settled(node, clean - 1, held + 1)
    back = page.locator("form").nth(1)
    back.get_by_label("구분").select_option("legal-hold")
    back.get_by_label("사유").select_option("hold-ended")
    back.get_by_label("병원 환자 번호").fill(LATER)
    back.get_by_role("button", name="제외 해제").click()
    expect(page.get_by_role("status")).to_contain_text("제외 해제: 1명")
    page.close()
    settled(node, clean, held)


def backup(home: Path, folder: Path) -> None:
    for name in ("intake.db", "ward.db"):
        with closing(sqlite3.connect(home / name)) as now, closing(sqlite3.connect(folder / name)) as kept:
            now.backup(kept)


def restore(home: Path, folder: Path) -> None:
    """What a backup program does: the databases of then, everything else as it is."""
    for name in ("intake.db", "ward.db"):
        for leftover in home.glob(f"{name}*"):
            leftover.unlink()
        shutil.copy(folder / name, home)
