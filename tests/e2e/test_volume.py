"""Three planes of a CT volume with WebGL, their greys against numpy, what is said without it; and earlier images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from e2e.browsing import serious, settled, shoot
from e2e.reading_place import ready
from e2e.served_ward import ServedWard, served_ward
from fakes.hospital import Hospital, saying
from fakes.slices import (
    CORNER_MM,
    EARLIER,
    INTERCEPT,
    SHAPE,
    SPACING_MM,
    WINDOW,
    SliceFrames,
    SliceHeaders,
    earlier_voxels,
    image_id,
    slices_before,
    slices_of_a_case,
    voxels,
)
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect
from waiting import until

from node.flows.projects import add_cases, make_project, open_project
from node.ground.ids import new_id
from node.labeling.project import NewProject
from node.readers.person import Person

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(600)]
TITLE, BOTH = "흉부 CT", "추적 검사"
WITHIN = 2.0  # greys of 255 that a view may be off
_NO_WEBGL = "HTMLCanvasElement.prototype.getContext = ((get) => function (kind, ...rest) {\
 return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest); })(HTMLCanvasElement.prototype.getContext);"
_GREYS = "canvas => { const all = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);\
 return [all.width, all.height, Array.from(all.data.filter((_, index) => index % 4 === 0))]; }"
_DIRECTIONS = {  # where the right and the lower edge of a view lie: left, back, head
    "axial": ((1, 0, 0), (0, 1, 0)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
}


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWard]:
    with served_ward(tmp_path_factory.mktemp("volume")) as ward:
        hospital = ward.hospital
        hospital.app.state.parts = replace(hospital.app.state.parts, frames=SliceFrames(), headers=SliceHeaders())
        hospital.admit(*slices_of_a_case())
        _project(hospital, TITLE)
        hospital.admit(*slices_before())
        _project(hospital, BOTH)
        yield ward


def _project(hospital: Hospital, title: str) -> None:
    """A project over every CT there is by now is open."""
    new = NewProject(title, "", "chest-film-abnormal", 1, 20)
    project_id = make_project(hospital.ward, new, hospital.act(), project_id=new_id()).project_id
    add_cases(hospital.ward, project_id, ["CT"], hospital.act())
    open_project(hospital.ward, project_id, hospital.act())


def _opened(browser: Browser, ward: ServedWard, reader: Person, title: str = TITLE, script: str = "") -> Page:
    """A reader's page with the case open, its first image shown."""
    page = ward.enter(browser, reader)
    if script:
        page.evaluate(f"() => {{ {script} }}")
    page.get_by_role("row").filter(has_text=title).get_by_role("button").click()
    ready(page)
    return page


def _holding(ward: ServedWard, reader: Person, title: str, image: str) -> None:
    """The reader holds the case of this image, and has read what came before it."""
    with ward.hospital.signed_in(reader) as signed:
        rows = signed.get("/api/worklist").json()["projects"]
        project_id = next(row["project_id"] for row in rows if row["title"] == title)
        sheet = signed.post("/api/assignments", json={"project_id": project_id}).json()
        while image not in {one["image_id"] for one in sheet["images"]}:
            signed.post(f"/api/assignments/{sheet['assignment_id']}/reading", json=saying()).raise_for_status()
            sheet = signed.post("/api/assignments", json={"project_id": project_id}).json()


@dataclass(frozen=True)
class View:
    """One of the three views as it is seen."""

    page: Page
    name: str

    @property
    def place(self) -> Locator:
        return self.page.locator(f".volume-view[data-view={self.name}]")

    def crossing(self) -> tuple[float, float]:
        """Where the two other planes are seen, in pixels."""
        upright, level = (self.place.locator(".volume-line").nth(which) for which in (0, 1))
        return float(upright.get_attribute("x1") or "nan"), float(level.get_attribute("y1") or "nan")

    def pixels_per_mm(self) -> float:
        """As the ruler has it."""
        line: list[Any] = self.place.locator(".ruler").evaluate(
            "ruler => [ruler.textContent, ruler.querySelector('path').getAttribute('d')]"
        )
        length = float("".join(sign for sign in line[0] if sign.isdigit() or sign == "."))
        return (float(line[1].split("H")[1].split("V")[0]) - 1) / length

    def height_mm(self) -> float:
        """How far towards the head the axial slice is said to be, in English; nan for any other words."""
        said = re.fullmatch(r"Axial · at H ([\d.]+) mm", self.place.locator(".volume-name").text_content() or "")
        return float(said[1]) if said else float("nan")

    def greys(self) -> NDArray[np.float64]:
        width, height, values = self.place.locator("canvas").evaluate(_GREYS)
        return np.array(values, dtype=np.float64).reshape(height, width)


