"""The browser that end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e.browsing import FLAGS
from playwright.sync_api import Browser, expect, sync_playwright
from waiting import patient


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=patient(5) * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
