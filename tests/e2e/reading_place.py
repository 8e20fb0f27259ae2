"""A node with open projects over a few drawn films, and a reader at its page; for tests of the reading page."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from e2e.node_process import PEER, NodeProcess, Signed
from playwright.sync_api import BrowserContext, Page
from waiting import patient

from deploy.demo.canary import Canary
from deploy.demo.phantoms.folder import write_phantoms
from deploy.demo.sender import Destination, send

_COMPLAINTS = {
    "401 (Unauthorized)", "412 (Precondition Failed)",
    "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "ERR_FAILED",
    "ERR_INTERNET_DISCONNECTED",
}  # fmt: skip
"""What a browser writes to its console of itself when a request was refused, or the node was away or went away."""


@contextmanager
def reading_node(folder: Path, *, films: int, schemas: dict[str, int]) -> Iterator[NodeProcess]:
    """A running node whose films are clean, with one open project for each schema; it ends with the block."""
    write_phantoms(folder / "phantoms", 1)
    files = sorted((folder / "phantoms" / "site-north").glob("*.dcm"))[:films]
    with node_over(folder, files, schemas) as node:
        yield node


@contextmanager
def node_over(folder: Path, files: list[Path], schemas: dict[str, int]) -> Iterator[NodeProcess]:
    """A running node to which these films were sent and are clean, with one open project for each schema."""
    node = NodeProcess(folder / "home", "서울 시험 병원")
    node.start()
    try:
        send(files, map(Canary, range(len(files))), Destination(node.dicom_port, "INTRAMUROS", PEER))
        with Signed(node.address, node.add_person("전산 담당", "it")) as it:
            node.wait(lambda: it.json("GET", "/api/intake")["waiting"] == 0, "cleaning")
        with Signed(node.address, node.add_person("과제 책임자", "lead")) as lead:
            for schema, version in schemas.items():
                _open_project(lead, schema, version)
        yield node
    finally:
        node.stop()


def _open_project(lead: Signed, schema: str, version: int) -> None:
    new: dict[str, Any] = {"title": schema, "schema_code": schema, "schema_version": version, "reads_per_case": 20}
    project = lead.json("POST", "/api/projects", new)["project_id"]
    lead.json("POST", f"/api/projects/{project}/cases", {"modalities": ["CR", "DX"]})
    lead.json("POST", f"/api/projects/{project}/open")


def kill(node: NodeProcess) -> None:
    """Every process of the node is gone without a word."""
    state = json.loads((node.home / "run" / "state.json").read_text(encoding="utf-8"))
    pids = [child["pid"] for child in state["children"].values() if child["pid"] is not None]
    node.stop(signal.SIGKILL)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def watched_page(context: BrowserContext, node: NodeProcess, complaints: list[str]) -> Page:
    """A page whose console errors and requests off the node are written down."""
    page = context.new_page()
    page.set_default_timeout(patient(30) * 1000)
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and _ours(said.text) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(_own(node)) else complaints.append(asked.url))
    return page


def enter(page: Page, node: NodeProcess, code: str) -> None:
    """Signed in with a one-time code, on the worklist."""
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(code)
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name="로그아웃").wait_for()


def open_case(page: Page, project: str) -> None:
    """The next case of a project is open: its film is shown and its draft can be worked on."""
    page.get_by_role("row").filter(has_text=project).get_by_role("button").click()
    ready(page)


def ready(page: Page) -> None:
    """The film is shown, and the form takes answers."""
    page.locator(".film-room[data-state=ready] canvas.film").wait_for()
    page.locator("fieldset[data-question]:not([disabled])").first.wait_for()


def saved(page: Page) -> None:
    """The page says that everything is with the node."""
    page.locator(".saved[data-saving=idle]").filter(has_text="저장됨").wait_for()


def saved_draft(page: Page) -> dict[str, Any]:
    """What the node has of the case that is open in the page, asked with the page's own session."""
    content: dict[str, Any] = page.evaluate(
        "async () => { const rows = (await (await fetch('/api/worklist')).json()).projects;"
        " const held = rows.map((row) => row.held_assignment_id).find((one) => one !== null);"
        " return (await (await fetch(`/api/assignments/${held}/draft`)).json()).content; }"
    )
    return content


def _ours(text: str) -> bool:
    return not any(known in text for known in _COMPLAINTS)


def _own(node: NodeProcess) -> tuple[str, ...]:
    return node.address, "data:", "blob:"
