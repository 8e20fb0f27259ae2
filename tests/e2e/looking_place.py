"""The study of eight images on the reading page: which is shown, where its pixels are, what was painted."""

from __future__ import annotations

from typing import Any

from e2e.voi_study import SIDE
from playwright.sync_api import Page


def at(page: Page, number: int) -> None:
    page.locator(f"canvas.film[data-spot='{number}']").wait_for()


def room(page: Page, across: float, down: float) -> tuple[float, float]:
    """A place on the image, by its pixels."""
    box = page.locator("canvas.film").bounding_box()
    assert box is not None
    return box["x"] + across / SIDE * box["width"], box["y"] + down / SIDE * box["height"]


def drag(page: Page, *points: tuple[float, float], button: Any = "left") -> None:
    page.mouse.move(*room(page, *points[0]))
    page.mouse.down(button=button)
    for point in points[1:]:
        page.mouse.move(*room(page, *point), steps=3)
    page.mouse.up(button=button)


def painted(mark: dict[str, Any]) -> int:
    edges: list[int] = [edge for line in mark["shape"]["lines"].values() for edge in line]
    return sum(edges[1::2]) - sum(edges[::2])
