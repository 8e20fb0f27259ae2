"""The built page beside the API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hospital import Hospital, hospital_at


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Hospital]:
    (tmp_path / "page" / "assets").mkdir(parents=True)
    (tmp_path / "page" / "index.html").write_text("<!doctype html><title>Intramuros</title>")
    (tmp_path / "page" / "assets" / "page-1a2b.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("not for the page")
    with hospital_at(tmp_path) as hospital:
        yield hospital


def test_the_page_is_served_to_anyone_and_its_hashed_files_may_be_kept(built: Hospital) -> None:
    browser = built.browser()
    assert "Intramuros" in browser.get("/").text
    assert browser.get("/").headers["cache-control"] == "no-cache"
    assert "immutable" in browser.get("/assets/page-1a2b.js").headers["cache-control"]


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/ward.db"])
def test_nothing_outside_the_page_can_be_fetched(built: Hospital, path: str) -> None:
    answer = built.browser().get(path)
    assert answer.status_code == 404
    assert "not for the page" not in answer.text


def test_the_page_takes_nothing(built: Hospital) -> None:
    assert built.browser().post("/", json={}).status_code == 405


def test_where_no_page_was_built_the_api_answers_all_the_same(tmp_path: Path) -> None:
    with hospital_at(tmp_path) as hospital:
        assert hospital.browser().get("/").status_code == 404
        assert hospital.browser().get("/api/health").status_code == 200