def _expected(view: str, at: tuple[float, ...], crossing: tuple[float, float], scale: float, points: Any) -> Any:
    """Greys at these pixels [n, (x, y)] of a view, by linear interpolation; nan outside the voxels' centres."""
    right, down = (np.array(direction) for direction in _DIRECTIONS[view])
    off = (points + 0.5 - np.array(crossing)) / scale
    world = np.array(at) + off[:, :1] * right + off[:, 1:] * down
    index = ((world - np.array(CORNER_MM)) / np.array(SPACING_MM[::-1]))[:, ::-1]
    most = np.array(SHAPE) - 1
    inside = ((index >= 0) & (index <= most)).all(axis=1)
    low = np.clip(np.floor(index).astype(int), 0, most - 1)
    part, stored, total = index - low, voxels().astype(np.float64), np.zeros(len(points))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(np.array(corner) == 1, part, 1 - part), axis=1)
        total += weight * stored[tuple((low + np.array(corner)).T)]
    return np.where(inside, _greys_of(total), np.nan)


def _greys_of(stored: Any) -> Any:
    """Stored values through the header's window. Source: PS3.3 section C.11.2.1.2.1."""
    centre, width = WINDOW
    black = centre - 0.5 - (width - 1) / 2 - INTERCEPT
    return np.clip((stored - black) / (width - 1) * 255, 0, 255)


def _worst(view: View, at: tuple[float, ...]) -> float:
    """How far the means of blocks are from numpy's, at most."""
    greys, crossing, scale = view.greys(), view.crossing(), view.pixels_per_mm()
    height, width = greys.shape
    points = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).reshape(-1, 2)
    wanted = _expected(view.name, at, crossing, scale, points).reshape(height, width)
    side, worst, blocks = 16, 0.0, 0
    for top in range(0, height - side, side):
        for left in range(0, width - side, side):
            block = (slice(top, top + side), slice(left, left + side))
            if not np.isnan(wanted[block]).any():
                blocks += 1
                worst = max(worst, abs(float(wanted[block].mean() - greys[block].mean())))
    assert blocks > 20, f"{blocks} blocks of {view.name} lie in the volume"
    return worst


def _as_numpy_has_it(view: View, at: tuple[float, ...]) -> bool:
    return _worst(view, at) <= WITHIN


def _drawn_right(page: Page, at: tuple[float, ...]) -> None:
    for name in _DIRECTIONS:
        until(partial(_as_numpy_has_it, View(page, name), at), 20, f"{name} is as numpy has it")


def _loads_cornerstone_only_when_asked(page: Page) -> None:
    scripts: list[str] = []
    page.on("request", lambda asked: scripts.append(asked.url) if asked.url.endswith(".js") else None)
    settled(page)
    assert scripts == []
    page.get_by_role("button", name="세 단면 보기 (MPR)").click()
    page.locator(".volume-room[data-state=ready]").wait_for()
    assert scripts, "Cornerstone was there before anybody asked for it"


def test_three_planes_cross_where_the_reader_looks(browser: Browser, ward: ServedWard) -> None:
    page = _opened(browser, ward, ward.hospital.reader("판독의 하나"))
    _loads_cornerstone_only_when_asked(page)
    first = SHAPE[0] - 1
    height = CORNER_MM[2] + first * SPACING_MM[0]
    middle = (0.0, CORNER_MM[1] + 15.5 * SPACING_MM[1], height)
    expect(View(page, "axial").place.locator(".volume-name")).to_have_text(f"축상면 · 위치 H {height:.1f} mm")
    _drawn_right(page, middle)
    settled(page)
    shoot(page, "volume-ko")
    assert serious(page) == []

    axial = View(page, "axial")
    axial.place.focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    moved = (-1.0, middle[1], height - SPACING_MM[0])
    expect(axial.place.locator(".volume-name")).to_have_text(f"축상면 · 위치 H {moved[2]:.1f} mm")
    expect(View(page, "sagittal").place.locator(".volume-name")).to_have_text("시상면 · 위치 R 1.0 mm")
    _drawn_right(page, moved)

    page.get_by_role("button", name="English").click()
    coronal = View(page, "coronal")
    x, y = coronal.crossing()
    step = 3 * SPACING_MM[0] * coronal.pixels_per_mm()
    coronal.place.click(position={"x": x, "y": y + step})
    until(lambda: abs(axial.height_mm() - (moved[2] - 7.5)) <= 0.2, 20, "the axial slice is the one that was clicked")
    page.get_by_role("button", name="Invert").click()
    settled(page)
    shoot(page, "volume-en")
    assert serious(page) == []
    page.get_by_role("button", name="Three planes (MPR)").click()
    ready(page)
    page.get_by_text(f"5 of {SHAPE[0]}", exact=True).wait_for()
    page.close()


