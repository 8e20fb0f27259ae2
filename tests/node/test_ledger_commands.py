"""`ledger root` and `ledger verify` with roots, as typed: what is printed, in both languages, and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from factories import SITE
from fakes.wall_cast import COORDINATOR_IDENTITY
from typer.testing import CliRunner

from node.flows.close_days import close_days
from node.flows.send import OwnSite
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import NodeConfig
from node.release.ledger import export_line
from node.release.outbox import Origin, Parcel
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger
from node.storage.wall_roots import WallRoots
from node.wiring.beginning import make_home
from node.wiring.commands import app
from node.wiring.place import Place
from protocols.encoding import encode
from protocols.ledger_roots import root_words, witness_of
from protocols.receipts import Channel
from protocols.signing import Purpose, seal

KEY = COORDINATOR_IDENTITY.public.fingerprint
EVENT_ACTOR = Actor(ActorKind.NODE, "test")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return make_home(tmp_path / "home", NodeConfig(name="Example hospital"))


def left(place: Place, content: bytes) -> None:
    at = place.clock.now() - timedelta(days=1)
    parcel = Parcel(content, "error-report", Channel.FLEET, Origin(), at)
    with WallRoots(place.engine(Database.WALL)).closing() as door:
        door.put(parcel)
        door.enter(parcel, AuditEvent(at, EVENT_ACTOR, "test.done", "test:1"))


def closed(place: Place, *, witnessed: bool = True) -> None:
    roots = WallRoots(place.engine(Database.WALL))
    close_days(roots, OwnSite(SITE, place.keyring.identity(), COORDINATOR_IDENTITY.public), place.clock.now())
    for held in roots.waiting(SITE) if witnessed else []:
        witness = witness_of(held.root, now=place.clock.now())
        roots.witness(
            held.root, seal(encode(witness), COORDINATOR_IDENTITY, Purpose.LEDGER_WITNESS), witness.witnessed_at
        )


def exported(place: Place, path: Path) -> Path:
    book = WallLedger(place.engine(Database.WALL))
    path.write_text("".join(export_line(text, stored) for text, stored in book.lines(0, 100)))
    return path


def typed(*command: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, list(command))
    return ended.exit_code, ended.output


def test_a_root_is_printed_with_its_words_and_as_json_is_the_file_that_verifies(place: Place, tmp_path: Path) -> None:
    left(place, b"one")
    closed(place)
    home = str(place.home.path)
    code, told = typed("ledger", "root", "--home", home)
    held = WallRoots(place.engine(Database.WALL)).of_day(None)
    assert held is not None
    assert code == 0
    for shown in (
        "Example hospital",
        root_words(held.root),
        held.root.head_hash,
        "Countersigned",
        held.root.day.isoformat(),
    ):
        assert shown in told
    root = tmp_path / "root.json"
    root.write_text(typed("ledger", "root", "--home", home, "--date", held.root.day.isoformat(), "--json")[1])
    file = exported(place, tmp_path / "ledger.ndjson")
    code, told = typed("ledger", "verify", str(file), "--root", str(root), "--key", KEY)
    assert code == 0
    assert f"Complete to entry 1, end of {held.root.day.isoformat()} (UTC), countersigned" in told
    assert "After that not witnessed: 1 entries" in told
    document = json.loads(typed("ledger", "verify", str(file), "--root", str(root), "--key", KEY, "--json")[1])
    assert (document["complete_to"], document["not_witnessed"], document["verified"]) == (1, 1, True)


def test_the_same_is_said_in_korean(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(place, b"one")
    closed(place)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    root, file = tmp_path / "root.json", exported(place, tmp_path / "ledger.ndjson")
    root.write_text(typed("ledger", "root", "--home", str(place.home.path), "--json")[1])
    assert "연서명했습니다" in typed("ledger", "root", "--home", str(place.home.path))[1]
    told = typed("ledger", "verify", str(file), "--root", str(root), "--key", KEY)[1]
    assert "1번 항목" in told
    assert "그 뒤는 연서명되지 않았습니다" in told


def test_the_nodes_own_ledger_is_held_against_its_own_roots(place: Place) -> None:
    left(place, b"one")
    closed(place, witnessed=False)
    home = str(place.home.path)
    assert "by the hospital's own word" in typed("ledger", "verify", "--home", home)[1]
    assert "Not countersigned yet" in typed("ledger", "root", "--home", home)[1]
    left(place, b"two")
    assert typed("ledger", "verify", "--home", home)[0] == 0
    with place.engine(Database.WALL).begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_root SET body = replace(body, '\"entries\":1', '\"entries\":0')")
    assert "shows two roots" in typed("ledger", "verify", "--home", home)[1]


def test_what_is_missing_or_not_proven_is_said_in_one_sentence(place: Place, tmp_path: Path) -> None:
    home = str(place.home.path)
    assert "No day of this node's ledger is closed yet" in typed("ledger", "root", "--home", home)[1]
    left(place, b"one")
    closed(place)
    root, file = tmp_path / "root.json", exported(place, tmp_path / "ledger.ndjson")
    root.write_text(typed("ledger", "root", "--home", home, "--json")[1])
    refused = {
        ("--root", str(root)): "Name with --key",
        ("--key", KEY): "Name with --root",
        ("--root", str(tmp_path / "none.json"), "--key", KEY): "none.json",
        ("--root", str(file), "--key", KEY): "no daily root",
        ("--root", str(root), "--key", "0000"): "None of the keys",
    }
    for options, sentence in refused.items():
        code, told = typed("ledger", "verify", str(file), *options)
        assert (code, sentence in told) == (1, True), told
    file.write_text("")
    code, told = typed("ledger", "verify", str(file), "--root", str(root), "--key", KEY)
    assert code == 1
    assert "ledger entry 1 is missing" in told
