"""The page as its users meet it: a real node, Debian's Chromium, both languages, no request off the node.

Chromium is also the engine of Edge, so what holds here holds there. Screenshots go to var/screens.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from e2e.browsing import blank_page, serious, settled, shoot
from e2e.node_process import PEER, NodeProcess, Signed
from e2e.reading_place import ready
from playwright.sync_api import Browser, Page

from deploy.demo.canary import Canary
from deploy.demo.phantoms.folder import write_phantoms
from deploy.demo.sender import Destination, send
from node.flows.send import WALL
from node.ground.audit import AuditEvent
from node.release.outbox import News, Origin, Parcel
from node.storage.engine import Database, open_engine
from node.storage.wall_ledger import WallOutbox
from node.storage.wall_send import WallUnit
from node.storage.wall_sent import WallSent
from protocols.receipts import Channel

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(600)]
CASES = 6


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node with a few films, an open project and people of every kind the page has a view for."""
    folder = tmp_path_factory.mktemp("page")
    node = NodeProcess(folder / "home", "서울 시험 병원")
    write_phantoms(folder / "phantoms", 1)
    node.start()
    try:
        files = sorted((folder / "phantoms" / "site-north").glob("*.dcm"))[:CASES]
        send(files, map(Canary, range(CASES)), Destination(node.dicom_port, "INTRAMUROS", PEER))
        with Signed(node.address, node.add_person("전산 담당", "it")) as it:
            node.wait(lambda: it.json("GET", "/api/intake")["waiting"] == 0, "cleaning")
        with Signed(node.address, node.add_person("과제 책임자", "lead")) as lead:
            _open_project(lead)
        yield node
    finally:
        node.stop()


def _open_project(lead: Signed) -> None:
    project = lead.json(
        "POST",
        "/api/projects",
        {
            "title": "흉부 촬영: 이상 유무",
            "guideline": "이상 소견이 있으면 이상을 고릅니다.",
            "schema_code": "chest-film-abnormal",
            "schema_version": 1,
            "reads_per_case": 2,
        },
    )["project_id"]
    lead.json("POST", f"/api/projects/{project}/cases", {"modalities": ["CR", "DX"]})
    lead.json("POST", f"/api/projects/{project}/open")


@pytest.fixture
def page(browser: Browser, node: NodeProcess) -> Iterator[Page]:
    """A fresh profile; a console error or a request off the node fails the test."""
    page = blank_page(browser, height=800)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((node.address, "data:")) else complaints.append(request.url),
    )
    yield page
    page.close()
    assert [one for one in complaints if "401 (Unauthorized)" not in one] == []


def _enter(page: Page, node: NodeProcess, name: str, role: str) -> None:
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(node.add_person(name, role))
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name="로그아웃").wait_for()


def test_a_reader_reads_every_case_by_keyboard_alone(page: Page, node: NodeProcess) -> None:
    _enter(page, node, "판독의 하나", "reader")
    shoot(page, "worklist-ko")
    assert serious(page) == []
    page.get_by_role("button", name="다음 증례").click()
    for number in range(CASES):
        heading = page.locator(".reading h1")
        ready(page)
        case = heading.inner_text()
        assert _grey_levels(page) > 20, "the film shows a picture"
        if number == 0:
            shoot(page, "reading-ko")
            assert serious(page) == []
        page.keyboard.press("2" if number % 2 else "1")
        page.locator("button.main:not([disabled])").wait_for()
        with page.expect_response(lambda response: response.url.endswith("/reading")) as answer:
            page.keyboard.press("Enter")
        assert answer.value.status == 201
        page.wait_for_function("before => document.querySelector('.reading h1')?.innerText !== before", arg=case)
    page.get_by_text("남은 판독이 없습니다").or_(page.get_by_role("heading", name="작업 목록")).first.wait_for()


