"""Nothing undeclared leaves: every byte of a whole demo is a ledgered message or one of a closed list.

The demo plants a canary in every image, records what each node sends where TLS ends, and sends leaks on purpose the
same way. Here its captures are read again, request by request, against the ledgers of the nodes it left behind.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from attacks.demo_walk import walk_demo
from attacks.fleet_capture import unexplained, unknown_headers
from attacks.http_streams import Request, requests_of
from sqlalchemy import select

from deploy.demo.canary import search
from deploy.demo.control import VARIANTS
from node.storage.engine import Database, reading
from node.storage.wall_tables import ledger_entry, outbox
from node.wiring.place import open_place

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
API_HEADERS = {
    "host": r"[0-9A-Za-z.:\[\]-]{1,255}",
    "accept": r"\*/\*",
    "accept-encoding": r"[a-z, ]{0,40}",
    "connection": r"keep-alive",
    "user-agent": r"python-httpx/[0-9.]{1,12}",
    "content-type": r"application/vnd\.intramuros\.sealed",
    "content-length": r"[0-9]{1,8}",
    "authorization": r"Intramuros site=[0-9a-f-]{36},at=[0-9]{10},signature=[A-Za-z0-9_-]{86}",
}
POSTS = (
    "/api/enrolments",
    "/api/approvals",
    "/api/withdrawals",
    "/api/ledger-roots",
    "/api/peer-keys",
    "/api/peer-key-revocations",
)
POLLS = re.compile(r"/api/inbox|/api/rosters/[1-9][0-9]{0,6}")


@pytest.fixture(scope="module")
def demo() -> Path:
    """The folder of a finished demo over the phantoms; one may be named to save a run."""
    given = os.environ.get("INTRAMUROS_DEMO_WORK")
    work = Path(given) if given else ROOT / "var" / "attacks-demo"
    if not given:
        walk_demo(work)
    return work


@pytest.fixture(scope="module")
def report(demo: Path) -> dict[str, Any]:
    return dict(json.loads((demo / "report.json").read_text(encoding="utf-8")))


def _captured(demo: Path, node: str) -> list[Request]:
    return [
        request
        for file in sorted((demo / "capture" / node).glob("*.http"))
        for request in requests_of(file.read_bytes())
    ]


def _nodes(report: dict[str, Any]) -> list[str]:
    return [site["name"] for site in report["sites"]]


def _frames(demo: Path, node: str) -> list[bytes]:
    """The exact bytes the node's outbox holds, each named by one ledger entry."""
    place = open_place(demo / "homes" / node)
    with reading(place.engine(Database.WALL)) as connection:
        return list(
            connection.scalars(
                select(outbox.c.sealed).join(ledger_entry, ledger_entry.c.sent_sha256 == outbox.c.sent_sha256)
            )
        )


def test_every_leak_sent_on_purpose_is_found(demo: Path) -> None:
    files = sorted((demo / "capture" / "control").glob("*.http"))
    assert len(files) == len(VARIANTS)
    assert [file.name for file in files if not search(file.read_bytes())] == []


def test_no_canary_is_in_what_any_node_sent(demo: Path, report: dict[str, Any]) -> None:
    assert report["canary"]["planted"] == sum(site["images"] for site in report["sites"]) > 0
    for node in _nodes(report):
        files = list((demo / "capture" / node).glob("*.http"))
        assert files, node
        assert [file.name for file in files if search(file.read_bytes())] == []


def test_every_fleet_request_is_a_ledgered_frame_or_on_the_closed_list(demo: Path, report: dict[str, Any]) -> None:
    for node in _nodes(report):
        fleet = [request for request in _captured(demo, node) if request.target.startswith("/v1/fleet/")]
        assert fleet, node
        assert unexplained([(one.target, one.body) for one in fleet if one.complete], _frames(demo, node)) == []
        assert [line for one in fleet for line in unknown_headers(one.headers)] == []


def test_every_api_request_is_a_ledgered_frame_or_an_empty_poll(demo: Path, report: dict[str, Any]) -> None:
    for node in _nodes(report):
        frames = set(_frames(demo, node))
        for request in _captured(demo, node):
            if request.target.startswith("/v1/fleet/") or not request.complete:
                continue
            assert _unknown_api_headers(request) == []
            if request.method == "GET":
                assert (POLLS.fullmatch(request.target) is not None, request.body) == (True, b"")
            else:
                assert request.target in POSTS
                assert request.body in frames, f"{request.target}: bytes that are in no ledger"


def test_every_ledgered_frame_was_seen_to_leave(demo: Path, report: dict[str, Any]) -> None:
    for node in _nodes(report):
        sent = b"\0".join(file.read_bytes() for file in (demo / "capture" / node).glob("*.http"))
        assert [len(frame) for frame in _frames(demo, node) if frame not in sent] == []


def _unknown_api_headers(request: Request) -> list[str]:
    return [
        name
        for name, value in request.headers
        if not re.fullmatch(API_HEADERS.get(name.lower(), "(?!)"), value, re.ASCII)
    ]
