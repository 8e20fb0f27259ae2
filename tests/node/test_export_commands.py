"""`intramuros node export`: a project's folder from the shell, and its refusals in both languages."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `export` becomes a command of the application there
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
from node.wiring.project_names import project_names


def test_a_projects_folder_is_made_and_an_unknown_project_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_home(tmp_path / "home", new_config({"name": "A"}))
    act = Act(Actor(ActorKind.NODE, "shell"), place.clock.now())
    new = NewProject("Chest", "", "chest-film-abnormal", 1)
    project = make_project(WardStore(place.engine(Database.WARD)), new, act, project_id=new_id()).project_id

    def said(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["export", *words, "--home", str(place.home.path)])
        return done.exit_code, done.output

    out = tmp_path / "out"
    code, told = said(project, str(out), "--json")
    assert code == 0
    assert json.loads(told) == {"cases": 0, "images": 0, "missing": 0, "unequal": [], "folder": str(out)}
    assert sorted(path.name for path in out.iterdir()) == ["fhir.json", "images.csv", "labels.csv"]
    code, told = said(project, str(tmp_path / "readings"), "--readings")
    assert (code, "under codes of this project" in told) == (0, True)
    assert {"readings.csv", "coco.json"} <= {path.name for path in (tmp_path / "readings").iterdir()}
    code, told = said(project, str(out))
    assert (code, "holds something already" in told) == (1, True)
    code, told = said("elsewhere", str(tmp_path / "other"))
    assert (code, f"Chest = {project}" in told) == (1, True)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "이미 내용이 있습니다" in said(project, str(out))[1]


def test_the_names_of_a_project_are_those_of_this_nodes_keys(tmp_path: Path) -> None:
    ours, theirs = (make_home(tmp_path / name, new_config({"name": name})) for name in ("a", "b"))
    assert project_names(ours, "x").patient("P-A") == project_names(ours, "x").patient("P-A")
    made = {project_names(place, name).patient("P-A") for place in (ours, theirs) for name in ("x", "y")}
    assert len(made) == 4
