"""Archives asked by DICOMweb, as node.toml names them: safe addresses, files that can be read, names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.dicomweb import NoImages

from node.ground.config import SettingsInvalid, WebArchive, new_config
from node.wiring.web_archives import ArchiveFileUnreadable, check_archives, web_source

URL = "https://pacs.example/dicom-web"


@pytest.mark.parametrize("url", [URL, "https://10.0.0.7:8443/", "http://127.0.0.1:8042/dicom-web", "http://localhost"])
def test_https_is_taken_everywhere_and_http_on_this_machine(url: str) -> None:
    check_archives([WebArchive(name="pacs", url=url)])


@pytest.mark.parametrize(
    "url",
    ["http://pacs.example/", "https://user:word@pacs.example/", "ftp://pacs.example", URL + "?a=b", "", "https://"],
)
def test_any_other_address_is_refused_with_what_it_must_be(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"web_archives\.0\.url must begin with https"):
        new_config({"name": "x", "dicom": {"web_archives": [{"name": "pacs", "url": url}]}})


def test_an_archive_and_a_pacs_have_different_names() -> None:
    pacs = {"name": "pacs", "ae_title": "PACS", "host": "10.0.0.7"}
    with pytest.raises(SettingsInvalid, match="same name"):
        new_config({"name": "x", "dicom": {"sources": [pacs], "web_archives": [{"name": "pacs", "url": URL}]}})


def test_a_token_is_shown_to_the_archive_alone_as_its_file_holds_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc123\n")
    source = web_source(WebArchive(name="pacs", url=URL, token=tmp_path / "token"), NoImages())
    assert source._client.headers["authorization"] == "Bearer abc123"
    assert source._client.follow_redirects is False
    assert source._client.trust_env is False
    source.abort()


@pytest.mark.parametrize("setting", ["token", "authorities"])
@pytest.mark.parametrize("contents", [None, "한글".encode()])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, setting: str, contents: bytes | None) -> None:
    path = tmp_path / "file"
    if contents is not None:
        path.write_bytes(contents)
    archive = WebArchive.model_validate({"name": "pacs", "url": URL, setting: path})
    with pytest.raises(ArchiveFileUnreadable, match=str(path)):
        check_archives([archive])