def test_a_pc_without_webgl_says_so_and_does_everything_else(browser: Browser, ward: ServedWard) -> None:
    page = _opened(browser, ward, ward.hospital.reader("판독의 둘"), script=_NO_WEBGL)
    page.get_by_role("button", name="세 단면 보기 (MPR)").click()
    expect(page.locator(".volume-switch .warning")).to_contain_text("WebGL을 쓸 수 없어")
    shoot(page, "volume-without-webgl-ko")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".volume-switch .warning")).to_contain_text("has no WebGL")
    settled(page)
    shoot(page, "volume-without-webgl-en")
    assert serious(page) == []
    page.keyboard.press("PageDown")
    page.get_by_text(f"2 of {SHAPE[0]}", exact=True).wait_for()
    page.locator("canvas.film").wait_for()
    page.close()


def test_a_tilted_gantry_makes_no_volume_and_it_is_said_why(browser: Browser, ward: ServedWard) -> None:
    parts = ward.hospital.app.state.parts
    ward.hospital.app.state.parts = replace(parts, headers=SliceHeaders(tilted=True))
    try:
        page = _opened(browser, ward, ward.hospital.reader("판독의 셋"))
        page.get_by_role("button", name="세 단면 보기 (MPR)").click()
        expect(page.locator(".volume-switch .warning")).to_contain_text("기울어진 갠트리")
        page.close()
    finally:
        ward.hospital.app.state.parts = parts


def test_a_slice_whose_greys_are_turned_makes_no_volume(browser: Browser, ward: ServedWard) -> None:
    parts = ward.hospital.app.state.parts
    ward.hospital.app.state.parts = replace(parts, frames=SliceFrames(inverted=3))
    try:
        reader = ward.hospital.reader("판독의 다섯")
        _holding(ward, reader, BOTH, image_id(0))
        page = _opened(browser, ward, reader, BOTH)
        page.get_by_role("button", name="세 단면 보기 (MPR)").click()
        expect(page.locator(".volume-switch .warning")).to_contain_text("계조가 다르거나")
        ready(page)
        expect(page.locator(".volume-room")).to_have_count(0)
        page.close()
    finally:
        ward.hospital.app.state.parts = parts


def test_earlier_images_stand_beside_and_go_along(browser: Browser, ward: ServedWard) -> None:
    reader = ward.hospital.reader("판독의 넷")
    _holding(ward, reader, BOTH, image_id(0))
    page = _opened(browser, ward, reader, BOTH)
    page.get_by_role("button", name="이전 영상").click()
    earlier, name = page.locator(".prior-room"), page.locator(".prior-name")
    expect(name).to_have_text(f"50일 전 · {EARLIER}장 중 1번째")
    earlier.locator("canvas").wait_for()

    def off() -> float:
        _, _, values = earlier.locator("canvas").evaluate(_GREYS)
        return float(abs(np.mean(values) - _greys_of(earlier_voxels(EARLIER - 1).astype(np.float64)).mean()))

    until(lambda: off() <= 1.0, 20, "the earlier slice as numpy has it")
    settled(page)
    shoot(page, "prior-ko")
    assert serious(page) == []
    for _ in range(5):
        page.keyboard.press("PageDown")
    expect(name).to_have_text(f"50일 전 · {EARLIER}장 중 3번째")
    earlier.hover()
    page.mouse.wheel(0, 100)
    expect(name).to_have_text(f"50일 전 · {EARLIER}장 중 4번째")
    page.get_by_role("button", name="English").click()
    expect(name).to_have_text(f"50 days earlier · 4 of {EARLIER}")
    settled(page)
    shoot(page, "prior-en")
    assert serious(page) == []
    page.get_by_role("button", name="Earlier images").click()
    expect(earlier).to_have_count(0)
    page.close()
