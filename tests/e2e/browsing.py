"""Debian's Chromium for end-to-end tests, pictures of the pages, and what axe has against them."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Page

SCREENS = Path(__file__).parents[2] / "var" / "screens"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def shoot(page: Page, name: str) -> None:
    """A picture of the page in `var/screens`."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png")


def serious(page: Page) -> list[str]:
    """The rules of axe that the page breaks seriously."""
    found = Axe().run(page).response["violations"]
    return [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
