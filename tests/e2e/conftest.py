"""The browser that end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e.browsing import FLAGS
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
