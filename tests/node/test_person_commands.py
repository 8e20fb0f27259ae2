"""`intramuros node person`: adding with a licence, verifying anew, withdrawing, and the hospital's own departments."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `person` becomes a command of the application there
from node.ground.config import new_config
from node.wiring.beginning import make_home
from node.wiring.commands import app

LICENCE = ("--licence-number", "12345", "--specialty-number", "678", "--licence-until", "2099-12-31")
READER = ("add", "--name", "김영상", "--role", "reader", "--department", "radiology")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    make_home(path, new_config({"name": "한국병원", "language": "en"}))
    return path


def said(home: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["person", *arguments, "--home", str(home)], env={"LC_ALL": "C.UTF-8"})
    return result.exit_code, result.output


def test_a_reader_is_added_verified_anew_and_withdrawn(home: Path) -> None:
    code, text = said(home, *READER, *LICENCE, "--subspecialty", "thorax", "--specialist-since", "2015")
    assert code == 0, text
    verified = said(home, "verify", "--name", "김영상", *LICENCE)
    assert (verified[0], "2099-12-31" in verified[1]) == (0, True)
    withdrawn = json.loads(said(home, "verify", "--name", "김영상", "--json")[1])
    assert withdrawn["valid_until"] is None


@pytest.mark.parametrize(
    "part", [LICENCE[:2], LICENCE[:4], LICENCE[2:], ("--licence-until", "2001-01-01", *LICENCE[:4])]
)
def test_a_part_of_a_licence_or_one_that_passed_is_refused(home: Path, part: tuple[str, ...]) -> None:
    code, text = said(home, *READER, *part)
    assert code != 0
    assert "licence" in text
    assert "12345" not in text


def test_a_licence_for_nobody_is_refused(home: Path) -> None:
    assert said(home, "verify", "--name", "아무도", *LICENCE)[0] != 0


def test_departments_are_loaded_from_a_list(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("oral-radiology,영상치의학과,Oral radiology\n", encoding="utf-8")
    assert json.loads(said(home, "departments", str(path), "--json")[1]) == {"departments": 28}
    assert said(home, "add", "--name", "박치과", "--role", "reader", "--department", "oral-radiology")[0] == 0
    path.write_text("nonsense\n", encoding="utf-8")
    refused = said(home, "departments", str(path))
    assert (refused[0] != 0, "1" in refused[1]) == (True, True)
    assert said(home, "departments", str(tmp_path / "missing.csv"))[0] != 0
