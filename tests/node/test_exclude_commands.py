"""`intramuros node exclude …` as IT types it: a file, standard input, one number asked for; no number is ever shown."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `exclude` becomes a part of the application there
from node.wiring.commands import app

NUMBERS = "12-345\n\n0012345\n98765\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    monkeypatch.setenv("INTRAMUROS_NODE_HOME", str(made))
    assert CliRunner().invoke(app, ["init", "--name", "Example hospital"]).exit_code == 0
    return made


def typed(*words: str, given: str = "", code: int = 0) -> str:
    ended = CliRunner().invoke(app, ["exclude", *words], input=given)
    assert ended.exit_code == code, ended.output
    assert [number for number in ("12-345", "12345", "98765") if number in ended.output] == []
    return ended.output


def test_numbers_come_from_a_file_or_standard_input_and_are_counted(home: Path, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\ufeff" + NUMBERS, encoding="utf-8")
    assert "Nobody is excluded" in typed("list")
    assert "Excluded (opt-out): 2; so before: 0." in typed("add", "--kind", "opt-out", str(numbers))
    assert json.loads(typed("add", "--kind", "opt-out", "-", "--json", given=NUMBERS)) == {"changed": 0, "unchanged": 2}
    assert "opt-out: numbers 2; known here: patients 0, images 0" in typed("list")
    assert json.loads(typed("list", "--json"))[0]["kind"] == "opt-out"


def test_one_number_is_asked_for_and_not_shown(home: Path) -> None:
    assert "Excluded (legal hold): 1" in typed("add", "--kind", "legal-hold", given="12345\n")
    told = typed("lift", "--kind", "legal-hold", "--reason", "hold-ended", given="12345\n")
    assert "No longer excluded (legal hold): 1" in told


def test_what_cannot_be_is_refused_in_both_languages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Line 2 is no patient number" in typed("add", "--kind", "staff", "-", given="123\n***\n", code=1)
    assert "There is no patient number" in typed("add", "--kind", "staff", "-", given="\n", code=1)
    typed("add", "--kind", "staff", str(home / "nowhere"), code=1)
    refused = typed("lift", "--kind", "minor", "--reason", "hold-ended", "-", given="123\n", code=1)
    assert "Possible reasons: entered-by-mistake, of-age" in refused
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "2번째 줄은 환자 번호가 아닙니다" in typed("add", "--kind", "staff", "-", given="123\n***\n", code=1)
    assert "제외(직원): 1명" in typed("add", "--kind", "staff", "-", given="123\n")


def test_a_newer_copy_of_the_list_is_merged(home: Path, tmp_path: Path) -> None:
    typed("add", "--kind", "opt-out", "-", given=NUMBERS)
    copy = tmp_path / "copy.sealed"
    copy.write_bytes((home / "exclusions.sealed").read_bytes())
    assert "Entries that were new to this node: 0" in typed("merge", str(copy))
    typed("merge", str(tmp_path / "nowhere"), code=1)