def _grey_levels(page: Page) -> int:
    values = page.evaluate(
        "() => { const c = document.querySelector('canvas.film');"
        " return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data) }"
    )
    return int(np.unique(np.array(values, np.uint8)[::4]).size)


def test_a_key_pressed_while_hangul_is_composed_chooses_nothing(page: Page, node: NodeProcess) -> None:
    _enter(page, node, "판독의 둘", "reader")
    page.get_by_role("button", name="다음 증례").click()
    ready(page)
    page.evaluate(
        "() => document.dispatchEvent(new KeyboardEvent('keydown', {key: '1', isComposing: true, bubbles: true}))"
    )
    assert page.locator("button.choice[aria-pressed=true]").count() == 0
    page.keyboard.press("1")
    page.locator("button.choice[aria-pressed=true]").wait_for()


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("it", ["계획", "병원 키", "반출 내역", "효과 판정", "확인 요청", "제외 환자", "구성원", "토큰", "이 노드"]),
        (
            "steward",
            ["계획", "병원 키", "반출 내역", "효과 판정", "격리", "확인 요청", "제외 환자", "재식별", "이 노드"],
        ),
        ("ethics", ["계획", "병원 키", "반출 내역", "효과 판정", "재식별", "이 노드"]),
        ("lead", ["과제", "효과 판정"]),
    ],
)
def test_every_role_sees_its_pages_in_both_languages(
    page: Page, node: NodeProcess, role: str, pages: list[str]
) -> None:
    _enter(page, node, f"사람 {role}", role)
    assert page.locator("nav button").all_inner_texts() == pages
    for number, name in enumerate(pages):
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_role("heading", name=name, exact=True).wait_for()
        settled(page)
        shoot(page, f"{role}-{number}-ko")
        assert serious(page) == []
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Sign out").wait_for()
    for number in range(len(pages)):
        page.locator("nav button").nth(number).click()
        settled(page)
        shoot(page, f"{role}-{number}-en")
        assert not any("가" <= letter <= "힣" for letter in page.locator("main h1").inner_text())


def test_what_left_says_of_each_message_whether_its_bytes_are_still_kept(page: Page, node: NodeProcess) -> None:
    _something_left(node.home)
    _enter(page, node, "전산 대장", "it")
    page.get_by_role("button", name="반출 내역", exact=True).click()
    rows = page.locator("tbody tr")
    rows.first.wait_for()
    assert ["비움" in row for row in rows.all_inner_texts()] == [False, True], "the latest stands first"
    assert serious(page) == []
    shoot(page, "what-left-ko")
    page.get_by_role("button", name="English").click()
    page.get_by_text("then emptied").wait_for()
    assert ["then emptied" in row for row in rows.all_inner_texts()] == [False, True]
    shoot(page, "what-left-en")


def _something_left(home: Path) -> None:
    """Two messages left and arrived; the time of the first is over."""
    engine, now = open_engine(Database.WALL, home), datetime.now(UTC)
    for content in (b"first", b"second"):
        parcel = Parcel(content, "error-report", Channel.FLEET, Origin(), now)
        with WallUnit(engine).sending() as door:
            door.put(parcel)
            door.enter(parcel, AuditEvent(now, WALL, "message.released", "message:test"))
        WallOutbox(engine).tell(parcel.sent_sha256, News.RECEIPT, now)
    (first,) = WallSent(engine).emptiable(now + timedelta(days=1), 1)
    WallSent(engine).empty([first], [AuditEvent(now, WALL, "message.emptied", f"message:{first}")])
    engine.dispose()


def test_a_wrong_code_is_refused_in_words(page: Page, node: NodeProcess) -> None:
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill("not-a-code")
    with page.expect_response(lambda response: response.url.endswith("/api/session")) as answer:
        page.get_by_role("button", name="코드로 로그인").click()
    assert answer.value.status == 401
    assert "로그인" in page.get_by_role("alert").inner_text()
    shoot(page, "refused-ko")
