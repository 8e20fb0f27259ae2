"""Rounds and releases of patients at the page's API: numbers come in, sentences go out over the wall's socket."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes.asking import answer, train
from fakes.wall import Wall, a_wall
from fakes.wall_desk import a_desk
from fastapi import FastAPI
from starlette.testclient import TestClient

from node.edges.wall_socket import WallClient, WallServer
from node.edges.web.parts import parts_of
from node.edges.web.routers.taking_part import taking_part_router


class KnownNumbers:
    """The intake knows the hospital's number of patient n as `P-n`."""

    def patients_named(self, number_lookups: set[str]) -> frozenset[int]:
        return frozenset(int(lookup.removeprefix("P")) for lookup in number_lookups)


class PlainLookups:
    def patient_number(self, number: str) -> str:
        return number.replace("-", "")


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    made = a_wall(tmp_path)
    yield made
    made.engine.dispose()
    made.round_engine.dispose()


@pytest.fixture
def page(wall: Wall, tmp_path: Path) -> Iterator[TestClient]:
    server = WallServer(tmp_path / "wall.sock", a_desk(wall))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    app = FastAPI()
    app.include_router(taking_part_router(WallClient(tmp_path / "wall.sock")))
    exclusions = SimpleNamespace(rows=KnownNumbers(), lookups=PlainLookups())
    app.dependency_overrides[parts_of] = lambda: SimpleNamespace(exclusions=exclusions)
    yield TestClient(app)
    server.shutdown()
    server.server_close()


def test_a_list_is_answered_with_rounds_in_both_languages_and_no_number(wall: Wall, page: TestClient) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    told = page.post("/api/exclusions/rounds", json={"numbers": [f"P-{number}" for number in range(30)]})
    assert told.status_code == 200
    (run,) = told.json()["runs"]
    assert (run["learnt"], run["left"]) == ([1], [1])
    assert {"en", "ko"} == set(run["told"][0])
    assert "P-1" not in told.text
    assert "patient_number" not in told.text
    nobody = page.post("/api/exclusions/rounds", json={"numbers": ["P-4711"]}).json()
    assert (nobody["runs"], nobody["unrecorded"]) == ([], [])
    assert "unlearnt" in nobody["about"]["en"]
