"""The shortest way to read gives the bytes of the long one, refuses alike, and leaves what is unusual to the route."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fakes.hospital import Hospital, hospital_at, saying
from httpx import Response
from starlette.testclient import TestClient

from node.edges.web.parts import Shortcut
from node.edges.web.quick_reading import reading_shortcuts

CHANGE = str(UUID(int=5, version=4))
NEW = re.compile(r'"reading_id":"[0-9a-f-]{36}"')


class Ways(dict[tuple[str, str], Shortcut]):
    """The shortcuts of a hospital that is made after them, with what each of them said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bool] = []

    def open_for(self, hospital: Hospital) -> None:
        self.update({route: self._heard(way) for route, way in reading_shortcuts(hospital.app.state.parts).items()})

    def _heard(self, way: Shortcut) -> Shortcut:
        async def heard(scope: Any, send: Any) -> bool:
            self.said.append(await way(scope, send))
            return self.said[-1]

        return heard


def seen(answer: Response) -> tuple[int, str, Mapping[str, str]]:
    return answer.status_code, NEW.sub("", answer.text), dict(answer.headers)


def stroke(version: int, change: str = CHANGE) -> dict[str, Any]:
    body = {"change_set_id": change, "body": {"줄": [1, 2.5]}}
    return {"json": body, "headers": {"If-Match": f'"{version}"'}}


def conversation(browser: TestClient) -> list[Any]:
    """A reader's day with its mistakes."""
    seen_so_far = [seen(browser.get("/api/worklist"))]
    given = browser.post("/api/assignments", json={})
    own = f"/api/assignments/{given.json()['assignment_id']}"
    asked = [
        ("POST", "/api/assignments", {"json": {"project_id": None}}),
        ("POST", f"{own}/draft/changes", stroke(0)),
        ("POST", f"{own}/draft/changes", stroke(0)),
        ("POST", f"{own}/draft/changes", stroke(7, str(UUID(int=6, version=4)))),
        ("POST", f"{own}/draft/changes", {"json": {"change_set_id": CHANGE, "body": {}}}),
        ("POST", f"{own}/draft/changes", {"json": {}, "headers": {"If-Match": "seven"}}),
        ("POST", f"{own}/reading", {"json": {"answers": []}}),
        ("POST", f"{own}/reading", {"json": {**saying(), "answers": [{"question": "x", "option": "y"}]}}),
        ("POST", f"{own}/reading", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        ("POST", f"{own}/reading", {"json": saying(), "headers": {"Idempotency-Key": "short"}}),
        ("POST", f"{own}/reading", {"json": saying(), "headers": {"Idempotency-Key": "long-enough"}}),
        ("POST", f"{own}/reading", {"json": saying(), "headers": {"Idempotency-Key": "long-enough"}}),
        ("POST", f"{own}/reading", {"json": saying("absent")}),
        ("POST", "/api/assignments/not-an-id/reading", {"json": saying()}),
        ("POST", f"/api/assignments/{UUID(int=9, version=4)}/reading", {"json": saying()}),
        ("POST", "/api/assignments", {"json": {"project": 1}}),
        ("GET", "/api/worklist", {}),
        ("POST", "/api/assignments", {"json": {}}),
    ]
    return [*seen_so_far, seen(given), *(seen(browser.request(*one[:2], **one[2])) for one in asked)]


def test_both_ways_say_the_same_to_everything(tmp_path: Path) -> None:
    begun, plain, quick = tmp_path / "begun", tmp_path / "plain", tmp_path / "quick"
    begun.mkdir()
    with hospital_at(begun) as hospital:
        reader = hospital.reader("김영상")
        hospital.project(films=1, reads_per_case=1)
    shutil.copytree(begun, plain)
    shutil.copytree(begun, quick)
    with hospital_at(plain, keep=True) as hospital:
        long_way = conversation(hospital.signed_in(reader))
    ways = Ways()
    with hospital_at(quick, keep=True, shortcuts=ways) as hospital:
        ways.open_for(hospital)
        short_way = conversation(hospital.signed_in(reader))
    assert short_way == long_way
    assert [status for status, _, _ in short_way[:4]] == [200, 201, 201, 200]
    assert (ways.said.count(True), ways.said.count(False)) == (13, 7)


def test_the_shortest_way_asks_the_guard_first(tmp_path: Path) -> None:
    ways = Ways()
    with hospital_at(tmp_path, shortcuts=ways) as hospital:
        ways.open_for(hospital)
        browser = hospital.signed_in(hospital.reader("김영상"))
        del browser.headers["X-Intramuros-CSRF"]
        assert browser.post("/api/assignments", json={}).json()["code"] == "csrf-missing"
        assert hospital.browser().get("/api/worklist").status_code == 401
    assert ways.said == []


def test_an_error_nobody_foresaw_leaves_as_a_problem_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    ways = Ways()
    with hospital_at(tmp_path, shortcuts=ways) as hospital:
        ways.open_for(hospital)
        browser = hospital.signed_in(hospital.reader("김영상"))
        monkeypatch.setattr("node.flows.read.worklist", broken)
        answer = browser.get("/api/worklist")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "secret" not in answer.text
