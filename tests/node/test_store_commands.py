"""`intramuros node fsck` and what `status` says of the scrub: sentences, exit codes, both languages, JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.instances import instance
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `fsck` becomes a command of the application there
from node.flows.receive import Receiving
from node.flows.scrub import ScrubStand
from node.ground.audit import Actor, ActorKind
from node.ground.config import new_config
from node.storage.engine import Database
from node.storage.intake_parts import receive_parts
from node.storage.scrub_book import ScrubBookStore
from node.wiring.beginning import make_home
from node.wiring.commands import app
from node.wiring.images import intake_ground
from node.wiring.place import Place
from node.wiring.store_chores import store_chores

DAMAGED = 4


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A node that has received two images."""
    made = make_home(tmp_path / "home", new_config({"name": "A", "dicom": {"free_space_reserve_mib": 1}}))
    receiving = Receiving(receive_parts(intake_ground(made), made.config.dicom))
    for uid in ("1.1", "1.2"):
        receiving.receive(instance(uid), Actor(ActorKind.PEER, "CT3"))
    return made


def said(place: Place, *words: str, language: str = "C.UTF-8") -> tuple[int, str]:
    """The exit code of a command and what it printed."""
    done = CliRunner().invoke(app, [*words, "--home", str(place.home.path)], env={"LC_ALL": language})
    return done.exit_code, done.output


def damaged(place: Place) -> str:
    first = min(path for path in place.home.received.glob("??/*") if path.is_file())
    first.write_bytes(b"changed")
    return first.name


@pytest.mark.parametrize("flags", [(), ("--quick",)])
def test_a_whole_node_is_told_so(place: Place, flags: tuple[str, ...]) -> None:
    code, output = said(place, "fsck", *flags)
    assert (code, "2 objects" in output, "as it was stored" in output) == (0, True, True)


def test_damage_is_named_with_what_to_do_and_an_exit_code_of_its_own(place: Place) -> None:
    name = damaged(place)
    code, output = said(place, "fsck")
    assert code == DAMAGED
    assert f"received {name}: the bytes are not those that were stored" in output
    assert "again from the archive" in output


def test_damage_is_told_in_korean_on_a_korean_terminal(place: Place) -> None:
    name = damaged(place)
    _, output = said(place, "fsck", language="ko_KR.UTF-8")
    assert f"received {name}: 저장한 데이터와 다릅니다" in output


def test_a_script_reads_json(place: Place) -> None:
    name = damaged(place)
    _, output = said(place, "fsck", "--json")
    told = json.loads(output)
    store = told.pop("store")
    found = [{"store": "received", "name": name, "damage": "changed"}]
    assert told == {"objects": 2, "files": 2, "whole": False, "found": found}
    assert (store["high_water_percent"], store["low_water_percent"], store["damaged"]) == (90, 80, [])
    assert 0 < store["used_percent"] <= 100


def test_the_check_tells_disk_marks_and_what_the_scrub_found(place: Place) -> None:
    name, ground = damaged(place), intake_ground(place)
    (scrub,) = [chore for chore in store_chores(place, ground) if chore.name == "scrub"]
    for _ in range(3):
        scrub.run()
    _, output = said(place, "fsck", "--quick")
    assert "From 90 % on" in output
    assert "last round ended" in output
    assert f"received {name}: the bytes are not those that were stored" in output


@pytest.mark.parametrize(
    ("ended", "word"), [(None, "round began"), (datetime(2026, 11, 22, tzinfo=UTC), "round ended")]
)
def test_status_says_how_far_the_scrub_is(place: Place, ended: datetime | None, word: str) -> None:
    assert "scrub" not in said(place, "status")[1]
    book = ScrubBookStore(place.home.scrub, place.engine(Database.INTAKE))
    book.keep(ScrubStand("x", datetime(2026, 11, 21, tzinfo=UTC), ended, examined=7, damaged=1))
    assert f"{word} 2026-11-2" in said(place, "status")[1]
