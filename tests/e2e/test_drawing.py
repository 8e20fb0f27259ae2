"""A whole reading by keyboard, and drawing by mouse without WebGL, as the node then has it; both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.browsing import serious, shoot
from e2e.node_process import NodeProcess
from e2e.reading_place import enter, open_case, reading_node, saved, saved_draft, watched_page
from playwright.sync_api import Browser, Page, Response, expect

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(900)]
FINDINGS, BREAST = "chest-film-findings", "breast-mammography"
_NO_WEBGL = "HTMLCanvasElement.prototype.getContext = ((get) => function (kind, ...rest) {\
 return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest); })(HTMLCanvasElement.prototype.getContext);"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with reading_node(tmp_path_factory.mktemp("drawing"), films=2, schemas={FINDINGS: 1, BREAST: 1}) as node:
        yield node


@pytest.fixture
def page(browser: Browser, node: NodeProcess) -> Iterator[Page]:
    """A page without WebGL; a console error or a request off the node fails the test."""
    complaints: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_init_script(_NO_WEBGL)
        yield watched_page(context, node, complaints)
    assert complaints == []


class Film:
    """The picture on the screen, by its own pixels; the canvas lies where the image is shown."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def _at(self, column: float, row: float) -> tuple[float, float]:
        box = self._page.locator("canvas.film").bounding_box()
        size = self._page.locator("canvas.film").evaluate("canvas => [canvas.width, canvas.height]")
        assert box is not None
        return box["x"] + column / size[0] * box["width"], box["y"] + row / size[1] * box["height"]

    def click(self, column: float, row: float) -> None:
        self._page.mouse.click(*self._at(column, row))

    def drag(self, *points: tuple[float, float]) -> None:
        self._page.mouse.move(*self._at(*points[0]))
        self._page.mouse.down()
        for point in points[1:]:
            self._page.mouse.move(*self._at(*point), steps=4)
        self._page.mouse.up()


def _armed(page: Page) -> None:
    page.locator(".film-room[data-state=drawing]").wait_for()


def _marks(page: Page, count: int) -> None:
    expect(page.locator("[data-mark-row]")).to_have_count(count)


def _submitted(page: Page) -> list[dict[str, Any]]:
    """What the reading said that Enter submits."""

    def sent(answer: Response) -> bool:
        return answer.url.endswith("/reading") and answer.request.method == "POST"

    page.locator("button.main:not([disabled])").wait_for()
    with page.expect_response(sent) as given:
        page.keyboard.press("Enter")
    assert given.value.status == 201, given.value.text()
    content: list[dict[str, Any]] = json.loads(given.value.request.post_data or "")["answers"]
    return content


def test_a_case_is_read_by_keyboard_alone(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 하나", "reader"))
    open_case(page, FINDINGS)
    assert serious(page) == []
    findings, diagnoses = (page.locator(f"fieldset[data-question={code}]") for code in ("findings", "diagnoses"))
    expect(findings).to_have_attribute("data-here", "true")
    letter = findings.get_by_role("button").filter(has_text="없음").locator("kbd").inner_text()
    page.keyboard.press(f"Key{letter}" if letter.isalpha() else letter)
    expect(diagnoses).to_have_attribute("data-here", "true")
    page.keyboard.press("Digit2")
    page.keyboard.press("Digit4")
    page.keyboard.press("Digit6")
    page.keyboard.press("Control+z")
    expect(diagnoses.locator("button[aria-pressed=true]")).to_have_count(2)
    assert _submitted(page) == [
        {"question": "findings", "abstention": "absent"},
        {"question": "diagnoses", "options": ["pneumonia", "copd"]},
    ]


def test_boxes_are_drawn_moved_undone_and_deleted(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 둘", "reader"))
    open_case(page, FINDINGS)
    film = Film(page)
    page.keyboard.press("Digit1")
    _armed(page)
    film.drag((40, 50), (100, 120))
    _marks(page, 1)
    page.keyboard.press("Digit4")
    _armed(page)
    film.drag((180, 90), (140, 60))
    _marks(page, 2)
    film.drag((180, 75), (190, 85))
    saved(page)
    shoot(page, "reading-boxes-ko")
    assert serious(page) == []
    page.keyboard.press("Control+z")
    saved(page)
    page.keyboard.press("Delete")
    _marks(page, 1)
    page.get_by_role("button", name="되돌리기").click()
    _marks(page, 2)
    page.get_by_role("button", name="English").click()
    page.get_by_text("Draw").first.wait_for()
    shoot(page, "reading-boxes-en")
    page.locator("fieldset[data-question=diagnoses] button.choice").nth(5).click()
    (findings, _) = _submitted(page)
    labels = [mark["label"] for mark in findings["marks"]]
    assert labels == ["aortic-enlargement", "cardiomegaly"]
    for mark, wanted in zip(findings["marks"], ([40, 50, 100, 120], [140, 60, 180, 90]), strict=True):
        corners = [*mark["shape"]["upper_left"], *mark["shape"]["lower_right"]]
        assert corners == pytest.approx(wanted, abs=1.0)


def test_outlines_are_drawn_under_zoom_and_turn_and_asked_about_one_by_one(page: Page, node: NodeProcess) -> None:
    enter(page, node, node.add_person("판독의 셋", "reader"))
    open_case(page, BREAST)
    film = Film(page)
    masses = page.locator("fieldset[data-question=masses]")
    page.keyboard.press("Shift+KeyE")
    _armed(page)
    film.drag((60, 60), (100, 90))
    _marks(page, 1)
    for _ in range(2):
        page.keyboard.press("Equal")
    page.keyboard.press("Shift+KeyP")
    _armed(page)
    for corner in ((120, 120), (150, 120), (150, 150)):
        film.click(*corner)
    page.keyboard.press("Enter")
    _marks(page, 2)
    page.keyboard.press("Shift+KeyF")
    page.keyboard.press("Shift+KeyC")
    _armed(page)
    film.drag((100, 130), (130, 140), (110, 170), (100, 150))
    _marks(page, 3)
    expect(page.locator("fieldset[data-question=mass-shape]")).to_have_count(1)
    page.get_by_role("button", name="표시 3 삭제").click()
    _marks(page, 2)
    masses.get_by_role("button", name="표시 1 선택").click()
    for question in ("mass-shape", "mass-margin", "mass-density"):
        page.locator(f"fieldset[data-question={question}] button.choice").nth(1).click()
    expect(page.locator("[data-mark-row=m2]")).to_have_class("own")
    saved(page)
    shoot(page, "reading-outlines-ko")
    draft = saved_draft(page)
    assert {key for key in draft["answers"] if key.endswith("|m1")} == {
        f"{question}|||m1" for question in ("mass-shape", "mass-margin", "mass-density")
    }
    content = draft["marks"]
    assert content["m1"]["shape"]["centre"] == pytest.approx([80, 75], abs=1.0)
    corners = [value for corner in content["m2"]["shape"]["corners"] for value in corner]
    assert corners == pytest.approx([120, 120, 150, 120, 150, 150], abs=1.0)
