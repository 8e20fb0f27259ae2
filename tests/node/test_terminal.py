"""A terminal in Korean and one in English: each refusal is one sentence in its language, and names no secret."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import an_invitation
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `run` becomes a command of the application there
from node.wiring.commands import app
from protocols.signing import PublicIdentity

KOREAN, ENGLISH = "ko_KR.UTF-8", "C.UTF-8"
HANGUL = range(0xAC00, 0xD7A4)
Typed = Callable[..., str]


@pytest.fixture(params=[KOREAN, ENGLISH])
def locale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("LC_ALL")
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", request.param)
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    monkeypatch.setenv("INTRAMUROS_NODE_HOME", str(made))
    ended = CliRunner().invoke(app, ["init", "--name", "Example hospital"])
    assert ended.exit_code == 0, ended.output
    return made


@pytest.fixture
def refused(locale: str, home: Path) -> Typed:
    def types(*words: str) -> str:
        """What a refused command said: one line, in the terminal's language, without a secret of this node."""
        ended = CliRunner().invoke(app, list(words))
        assert ended.exit_code == 1, ended.output
        assert ended.output.startswith("intramuros node: ")
        assert len(ended.output.splitlines()) == 1
        assert any(ord(letter) in HANGUL for letter in ended.output) is (locale == KOREAN), ended.output
        keys = [path.read_bytes() for path in (home / "keys").iterdir()]
        assert [key for key in keys if key.hex() in ended.output or key in ended.output.encode()] == []
        return ended.output

    return types


def test_a_configuration_that_is_wrong(refused: Typed, home: Path) -> None:
    settings = home / "node.toml"
    settings.write_text(settings.read_text() + "surprise = 1\n")
    told = refused("status")
    assert "surprise" in told
    assert str(settings) in told


def test_settings_that_make_no_node(refused: Typed, tmp_path: Path) -> None:
    words = ("--name", "", "--dicom-port", "70000", "--ae-title", "much too long a title")
    told = refused("init", "--home", str(tmp_path / "other"), *words)
    assert [name for name in ("name", "dicom.port", "dicom.ae_title") if name not in told] == []
    assert "pattern" not in told
    assert not (tmp_path / "other").exists()


def test_a_home_that_is_missing(refused: Typed, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert f"intramuros node init --home {nowhere}" in refused("status", "--home", nowhere)


def test_a_port_that_is_taken(refused: Typed, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = home / "node.toml"
        settings.write_text(settings.read_text().replace("port = 11112", f"port = {port}"))
        told = refused("run")
    assert f":{port}" in told
    assert "dicom.port" in told


def test_a_coordinator_with_another_fingerprint(refused: Typed) -> None:
    invitation = an_invitation()
    told = refused("join", invitation.to_text(), "--expect-fingerprint", "0000 1111")
    assert PublicIdentity(invitation.coordinator_key).fingerprint in told
    assert "0000 1111" in told
    assert invitation.token not in told


def test_an_invitation_that_expired_or_is_none(refused: Typed, tmp_path: Path) -> None:
    late = an_invitation(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    told = refused("join", late.to_text())
    assert late.token not in told
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert refused("join", "nonsense") == refused("join", str(tmp_path / "picture.png")) != told


def test_a_ledger_file_that_is_broken_or_no_file(refused: Typed, tmp_path: Path) -> None:
    broken = tmp_path / "ledger.ndjson"
    broken.write_text(json.dumps({"entry": {"patient": "Hong Gildong"}, "hash": "00"}) + "\n")
    told = refused("ledger", "verify", str(broken))
    assert str(broken) in told
    assert "Hong" not in told
    assert str(tmp_path) in refused("ledger", "verify", str(tmp_path))


def test_a_key_that_others_can_read(refused: Typed, home: Path) -> None:
    key = home / "keys" / "master.key"
    key.chmod(0o644)
    assert "0600" in refused("status")


def test_a_person_whose_roles_conflict_or_whose_name_is_unknown(refused: Typed) -> None:
    assert "lead" in refused("person", "add", "--name", "Kim", "--role", "reader", "--role", "lead")
    assert "Hong" not in refused("person", "code", "--name", "Hong Gildong")


@pytest.mark.parametrize(
    ("chosen", "korean"),
    [
        ({"LC_ALL": "C.UTF-8", "LANG": KOREAN}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "ko", "LANG": "en_US.UTF-8"}, True),
        ({"LC_MESSAGES": "en_US.UTF-8", "LANG": KOREAN}, False),
        ({"LANG": "KO_kr.euckr"}, True),
        ({}, False),
    ],
)
def test_the_first_locale_that_is_set_counts(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str], korean: bool
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(app, ["ledger", "verify"]).output
    assert ("대장" in told) is korean


@pytest.mark.usefixtures("locale", "home")
def test_what_a_script_reads_has_no_language() -> None:
    ended = CliRunner().invoke(app, ["ledger", "verify", "--json"])
    assert json.loads(ended.output) == {"entries": 0, "here": 0, "emptied": 0, "verified": True}
