"""A ward behind the built page in this process: the real application over a real database, and a clock that is moved.

For pages that need months to pass or many people to act. What needs a whole node (images, processes, the wall) has its
own tests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from e2e.browsing import SCREENS, blank_page, serious, settled
from fakes.hospital import Hospital, hospital_at
from playwright.sync_api import Browser, ConsoleMessage, Page, Request
from waiting import patient, until

from deploy.demo.processes import free_ports
from node.edges.web.app import PAGE
from node.readers.person import Person

REFUSALS = ("(Unauthorized)", "(Conflict)")
"""What the browser itself writes where the node refuses as it should."""


@dataclass(frozen=True, slots=True)
class ServedWard:
    """A hospital, and where its page is."""

    hospital: Hospital
    address: str
    complaints: list[str] = field(default_factory=list)
    """Console errors, and requests to another host."""

    def enter(self, browser: Browser, person: Person) -> Page:
        """The page with this person signed in, on the hospital's clock; its complaints are kept."""
        page = blank_page(browser, height=1000)
        page.clock.set_fixed_time(self.hospital.clock.now())
        page.set_default_timeout(patient(20) * 1000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._hear(message))  # noqa: PLW0108 - Playwright marks what it is given
        page.on("request", lambda request: self._watch(request))  # noqa: PLW0108 - Playwright marks what it is given
        page.route("**/api/plans", lambda route: route.fulfill(json=[]))  # the wall is not here, so no plan is
        page.goto(self.address)
        page.get_by_label("일회용 로그인 코드").fill(self.hospital.code(person))
        page.get_by_role("button", name="코드로 로그인").click()
        page.get_by_role("button", name="로그아웃").wait_for()
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in REFUSALS):
            self.complaints.append(message.text)

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(request.url)


@contextmanager
def served_ward(folder: Path) -> Iterator[ServedWard]:
    """The ward answers until the block ends; the page is the one that was built."""
    (folder / "page").symlink_to(PAGE, target_is_directory=True)
    with hospital_at(folder) as hospital:
        (port,) = free_ports(1)
        settings = uvicorn.Config(
            hospital.app, host="127.0.0.1", port=port, log_level="warning", lifespan="off", ws="none"
        )
        server = uvicorn.Server(settings)
        serving = threading.Thread(target=server.run)
        serving.start()
        try:
            until(lambda: server.started, 30, "the page")
            ward = ServedWard(hospital, f"http://127.0.0.1:{port}")
            yield ward
            assert not ward.complaints, ward.complaints
        finally:
            server.should_exit = True
            serving.join(patient(30))


def part(page: Page, name: str) -> None:
    """This part of the page is shown."""
    page.locator("nav.parts").get_by_role("button", name=name, exact=True).click()
    settled(page)


def whole(page: Page, name: str) -> None:
    """A picture of the page to its end in `var/screens`."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def both_languages(page: Page, name: str) -> None:
    """Pictures of what is shown, in Korean and in English; nothing serious stands against it in either."""
    settled(page)
    whole(page, f"{name}-ko")
    assert serious(page) == []
    page.get_by_role("button", name="English", exact=True).click()
    page.get_by_role("button", name="Sign out").wait_for()
    settled(page)
    whole(page, f"{name}-en")
    assert serious(page) == []
    page.get_by_role("button", name="한국어", exact=True).click()
    page.get_by_role("button", name="로그아웃").wait_for()
    settled(page)
