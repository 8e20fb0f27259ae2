"""No stroke is lost: the node killed at work, a login that ends, a page that crashes, two windows, a shared PC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from e2e.browsing import shoot
from e2e.node_process import NodeProcess
from e2e.reading_place import enter, kill, open_case, reading_node, ready, saved, saved_draft, watched_page
from playwright.sync_api import Browser, BrowserContext, Page, expect
from waiting import patient

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(900)]
FINDINGS = "chest-film-findings"
_SHELF = """() => new Promise((resolve) => {
  const asked = indexedDB.open('intramuros', 1);
  asked.onupgradeneeded = () => { asked.transaction.abort(); };
  asked.onerror = () => { resolve([]); };
  asked.onsuccess = () => {
    const all = asked.result.transaction('strokes').objectStore('strokes').getAll();
    all.onsuccess = () => {
      asked.result.close();
      resolve(all.result.map((one) => ({
        names: Object.keys(one).sort(), person: one.person,
        content: String.fromCharCode(...new Uint8Array(one.content)),
      })));
    };
  };
})"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with reading_node(tmp_path_factory.mktemp("strokes"), films=2, schemas={FINDINGS: 1}) as node:
        yield node


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def _diagnosis(page: Page, number: int) -> Any:
    """The button of the numbered diagnosis, which several may be chosen of."""
    return page.locator("fieldset[data-question=diagnoses] button.choice").nth(number)


def _chosen(page: Page) -> list[bool]:
    return [_diagnosis(page, number).get_attribute("aria-pressed") == "true" for number in range(6)]


