"""The form of every kind of answer: typed through a Korean input method, conditional, with confidence; both languages.

No schema that ships asks for a number or a text, so the page is given questions beside those of the node; what it
saves is read from the node's draft, which knows no schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from e2e.browsing import serious, shoot
from e2e.node_process import NodeProcess
from e2e.reading_place import enter, open_case, reading_node, saved, saved_draft, watched_page
from playwright.sync_api import Browser, CDPSession, Page, Route, expect

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(600)]
PROJECT = "chest-film-abnormal"


def _question(code: str, ko: str, en: str, **more: Any) -> dict[str, Any]:
    usual = {"kind": "single", "level": "study", "options": [], "abstentions": ["indeterminate", "not-assessable"]}
    return {"code": code, "text": {"ko": ko, "en": en}, "confidence_required": False, **usual, **more}


def _option(code: str, ko: str, en: str) -> dict[str, Any]:
    return {"code": code, "text": {"ko": ko, "en": en}, "alone": False}


MORE = [
    _question(
        "size",
        "가장 큰 결절의 지름",
        "Diameter of the largest nodule",
        kind="number",
        number={"unit": "mm", "minimum": 1, "maximum": 90, "whole": False},
        when={"question": "abnormal", "one_of": ["present"]},
    ),
    _question("note", "소견", "Findings in words", kind="text", max_characters=200),
    _question(
        "urgency",
        "얼마나 급합니까?",
        "How urgent is it?",
        kind="ordinal",
        options=[_option("low", "낮음", "Low"), _option("high", "높음", "High")],
        confidence_required=True,
    ),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with reading_node(tmp_path_factory.mktemp("form"), films=1, schemas={PROJECT: 1}) as node:
        yield node


@pytest.fixture
def page(browser: Browser, node: NodeProcess) -> Iterator[Page]:
    """A page that is asked more than the node's schema; a console error or a request off the node fails the test."""
    complaints: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = watched_page(context, node, complaints)
        page.route("**/api/assignments", _asking_more)
        yield page
    assert complaints == []


def _asking_more(route: Route) -> None:
    answer = route.fetch()
    if answer.status != 201:
        route.fulfill(response=answer)
        return
    sheet = answer.json()
    sheet["schema"]["questions"] += MORE
    route.fulfill(response=answer, json=sheet)


def _compose(line: CDPSession, so_far: str) -> None:
    """An input method shows a syllable in the making; the key that made it is not the page's."""
    key = {"type": "rawKeyDown", "key": "Process", "code": "Digit1", "windowsVirtualKeyCode": 229}
    line.send("Input.dispatchKeyEvent", key)
    line.send("Input.imeSetComposition", {"text": so_far, "selectionStart": len(so_far), "selectionEnd": len(so_far)})


def _types_a_size(page: Page) -> None:
    expect(page.locator("fieldset[data-question=size]")).to_have_count(0)
    page.keyboard.press("Digit2")
    expect(page.get_by_role("textbox", name="가장 큰 결절의 지름")).to_be_focused()
    page.keyboard.type("120")
    page.get_by_text("가능한 범위를 벗어났습니다").wait_for()
    page.keyboard.press("Backspace")
    expect(page.get_by_text("가능한 범위를 벗어났습니다")).to_have_count(0)
    page.keyboard.press("Enter")


def _types_a_note(page: Page) -> None:
    """In Korean through an input method, whose keys are not the page's."""
    note = page.get_by_role("textbox", name="소견")
    expect(note).to_be_focused()
    line = page.context.new_cdp_session(page)
    for so_far in ("ㄱ", "겨", "결"):
        _compose(line, so_far)
    line.send("Input.insertText", {"text": "결"})
    page.keyboard.insert_text("절 1개")
    expect(note).to_have_value("결절 1개")
    page.keyboard.press("Control+Enter")


def test_every_kind_of_answer_is_typed_chosen_saved_and_taken_back(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 하나", "reader"))
    open_case(page, PROJECT)
    _types_a_size(page)
    _types_a_note(page)
    page.keyboard.press("Digit2")
    page.get_by_text("얼마나 확신하는지 고르십시오").wait_for()
    expect(page.locator("button.main")).to_be_disabled()
    page.keyboard.press("Shift+Digit3")
    page.locator("button.main:not([disabled])").wait_for()
    saved(page)
    assert serious(page) == []
    shoot(page, "reading-form-ko")
    assert saved_draft(page)["answers"] == {
        "abnormal|||": {"option": "present"},
        "size|||": {"typed": "12"},
        "note|||": {"text": "결절 1개"},
        "urgency|||": {"option": "high", "confidence": 0.75},
    }
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(page.locator("fieldset[data-question=urgency] button[aria-pressed=true]")).to_have_count(0)
    page.keyboard.press("Control+y")
    saved(page)
    assert saved_draft(page)["answers"]["urgency|||"] == {"option": "high"}
    page.get_by_role("button", name="English").click()
    page.get_by_text("Say how sure you are").wait_for()
    shoot(page, "reading-form-en")


def test_a_case_is_given_back_with_a_reason(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 둘", "reader"))
    open_case(page, PROJECT)
    page.get_by_role("button", name="이 증례 사양").click()
    with page.expect_request(lambda asked: asked.url.endswith("/decline")) as asked:
        page.get_by_role("button", name="영상을 판독할 수 없음").click()
    assert asked.value.post_data_json == {"reason": "image-unreadable"}
    page.get_by_role("heading", name="작업 목록").wait_for()
