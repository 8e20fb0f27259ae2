"""Quarantine as its steward meets it: a real node and a real browser; look, release, delete, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from e2e.browsing import blank_page, serious, shoot
from e2e.node_process import PEER, NodeProcess, Signed
from fakes.instances import dataset, dicom_file
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from pydicom import Dataset, dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage
from pynetdicom import AE

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]


def capture(uid: str, *, frames: int = 1, scan: bool = True) -> Dataset:
    """A picture with letters in it: a scan, or an image another workstation made."""
    image = dataset(uid)
    picture = Image.new("L", (320, 240), 40)
    ImageDraw.Draw(picture).text((20, 20), "HONG GILDONG 1980-12-24", fill=230)
    image.Rows, image.Columns = 240, 320
    image.PixelData = np.stack([np.asarray(picture) + number for number in range(frames)]).astype(np.uint8).tobytes()
    if frames > 1:
        image.NumberOfFrames = frames
    if scan:
        image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = UID(SecondaryCaptureImageStorage)
    else:
        image.ImageType = ["DERIVED", "SECONDARY"]
    return image


def sent(port: int, *images: Dataset) -> None:
    """Every image was answered with success."""
    entity = AE(PEER)
    for sop_class in {image.SOPClassUID for image in images}:
        entity.add_requested_context(sop_class, ExplicitVRLittleEndian)
    line = entity.associate("127.0.0.1", port, ae_title="INTRAMUROS")
    statuses = [line.send_c_store(dcmread(DicomBytesIO(dicom_file(image)))).Status for image in images]
    line.release()
    assert statuses == [0] * len(images)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("quarantine") / "home", "격리 시험 병원")
    node.start()
    try:
        sent(node.dicom_port, capture("1.2.3.1", frames=3), capture("1.2.3.2"), capture("1.2.3.3", scan=False))
        with Signed(node.address, node.add_person("전산 담당", "it")) as it:
            node.wait(lambda: it.json("GET", "/api/intake")["quarantined"] == 3, "quarantine")
        yield node
    finally:
        node.stop()


@pytest.fixture
def page(browser: Browser, node: NodeProcess) -> Iterator[Page]:
    page = blank_page(browser)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    expected = ("401 (Unauthorized)", "409 (Conflict)")
    assert [one for one in complaints if not any(part in one for part in expected)] == []


def _enter(page: Page, node: NodeProcess, name: str) -> None:
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(node.add_person(name, "steward"))
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name="격리", exact=True).click()
    page.get_by_role("heading", name="격리").wait_for()


def test_a_steward_looks_at_an_image_and_releases_it_with_a_reason(page: Page, node: NodeProcess) -> None:
    _enter(page, node, "김책임")
    rows = page.locator("section > .scroll tbody tr")
    expect(rows.filter(has_text="화면 캡처")).to_have_count(2)
    page.get_by_text("최근 가명처리 판정").click()
    shoot(page, "quarantine-list-ko")
    assert serious(page) == []
    scans = rows.filter(has_text="화면 캡처")
    scans.first.get_by_role("button", name="확인").click()
    release = page.get_by_role("button", name="격리 해제")
    expect(release).to_be_disabled()
    assert page.locator(".received img").count() == 0, "nothing is opened before it is asked for"
    _look(page)
    page.get_by_label("격리 해제: 이유").select_option("text-names-nobody")
    shoot(page, "quarantine-review-ko")
    assert serious(page) == []
    release.click()
    page.get_by_role("status").wait_for()
    with Signed(node.address, node.add_person("전산 둘", "it")) as it:
        node.wait(lambda: it.json("GET", "/api/intake")["waiting"] == 0, "cleaning")
        figures = it.json("GET", "/api/intake")
    assert figures["clean"] == 1


def _look(page: Page) -> None:
    page.get_by_role("button", name="받은 그대로의 영상 열기").click()
    picture = page.locator(".received img")
    picture.wait_for()
    page.wait_for_function("() => document.querySelector('.received img').naturalWidth === 320")


def test_a_steward_deletes_an_image_and_it_is_gone(page: Page, node: NodeProcess) -> None:
    _enter(page, node, "이책임")
    page.locator("section > .scroll tbody tr").filter(has_text="워크스테이션").get_by_role(
        "button", name="확인"
    ).click()
    page.get_by_label("삭제: 이유").select_option("identity-visible")
    page.get_by_role("button", name="삭제", exact=True).click()
    page.get_by_text("삭제되었습니다").wait_for()
    expect(page.locator("section > .scroll tbody tr").filter(has_text="워크스테이션")).to_have_count(0)
    with Signed(node.address, node.add_person("감사", "auditor")) as auditor:
        acts = [event["action"] for event in auditor.json("GET", "/api/audit")["events"]]
    assert "quarantine.deleted" in acts


def test_a_release_without_a_look_is_refused_in_words(page: Page, node: NodeProcess) -> None:
    _enter(page, node, "박책임")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Quarantine", exact=True).wait_for()
    page.get_by_role("button", name="Look").first.click()
    page.get_by_label("Release: Reason").select_option("nothing-identifies")
    with page.expect_response(lambda response: response.url.endswith("/release")) as answer:
        page.get_by_role("button", name="Release").click()
    assert answer.value.status == 409
    assert "Open it first" in page.get_by_role("alert").inner_text()
    shoot(page, "quarantine-refused-en")
