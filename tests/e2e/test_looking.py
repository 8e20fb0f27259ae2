"""A case of several images on the reading page: every greyscale, the brush, leafing, habits, two fingers, no network.

One node, one study of eight images; each reader reads it anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from e2e.browsing import serious, shoot
from e2e.looking_place import at, drag, painted, room
from e2e.node_process import NodeProcess
from e2e.reading_place import enter, node_over, open_case, ready, saved, saved_draft, watched_page
from e2e.voi_study import BLOCK, KINDS, SIDE, STORED, block_means, write_study
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(900)]
MASKS = "generic-mask"
_MEANS = """([side, block]) => {
 const { data } = document.querySelector('canvas.film').getContext('2d').getImageData(0, 0, side, side);
 const sums = new Array((side / block) ** 2).fill(0);
 for (let at = 0; at < side * side; at += 1) {
   sums[Math.floor(Math.floor(at / side) / block) * (side / block) + Math.floor((at % side) / block)] += data[4 * at];
 }
 return sums.map((sum) => sum / block ** 2); }"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    folder = tmp_path_factory.mktemp("looking")
    with node_over(folder, write_study(folder / "study"), {MASKS: 1}) as node:
        yield node


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, has_touch=True) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, node: NodeProcess) -> Iterator[Page]:
    """A console error or a request off the node fails the test."""
    complaints: list[str] = []
    yield watched_page(context, node, complaints)
    assert complaints == []


