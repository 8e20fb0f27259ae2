"""`intramuros node gold`: a file that makes no gold is refused in the reader's language."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `gold` becomes a command of the application there
from node.flows.act import Act
from node.flows.projects import make_project
from node.ground.audit import Actor, ActorKind
from node.ground.config import new_config
from node.ground.ids import new_id
from node.labeling.project import NewProject
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.beginning import make_home
from node.wiring.commands import app


def test_a_mistaken_file_and_an_unknown_project_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make_home(tmp_path / "home", new_config({"name": "A"}))
    act = Act(Actor(ActorKind.NODE, "shell"), place.clock.now())
    new = NewProject("Chest", "", "chest-film-abnormal", 1)
    project = make_project(WardStore(place.engine(Database.WARD)), new, act, project_id=new_id()).project_id
    file = tmp_path / "labels.csv"
    file.write_text("case,question,option,posterior,votes,abstentions\n", encoding="utf-8")

    def said(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["gold", *words, "--home", str(place.home.path)])
        return done.exit_code, done.output

    code, told = said(project, str(file))
    assert (code, "Nothing was changed" in told) == (1, True)
    code, told = said("elsewhere", str(file))
    assert (code, f"Chest = {project}" in told) == (1, True)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "바뀐 것은 없습니다" in said(project, str(file))[1]


def test_labels_that_cannot_be_taken_are_told_in_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_home(tmp_path / "home", new_config({"name": "A"}))
    act = Act(Actor(ActorKind.NODE, "shell"), place.clock.now())
    new = NewProject("Chest", "", "chest-film-abnormal", 1)
    project = make_project(WardStore(place.engine(Database.WARD)), new, act, project_id=new_id()).project_id
    file = tmp_path / "labels.csv"
    file.write_text(
        "case,question,option,posterior,votes,abstentions\nC-ABCDEFGHIJKLMNOP,abnormal,present,1.0,1,0\n",
        encoding="utf-8",
    )

    def said(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["labels", *words, "--home", str(place.home.path)])
        return done.exit_code, done.output

    code, told = said(project, str(file))
    assert (code, "Case C-ABCDEFGHIJKLMNOP: the project has no such case. Nothing was taken." in told) == (1, True)
    code, told = said(project, str(file), "--source", "Dr. Hong")
    assert (code, "A source is called by a code" in told) == (1, True)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "가져온 것은 없습니다" in said(project, str(file))[1]
