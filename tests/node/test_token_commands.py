"""`intramuros node token …`: a token is printed once, listed without its secret, and revoked, in both languages."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `token` becomes a command of the application there
from node.ground.config import new_config
from node.wiring.beginning import make_home
from node.wiring.commands import app


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home", new_config({"name": "A"})).home.path


def said(home: Path, *words: str, language: str = "C.UTF-8") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["token", *words, "--home", str(home)], env={"LC_ALL": language})
    return done.exit_code, done.output


def test_a_token_is_shown_once_and_then_only_by_its_name(home: Path) -> None:
    assert said(home, "list")[1].startswith("There is no token.")
    code, text = said(home, "add", "--name", "Viewer 3", "--role", "lead", "--days", "30")
    assert code == 0
    secret = text.splitlines()[1]
    assert len(secret) >= 43
    listed = said(home, "list")[1]
    assert "Viewer 3" in listed
    assert secret not in listed
    (one,) = json.loads(said(home, "list", "--json")[1])["tokens"]
    sentence = "The token is revoked: the next request that shows it is refused.\n"
    assert said(home, "revoke", one["token_id"]) == (0, sentence)
    assert "ended" in said(home, "list")[1]


def test_a_script_reads_the_token_as_json(home: Path) -> None:
    made = json.loads(said(home, "add", "--name", "x", "--role", "it", "--json")[1])
    assert (made["role"], made["revoked_at"]) == ("it", None)
    assert made["token"]


@pytest.mark.parametrize(("language", "sentence"), [("C.UTF-8", "A token needs a name"), ("ko_KR.UTF-8", "토큰에는")])
def test_a_token_that_cannot_be_is_refused_in_a_sentence(home: Path, language: str, sentence: str) -> None:
    code, text = said(home, "add", "--name", "x", "--role", "reader", language=language)
    assert code == 1
    assert sentence in text
    assert said(home, "revoke", "nobody", language=language)[0] == 1