def test_a_node_killed_at_work_loses_nothing_and_the_page_goes_on(
    node: NodeProcess, context: BrowserContext, complaints: list[str]
) -> None:
    page = watched_page(context, node, complaints)
    enter(page, node, node.add_person("판독의 하나", "reader"))
    open_case(page, FINDINGS)
    page.locator(".saved").filter(has_text="아직 저장할 것이 없습니다").wait_for()
    _diagnosis(page, 0).click()
    saved(page)
    kill(node)
    _diagnosis(page, 1).click()
    _diagnosis(page, 3).click()
    page.locator(".saved[data-saving=unreachable]").filter(has_text="2단계").wait_for()
    shoot(page, "reading-node-away-ko")
    kept = page.evaluate(_SHELF)
    assert len(kept) == 2
    assert all(one["names"] == ["content", "id", "nonce", "number", "person"] for one in kept)
    assert not any("diagnoses" in one["content"] or "pneumonia" in one["content"] for one in kept)
    node.start()
    saved(page)
    assert _chosen(page) == [True, True, False, True, False, False]
    assert saved_draft(page)["answers"] == {"diagnoses|||": {"options": ["lung-tumor", "pneumonia", "copd"]}}
    page.keyboard.press("Control+z")
    expect(_diagnosis(page, 3)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Control+y")
    expect(_diagnosis(page, 3)).to_have_attribute("aria-pressed", "true")
    saved(page)
    assert page.evaluate(_SHELF) == []


def test_a_page_that_crashed_before_the_node_heard_is_replayed(
    node: NodeProcess, context: BrowserContext, complaints: list[str]
) -> None:
    page = watched_page(context, node, complaints)
    enter(page, node, node.add_person("판독의 둘", "reader"))
    open_case(page, FINDINGS)
    page.route("**/draft/changes", lambda route: route.abort())
    _diagnosis(page, 2).click()
    _diagnosis(page, 4).click()
    page.locator(".saved[data-saving=unreachable]").filter(has_text="2단계").wait_for()
    page.close()
    after = watched_page(context, node, complaints)
    after.goto(node.address)
    open_case(after, FINDINGS)
    saved(after)
    assert _chosen(after) == [False, False, True, False, True, False]
    assert saved_draft(after)["answers"]["diagnoses|||"] == {"options": ["tuberculosis", "other-disease"]}


def test_a_login_that_ends_at_work_is_renewed_on_the_same_page(
    node: NodeProcess, context: BrowserContext, complaints: list[str]
) -> None:
    page = watched_page(context, node, complaints)
    enter(page, node, node.add_person("판독의 셋", "reader"))
    open_case(page, FINDINGS)
    _diagnosis(page, 0).click()
    saved(page)
    _end_session(node, context)
    _diagnosis(page, 1).click()
    again = page.get_by_role("dialog", name="다시 로그인")
    again.wait_for()
    shoot(page, "reading-sign-in-again-ko")
    again.get_by_label("일회용 로그인 코드").fill(node.login_code("판독의 셋"))
    again.get_by_role("button", name="코드로 로그인").click()
    again.wait_for(state="detached")
    saved(page)
    assert _chosen(page)[:3] == [True, True, False]
    assert saved_draft(page)["answers"]["diagnoses|||"] == {"options": ["lung-tumor", "pneumonia"]}


def _end_session(node: NodeProcess, context: BrowserContext) -> None:
    """The browser's session ends on the node, and the browser does not know."""
    cookies = {one["name"]: one["value"] for one in context.cookies()}
    with httpx.Client(base_url=node.address, cookies=cookies, timeout=patient(30), trust_env=False) as client:
        csrf = client.get("/api/session").json()["csrf"]
        assert client.delete("/api/session", headers={"X-Intramuros-CSRF": csrf}).status_code == 204


def test_of_two_windows_on_one_case_one_leads_and_the_other_can_take_over(
    node: NodeProcess, context: BrowserContext, complaints: list[str]
) -> None:
    first = watched_page(context, node, complaints)
    enter(first, node, node.add_person("판독의 넷", "reader"))
    open_case(first, FINDINGS)
    _diagnosis(first, 0).click()
    saved(first)
    second = watched_page(context, node, complaints)
    second.goto(node.address)
    second.get_by_role("row").filter(has_text=FINDINGS).get_by_role("button").click()
    second.get_by_text("다른 창에서 작업 중입니다").wait_for()
    expect(_diagnosis(second, 0)).to_have_attribute("aria-pressed", "true")
    expect(_diagnosis(second, 1)).to_be_disabled()
    shoot(second, "reading-two-windows-ko")
    second.get_by_role("button", name="이 창에서 작업하기").click()
    ready(second)
    first.get_by_text("다른 창에서 작업 중입니다").wait_for()
    _diagnosis(second, 1).click()
    saved(second)
    second.close()
    ready(first)
    expect(_diagnosis(first, 1)).to_have_attribute("aria-pressed", "true")


def test_two_pcs_on_one_case_do_not_overwrite_each_other(
    node: NodeProcess, browser: Browser, complaints: list[str]
) -> None:
    code = node.add_person("판독의 다섯", "reader")
    with browser.new_context() as here, browser.new_context() as there:
        one, other = watched_page(here, node, complaints), watched_page(there, node, complaints)
        enter(one, node, code)
        open_case(one, FINDINGS)
        enter(other, node, node.login_code("판독의 다섯"))
        open_case(other, FINDINGS)
        _diagnosis(one, 0).click()
        saved(one)
        other.locator("fieldset[data-question=findings] button.choice").filter(has_text="없음").click()
        other.get_by_text("그사이 이 증례가 다른 창이나 PC에서 저장되었습니다").wait_for()
        other.locator(".saved").filter(has_text="1단계가 저장되지 않았습니다").wait_for()
        expect(other.get_by_role("button", name="내 단계를 더하고 여기서 계속")).to_be_in_viewport()
        shoot(other, "reading-conflict-ko")
        other.get_by_role("button", name="내 단계를 더하고 여기서 계속").click()
        saved(other)
        assert saved_draft(other)["answers"] == {
            "diagnoses|||": {"options": ["lung-tumor"]},
            "findings|||": {"abstention": "absent"},
        }
        expect(_diagnosis(other, 0)).to_have_attribute("aria-pressed", "true")


def test_after_sign_out_a_shared_pc_keeps_ciphertext_of_what_was_not_acknowledged(
    node: NodeProcess, context: BrowserContext, complaints: list[str]
) -> None:
    page = watched_page(context, node, complaints)
    enter(page, node, node.add_person("판독의 여섯", "reader"))
    open_case(page, FINDINGS)
    _diagnosis(page, 0).click()
    saved(page)
    page.route("**/draft/changes", lambda route: route.abort())
    _diagnosis(page, 1).click()
    page.locator(".saved[data-saving=unreachable]").wait_for()
    page.get_by_role("button", name="로그아웃").click()
    page.get_by_role("heading", name="로그인", exact=True).wait_for()
    (kept,) = page.evaluate(_SHELF)
    assert "pneumonia" not in json.dumps(kept)
    assert page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("async () => (await caches.keys()).length") == 0
    page.unroute("**/draft/changes")
    enter(page, node, node.add_person("판독의 일곱", "reader"))
    open_case(page, FINDINGS)
    assert _chosen(page) == [False] * 6
    page.get_by_role("button", name="로그아웃").click()
    enter(page, node, node.login_code("판독의 여섯"))
    open_case(page, FINDINGS)
    saved(page)
    assert _chosen(page)[:2] == [True, True]
    assert page.evaluate(_SHELF) == []
