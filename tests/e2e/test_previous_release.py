"""Data directories that an earlier release left behind are opened by this one, and everything in them is still there.

Each archive in `tests/releases` holds one hospital's home, its coordinator's and its partner's, as
`python -m tests.releases.keep` packed them when that version was closed.
"""

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.browsing import blank_page, serious, shoot
from e2e.coordinator_place import KeptCoordinator, attempt
from e2e.node_process import KeptNode, NodeProcess, Signed
from playwright.sync_api import Browser

from deploy.demo.hospital import SCHEMA

RELEASES = sorted((Path(__file__).parents[1] / "releases").glob("*.tar.xz"))

HEADS = {
    "ko": ("참여 기관", "계획", "라운드", "공개 모델"),
    "en": ("Sites", "Plans", "Rounds", "Releases"),
}

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_a_release_is_kept() -> None:
    assert RELEASES


@pytest.fixture(scope="module", params=RELEASES, ids=[path.name.removesuffix(".tar.xz") for path in RELEASES])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The homes of one earlier release, unpacked."""
    work = tmp_path_factory.mktemp("kept")
    with tarfile.open(request.param, "r:xz") as archive:
        archive.extractall(work, filter="data")
    return work


@pytest.fixture(scope="module")
def known(kept: Path) -> dict[str, Any]:
    """What that release knew of itself when it was packed."""
    return dict(json.loads((kept / "known.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def node(kept: Path, known: dict[str, Any]) -> Iterator[NodeProcess]:
    """The hospital's node, run by this release on ports that are free here."""
    node = KeptNode(kept / known["site"])
    try:
        node.start()
        yield node
    finally:
        node.stop()


def test_what_left_is_all_there_and_every_byte_of_it_holds(node: NodeProcess, known: dict[str, Any]) -> None:
    proof = node.command("ledger", "verify")
    assert proof["entries"] >= len(known["ledger"])
    with Signed(node.address, node.login_code(f"{known['site']} steward")) as steward:
        rows = steward.json("GET", "/api/ledger?limit=500")["entries"]
    assert [row["message_kind"] for row in rows][: len(known["ledger"])] == known["ledger"]


def test_people_images_and_readings_are_all_there(node: NodeProcess, known: dict[str, Any]) -> None:
    with Signed(node.address, node.login_code(f"{known['site']} it")) as it:
        assert sorted(person["name"] for person in it.json("GET", "/api/people")["people"]) == known["people"]
        assert it.json("GET", "/api/intake") == known["images"]
    with Signed(node.address, node.login_code(f"{known['site']} lead")) as lead:
        projects = lead.json("GET", "/api/projects")["projects"]
        progress = [lead.json("GET", f"/api/projects/{project['project_id']}/progress") for project in projects]
    assert sum(project["readings"] for project in progress) == known["readings"]


def test_its_films_can_be_read_again(node: NodeProcess, known: dict[str, Any]) -> None:
    with Signed(node.address, node.login_code(f"{known['site']} lead")) as lead:
        form = {"title": "Again 다시", "schema_code": SCHEMA, "schema_version": 1, "reads_per_case": 1}
        project = lead.json("POST", "/api/projects", form)["project_id"]
        added = lead.json("POST", f"/api/projects/{project}/cases", {"modalities": ["CR", "DX"]})["added"]
        lead.json("POST", f"/api/projects/{project}/open")
    assert added == known["images"]["clean"]
    with Signed(node.address, node.login_code(f"{known['site']} reader 1")) as reader:
        case = reader.json("POST", "/api/assignments", {"project_id": project})
        image = f"/api/assignments/{case['assignment_id']}/images/{case['images'][0]['image_id']}"
        shown = reader.client.get(f"{image}/frames/1/preview.png")
    assert shown.content.startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def coordinator(kept: Path) -> Iterator[KeptCoordinator]:
    """The coordinator, run by this release on ports that are free here."""
    coordinator = KeptCoordinator(kept)
    try:
        coordinator.start()
        yield coordinator
    finally:
        coordinator.stop()


def test_the_coordinator_still_knows_its_site_runs_and_release(
    coordinator: KeptCoordinator, known: dict[str, Any]
) -> None:
    assert known["fingerprint"] in [site["fingerprint"] for site in coordinator.asks("sites")]
    assert [run["plan_id"] for run in coordinator.asks("runs")] == [known["plan_id"]]
    assert [release["plan_id"] for release in coordinator.asks("releases")] == [known["plan_id"]]


@pytest.mark.screens
def test_the_operators_page_shows_all_of_it_in_both_languages(
    coordinator: KeptCoordinator, known: dict[str, Any], browser: Browser
) -> None:
    page = blank_page(browser, height=1000)
    address = f"http://127.0.0.1:{coordinator.api_port}/operator"
    page.goto(f"{address}/sign-in?lang=ko")
    shoot(page, "operator-sign-in-ko")
    page.get_by_role("textbox").fill(coordinator.asks("login-code")["code"])
    page.get_by_role("button").click()
    for language, heads in HEADS.items():
        page.goto(f"{address}/?lang={language}")
        for head in heads:
            page.get_by_role("heading", name=head, exact=True).wait_for()
        assert known["site"] in page.locator("main").inner_text()
        assert serious(page) == []
        shoot(page, f"operator-{language}")
    page.close()


def test_the_partner_still_has_its_key(kept: Path) -> None:
    done = attempt("coordinator.partner", "key", "--home", str(kept / "partner"), "--json")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\S{40,}", json.loads(done.stdout)["key"])