def test_every_greyscale_is_shown_as_the_standard_says(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 하나", "reader"))
    open_case(page, MASKS)
    page.locator(".ruler svg").wait_for()
    left = {name: block_means(grey).ravel() for name, (_, grey) in KINDS.items()}
    for number in range(1, len(KINDS) + 1):
        at(page, number)
        shown = np.array(page.evaluate(_MEANS, [SIDE, BLOCK]))
        apart = {name: float(np.abs(shown - wanted).max()) for name, wanted in left.items()}
        nearest = min(apart, key=apart.__getitem__)
        assert apart[nearest] <= 2.0, apart
        del left[nearest]
        page.keyboard.press("PageDown")
    assert left == {}
    page.get_by_text("영상 고유의 계조 곡선").first.wait_for()
    shoot(page, "reading-curve-ko")
    assert serious(page) == []


def test_a_segmentation_is_painted_erased_filled_and_undone_by_small_change_sets(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 둘", "reader"))
    open_case(page, MASKS)
    sent: list[int] = []
    page.on("request", lambda one: sent.append(_bytes(one)) if one.url.endswith("/draft/changes") else None)
    page.keyboard.press("Shift+KeyS")
    page.locator(".film-room[data-state=drawing]").wait_for()
    _painted_erased_and_undone(page)
    page.keyboard.press("Shift+KeyX")
    for _ in range(3):
        page.keyboard.press("PageDown")
    at(page, 4)
    drag(page, (60, 64), (80, 64))
    expect(page.locator("[data-mark-row]")).to_have_count(2)
    page.get_by_role("button", name="사이 슬라이스 채우기").click()
    expect(page.locator("[data-mark-row]")).to_have_count(4)
    saved(page)
    assert max(sent) < 16_000
    assert serious(page) == []
    page.keyboard.press("Control+z")
    expect(page.locator("[data-mark-row]")).to_have_count(2)
    page.keyboard.press("Control+y")
    page.keyboard.press("PageUp")
    at(page, 3)
    page.get_by_role("button", name="English").click()
    page.get_by_text("Fill the slices between").wait_for()
    shoot(page, "reading-brush-en")
    _says_what_was_painted_and_seen(_submitted(page))


def _painted_erased_and_undone(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("BracketRight")
    drag(page, (40, 64), (60, 64))
    expect(page.locator("[data-mark-row]")).to_have_count(1)
    drag(page, (60, 64), (60, 90))
    saved(page)
    whole = painted(saved_draft(page)["marks"]["m1"])
    page.keyboard.press("Shift+KeyX")
    drag(page, (40, 64), (45, 64))
    saved(page)
    erased = painted(saved_draft(page)["marks"]["m1"])
    assert 0 < erased < whole
    shoot(page, "reading-brush-ko")
    page.keyboard.press("Control+z")
    saved(page)
    assert painted(saved_draft(page)["marks"]["m1"]) == whole


def _says_what_was_painted_and_seen(content: dict[str, Any]) -> None:
    assert content["display"]["greyscale_check"] == "passed"
    assert content["display"]["worst_difference"] <= 2
    assert {len(window) for window in content["display"]["windows"]} == {3}
    assert content["provenance"] == {"grey-steps": "not-asked"}
    marks = content["answers"][0]["marks"]
    assert [mark.get("of") for mark in marks] == [None, "m1", "m1", "m1"]
    for mark in marks:
        runs = mark["shape"]["runs"]
        assert (sum(runs), min(runs[1:]) > 0) == (SIDE * SIDE, True)


def _bytes(request: Request) -> int:
    return len(request.post_data or "")


def _submitted(page: Page) -> dict[str, Any]:
    saved_in_english = page.locator(".saved[data-saving=idle]").filter(has_text="Saved")
    saved_in_english.wait_for()
    page.keyboard.press("Escape")
    with page.expect_response(lambda answer: answer.url.endswith("/reading")) as given:
        page.locator("button.main:not([disabled])").click()
    assert given.value.status == 201, given.value.text()
    content: dict[str, Any] = json.loads(given.value.request.post_data or "")
    return content


def test_a_threshold_brush_paints_only_what_is_in_its_range(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 셋", "reader"))
    open_case(page, MASKS)
    page.keyboard.press("Shift+KeyS")
    page.locator(".film-room[data-state=drawing]").wait_for()
    page.keyboard.press("Shift+KeyT")
    page.get_by_label("칠할 가장 작은 값").fill("1024")
    page.get_by_label("칠할 가장 큰 값").fill("1055")
    page.get_by_label("칠할 가장 큰 값").press("Tab")
    shoot(page, "reading-range-ko")
    drag(page, (20, 25), (20, 60))
    saved(page)
    (mark,) = saved_draft(page)["marks"].values()
    assert set(mark["shape"]["lines"]) == {"32"}
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url))
    _enter_leaves_the_field(page)
    page.get_by_role("button", name="안쪽 값").click()
    told = page.locator("[data-region]").inner_text()
    (left, right) = mark["shape"]["lines"]["32"]
    values = STORED[32, left:right]
    mean = re.search(r"평균 ([\d,.]+) ±", told)
    assert mean is not None, told
    assert float(mean[1].replace(",", "")) == pytest.approx(values.mean(), abs=0.06)
    assert f"픽셀 {values.size}개" in told
    assert not [url for url in sent if url.endswith("/reading")]


def _enter_leaves_the_field(page: Page) -> None:
    greatest = page.get_by_label("칠할 가장 큰 값")
    greatest.fill("1060")
    greatest.press("Enter")
    expect(greatest).not_to_be_focused()
    expect(greatest).to_have_value("1060")


def test_a_picture_that_is_not_as_the_node_has_it_is_not_shown(page: Page, node: NodeProcess) -> None:
    """The node's picture is made another on its way, which stands for a browser that draws it wrongly."""
    white = BytesIO()
    Image.new("L", (SIDE, SIDE), 255).save(white, "PNG")
    page.route("**/preview.png", lambda route: route.fulfill(body=white.getvalue(), content_type="image/png"))
    enter(page, node, node.add_person("판독의 여섯", "reader"))
    page.get_by_role("row").filter(has_text=MASKS).get_by_role("button").click()
    page.get_by_text("영상의 회색을 잘못 표시하므로").wait_for()
    expect(page.locator("canvas.film")).to_be_hidden()
    page.keyboard.press("Digit1")
    saved(page)
    expect(page.locator("button.main")).to_be_disabled()
    page.get_by_role("button", name="화면 점검").click()
    page.get_by_text("잘못 표시되고 있습니다").wait_for()
    assert serious(page) == []
    shoot(page, "reading-check-ko")
    page.get_by_role("button", name="다 보이지는 않습니다").click()


def test_leafing_habits_lens_and_two_fingers(page: Page, context: BrowserContext, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 넷", "reader"))
    open_case(page, MASKS)
    page.get_by_role("button", name="키와 마우스").click()
    page.get_by_label("작업 방식").select_option("workstation")
    page.get_by_role("button", name="키 바꾸기: 반전").click()
    page.keyboard.press("KeyA")
    page.get_by_text("다른 키를 누르십시오").wait_for()
    page.keyboard.press("F8")
    expect(page.get_by_role("button", name="키 바꾸기: 반전")).to_have_text("F8")
    page.get_by_role("button", name="키 바꾸기: 반전").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="키 바꾸기: 반전")).to_have_text("F8")
    assert serious(page) == []
    shoot(page, "reading-habits-ko")
    page.get_by_role("button", name="완료").click()
    _a_dialog_has_the_keys(page)
    page.reload()
    page.get_by_role("row").filter(has_text=MASKS).get_by_role("button").click()
    ready(page)
    page.get_by_text("영상 이동은 ↑ ↓").wait_for()
    page.keyboard.press("ArrowDown")
    at(page, 2)
    page.keyboard.press("F8")
    expect(page.get_by_role("button", name="반전")).to_have_attribute("aria-pressed", "true")
    drag(page, (60, 30), (60, 80))
    expect(page.locator("canvas.film")).not_to_have_attribute("data-spot", "2")
    page.keyboard.press("Space")
    seen: set[str | None] = set()
    until(lambda: _sees(page, seen) > 3, 30, "cine", every_seconds=0.05)
    page.keyboard.press("Space")
    page.keyboard.press("Shift+KeyG")
    page.mouse.move(*room(page, 50, 50))
    page.locator("canvas.lens").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Lens").wait_for()
    page.mouse.move(*room(page, 50, 52))
    shoot(page, "reading-lens-en")
    _pinch_doubles(page, context)


def _a_dialog_has_the_keys(page: Page) -> None:
    page.get_by_role("button", name="화면 점검").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Shift+KeyS")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".film-room[data-state=ready]")).to_have_count(1)


def _sees(page: Page, seen: set[str | None]) -> int:
    """How many images were seen so far."""
    seen.add(page.locator("canvas.film").get_attribute("data-spot"))
    return len(seen)


def _pinch_doubles(page: Page, context: BrowserContext) -> None:
    film = page.locator("canvas.film")
    before = film.bounding_box()
    middle = room(page, SIDE / 2, SIDE / 2)
    line = context.new_cdp_session(page)
    for kind, apart in (("touchStart", 40), ("touchMove", 60), ("touchMove", 80)):
        points = [{"x": middle[0] + sign * apart, "y": middle[1], "id": sign + 1} for sign in (-1, 1)]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    after = film.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] / before["width"] == pytest.approx(2.0, rel=0.05)


def test_two_minutes_without_a_network_lose_no_stroke(page: Page, context: BrowserContext, node: NodeProcess) -> None:
    context.clock.install()
    enter(page, node, node.add_person("판독의 다섯", "reader"))
    open_case(page, MASKS)
    page.keyboard.press("Shift+KeyS")
    page.locator(".film-room[data-state=drawing]").wait_for()
    drag(page, (40, 40), (60, 40))
    saved(page)
    context.set_offline(True)
    drag(page, (40, 80), (60, 80))
    page.locator(".saved[data-saving=unreachable]").wait_for()
    for _ in range(12):
        context.clock.fast_forward(10_000)
    page.locator(".saved[data-saving=unreachable]").wait_for()
    drag(page, (40, 100), (60, 100))
    shoot(page, "reading-offline-ko")
    context.set_offline(False)
    context.clock.run_for(10_000)
    saved(page)
    rows = [int(row) for row in saved_draft(page)["marks"]["m1"]["shape"]["lines"]]
    assert {40, 80, 100} <= set(rows)
