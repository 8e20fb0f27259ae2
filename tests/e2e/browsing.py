"""Debian's Chromium for end-to-end tests, pictures of the pages, and what axe has against them."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Browser, Page
from waiting import patient

SCREENS = Path(__file__).parents[2] / "var" / "screens"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

_COUNT_ASKED = """
window.asked = 0;
const asking = window.fetch;
const answered = () => setTimeout(() => { window.asked -= 1; }, 0);
window.fetch = (...what) => { window.asked += 1; return asking(...what).finally(answered); };
"""
_PAINTED_TWICE = (
    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
)


def blank_page(browser: Browser, *, height: int = 900) -> Page:
    """A page of a fresh profile, which ends with it; it counts what it asked and was not answered, for `settled`."""
    page = browser.new_page(viewport={"width": 1280, "height": height})
    page.set_default_timeout(patient(30) * 1000)
    page.add_init_script(_COUNT_ASKED)
    return page


def settled(page: Page) -> None:
    """What the page has asked for is there and drawn; a page that has asked for nothing else loads no further."""
    page.evaluate(_PAINTED_TWICE)
    page.wait_for_function("() => window.asked === 0")  # as a function: our pages forbid Playwright to eval a sentence
    page.evaluate(_PAINTED_TWICE)


def shoot(page: Page, name: str) -> None:
    """A picture of the page in `var/screens`."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png")


def serious(page: Page) -> list[str]:
    """The rules of axe that the page breaks seriously."""
    found = Axe().run(page).response["violations"]
    return [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
