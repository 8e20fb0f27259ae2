"""`intramuros node pull …` as hospital IT types it: every command once, in both languages, naming no patient."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `pull` becomes a part of the application there
from node.flows.jobs import Lease
from node.flows.pull import STUDY_KIND
from node.flows.pull_ports import FoundStudy, Pull, StudyEnd, StudyState, Tally
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import SystemClock
from node.ground.keyring import KeyPurpose
from node.intake.sealing import Sealer
from node.storage.engine import Database
from node.storage.job_queue import JobQueueStore
from node.storage.pull_desk import PullDeskStore
from node.storage.pull_store import PullBookStore
from node.wiring.commands import app
from node.wiring.place import open_place

SOURCE = '\n[[dicom.sources]]\nname = "pacs"\nae_title = "PACS"\nhost = "10.1.2.3"\n'
DAYS = ("--from", "2025-03-01", "--to", "2025-03-31")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    monkeypatch.setenv("INTRAMUROS_NODE_HOME", str(made))
    assert CliRunner().invoke(app, ["init", "--name", "Example hospital"]).exit_code == 0
    with (made / "node.toml").open("a", encoding="utf-8") as settings:
        settings.write(SOURCE)
    return made


def typed(*words: str, code: int = 0) -> str:
    ended = CliRunner().invoke(app, ["pull", *words])
    assert ended.exit_code == code, ended.output
    return ended.output


def given_up(home: Path, reason: str) -> None:
    """One study of the pull was found and given up."""
    place = open_place(home)
    sealer = Sealer(place.keyring.derive(KeyPurpose.IDENTITY_MAP))
    engine = place.engine(Database.INTAKE)
    book, desk = PullBookStore(engine, sealer), PullDeskStore(engine, sealer)
    pull: Pull = book.pull(desk.id_of("chest"))
    event = AuditEvent(SystemClock().now(), Actor(ActorKind.NODE, "jobs"), "pull.given_up", "pull:x", reason)
    book.add_found(pull, [FoundStudy("study", "a" * 64, b"sealed")], event)
    later = event.at + timedelta(minutes=1)
    (job,) = JobQueueStore(engine).lease(STUDY_KIND, 1, Lease("pulls", later, later))
    book.end_study("study", job.number, StudyEnd(StudyState.DEAD, Tally(5, 2, reason), event))


def test_a_pull_is_saved_begun_stopped_and_listed(home: Path) -> None:
    assert "No pull is saved" in typed("list")
    assert "pull start chest" in typed("define", "chest", "--source", "pacs", "--modality", "cr", *DAYS)
    assert "chest (pacs): saved" in typed("list")
    assert "asks pacs" in typed("start", "chest")
    assert "chest (pacs): asking" in typed("status", "chest")
    typed("stop", "chest")
    assert json.loads(typed("list", "--json"))[0]["state"] == "stopped"


def test_accession_numbers_come_from_a_file_and_are_never_repeated(home: Path, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\ufeffCANARY-1\n\n CANARY-2 \nCANARY-1\n", encoding="utf-8")
    told = typed("define", "list", "--source", "pacs", "--accession-file", str(numbers)) + typed("status", "list")
    assert "CANARY" not in told
    assert b"CANARY" not in b"".join(path.read_bytes() for path in home.glob("intake.db*"))


@pytest.mark.parametrize(
    ("code", "english", "korean"),
    [("incomplete", "must be among dicom.peers", "dicom.peers에 있고"), ("move_a801", "move_a801", "move_a801")],
)
def test_what_was_given_up_is_told_with_its_reason_and_waits_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, code: str, english: str, korean: str
) -> None:
    typed("define", "chest", "--source", "pacs", *DAYS)
    given_up(home, code)
    told = typed("status", "chest")
    assert english in told
    assert "images here 2 of 5" in told
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert korean in typed("status", "chest")
    assert "다시 기다리는 검사: 1" in typed("retry", "chest")
    assert json.loads(typed("status", "chest", "--json"))["waiting"] == 1


@pytest.mark.parametrize("language", ["C.UTF-8", "ko_KR.UTF-8"])
def test_what_cannot_be_saved_or_found_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("LC_ALL", language)
    assert "--from" in typed("define", "all", "--source", "pacs", code=1)
    assert "elsewhere" in typed("define", "all", "--source", "elsewhere", *DAYS, code=1)
    assert "name" in typed("define", "The PACS", "--source", "pacs", *DAYS, code=1)
    assert "nobody" in typed("start", "nobody", code=1)
    typed("define", "all", "--source", "pacs", *DAYS)
    assert "all" in typed("define", "all", "--source", "pacs", *DAYS, code=1)
    typed("define", "more", "--source", "pacs", "--accession-file", "/nowhere/numbers.txt", code=1)
