"""The whole street on real processes when something is taken away: an approval, the SuperLink, a wall, the coordinator.

One federation serves every test. The runs are fixtures, so that each test holds in any order and alone.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from e2e.coordinator_place import attempt, below, refused
from e2e.federation_place import (
    MEASURED,
    ROUNDS,
    SLOW,
    Federation,
    approve,
    child,
    ledger,
    offer_at,
    running_federation,
)
from e2e.node_process import NodeProcess
from waiting import until

from deploy.demo.canary import search
from deploy.demo.hospital import Hospital
from deploy.demo.processes import StepFailed

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
MANY_ROUNDS = 9


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with running_federation(tmp_path_factory.mktemp("first-light")) as federation:
        yield federation


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run left behind: how it ended, and what each hospital's ledger held just afterwards."""

    run: dict[str, Any]
    ledgers: dict[str, list[dict[str, Any]]]
    noted: dict[str, Any]

    def of(self, hospital: Hospital) -> list[dict[str, Any]]:
        """What left a hospital for this run's plan."""
        return [row for row in self.ledgers[hospital.name] if row["plan_id"] == self.run["plan_id"]]


def seen(federation: Federation, run_id: str, seconds: float, **noted: Any) -> Seen:
    run = federation.wait_end(run_id, seconds)
    return Seen(run, {hospital.name: ledger(hospital) for hospital in federation.hospitals}, noted)


@pytest.fixture(scope="module")
def withdrawn(federation: Federation) -> Seen:
    """One of two hospitals withdraws in the middle of the rounds; the quorum is two."""
    run_id = federation.started(federation.plan(rounds=MANY_ROUNDS))
    federation.wait_open_round(run_id, 2)
    hospital = federation.hospitals[0]
    offer = offer_at(hospital, federation.coordinator.run(run_id)["plan_id"])
    stop = hospital.staff["steward"].post(f"/api/plans/{offer['offer_sha256']}/stop", {"office": "steward"})
    return seen(federation, run_id, 120, stop=stop)


@pytest.fixture(scope="module")
def superlink_killed(federation: Federation) -> Seen:
    """The SuperLink dies without a word in the middle of the rounds."""
    run_id = federation.started(federation.plan())
    federation.wait_open_round(run_id, 2)
    pid = federation.coordinator.pid_of("flower-superlink")
    os.kill(pid, signal.SIGKILL)
    until(lambda: federation.coordinator.pid_of("flower-superlink") not in {0, pid}, 60, "another SuperLink")
    return seen(federation, run_id, 300)


@pytest.fixture(scope="module")
def wall_killed(federation: Federation) -> Seen:
    """The wall of one hospital dies without a word in the middle of the rounds; the quorum is one."""
    run_id = federation.started(federation.plan(SLOW, quorum=1, round_deadline_seconds=60))
    federation.wait_open_round(run_id, 2)
    before = child(federation.hospitals[0], "wall")
    os.kill(before["pid"], signal.SIGKILL)
    until(lambda: child(federation.hospitals[0], "wall")["pid"] not in {None, before["pid"]}, 60, "another wall")
    return seen(federation, run_id, 300, before=before, after=child(federation.hospitals[0], "wall"))


def test_a_withdrawn_approval_stops_all_but_refusals_and_the_run_ends_for_lack_of_hospitals(
    federation: Federation, withdrawn: Seen
) -> None:
    left = withdrawn.of(federation.hospitals[0])
    (said,) = [row["number"] for row in left if row["message_kind"] == "withdrawal"]
    after = {row["message_kind"] for row in left if row["number"] > said}
    assert after <= {"error-report"}
    stopped_at = datetime.fromisoformat(withdrawn.noted["stop"]["stopped_at"])
    late = [row for row in left if datetime.fromisoformat(row["written_at"]) > stopped_at + timedelta(seconds=5)]
    assert {row["message_kind"] for row in late} <= {"error-report"}, "by the wall's own records"
    assert withdrawn.run["state"] == "ended"
    assert withdrawn.run["reason"] in {"too-few-sites", "too-few-answers"}
    assert withdrawn.run["rounds_done"] < MANY_ROUNDS
    assert offer_at(federation.hospitals[0], withdrawn.run["plan_id"])["standing"] == "withdrawn"


def test_a_killed_superlink_comes_back_and_the_run_ends_with_all_its_rounds(
    federation: Federation, superlink_killed: Seen
) -> None:
    run = superlink_killed.run
    assert (run["rounds_done"], run["reason"] in MEASURED) == (ROUNDS, True), run
    for hospital in federation.hospitals:
        assert_told_once(superlink_killed.of(hospital))
        wall = child(hospital, "wall")["pid"]
        until(lambda at=wall: not below(at, "node.edges.fit"), 20, "the end of training processes")  # type: ignore[misc]  # bound now


def test_a_killed_wall_comes_back_with_a_whole_ledger_and_says_nothing_twice(
    federation: Federation, wall_killed: Seen, tmp_path: Path
) -> None:
    run = wall_killed.run
    assert (run["rounds_done"], run["reason"] in MEASURED) == (ROUNDS, True), run
    before, after = wall_killed.noted["before"], wall_killed.noted["after"]
    assert after["restarts"] == before["restarts"] + 1
    for hospital in federation.hospitals:
        rows = wall_killed.ledgers[hospital.name]
        assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
        assert_told_once(wall_killed.of(hospital))
        assert hospital.ledger()["verified"]
        with contextlib.closing(sqlite3.connect(copied(hospital.home, tmp_path / hospital.name) / "wall.db")) as wall:
            kept = {hashlib.sha256(sealed).hexdigest() for (sealed,) in wall.execute("SELECT sealed FROM outbox")}
        assert {row["sent_sha256"] for row in rows} <= kept


def assert_told_once(rows: list[dict[str, Any]]) -> None:
    """Each round was answered with one update at most, and no bytes stand in the ledger twice."""
    updates = [row for row in rows if row["message_kind"] == "model-update"]
    told = Counter((row["run_id"], row["round"], row["attempt"]) for row in updates)
    assert [asked for asked, count in told.items() if count > 1] == []
    assert max(Counter(row["sent_sha256"] for row in rows).values()) == 1


def test_a_hospital_says_that_the_coordinator_is_away_and_finds_it_again(federation: Federation) -> None:
    hospital = federation.hospitals[1]

    def line() -> dict[str, Any]:
        found: dict[str, Any] = hospital.staff["it"].get("/api/federation")
        return found

    federation.coordinator.stop()
    try:
        until(lambda: line()["failing_since"] is not None, 30, "word of the lost line")
        away = line()
    finally:
        federation.coordinator.start()
    assert "has not been reached since" in away["summary"]["en"]
    assert "Nothing is lost" in away["summary"]["en"]
    assert away["summary"]["ko"]
    until(lambda: line()["failing_since"] is None, 120, "the line")
    assert line()["summary"]["en"] == "Connected."


def test_a_plan_of_an_unknown_architecture_or_schema_is_not_approved_and_the_steward_is_told_why(
    federation: Federation,
) -> None:
    plan = federation.plan()
    other_model = plan.model.model_copy(update={"architecture": "chest-transformer-9"})
    other_labels = plan.cohort.model_copy(update={"schema_code": "mammogram-density"})
    refused = {
        "architecture-unknown": federation.plan(model=other_model),
        "schema-unknown": federation.plan(cohort=other_labels),
    }
    for code, offered in refused.items():
        plan_id = federation.offered(offered)
        hospital = federation.hospitals[0]
        with pytest.raises(StepFailed, match="409: This node cannot take part in this plan"):
            approve(hospital, plan_id, max_rounds=ROUNDS)
        detail = hospital.staff["steward"].get(f"/api/plans/{offer_at(hospital, plan_id)['offer_sha256']}")
        assert (detail["cannot_take_part"], detail["approval"]) == (code, None)


def test_rounds_beyond_the_plan_are_not_approved_and_rounds_beyond_the_approval_are_not_trained(
    federation: Federation,
) -> None:
    plan = federation.plan(rounds=2)
    plan_id = federation.offered(plan)
    with pytest.raises(StepFailed, match="422: An approval cannot go further than its plan"):
        approve(federation.hospitals[0], plan_id, max_rounds=3)
    first = federation.hospitals[0]
    run_id = federation.started(federation.plan(rounds=2), max_rounds={first.name: 1})
    run = seen(federation, run_id, 200)
    assert (run.run["state"], run.run["reason"], run.run["rounds_done"]) == ("ended", "too-few-sites", 1)
    assert [row["round"] for row in run.of(first) if row["message_kind"] == "model-update"] == [1]


def test_an_invitation_is_good_once_and_a_wrong_fingerprint_admits_nobody(
    federation: Federation, tmp_path: Path
) -> None:
    coordinator, line = federation.coordinator, federation.coordinator.invite("Third hospital")
    third, other = (NodeProcess(tmp_path / name, name, "--language", "en") for name in ("third", "other"))
    joined = third.command("join", line, "--expect-fingerprint", coordinator.fingerprint)
    assert (joined["state"], joined["coordinator_fingerprint"]) == ("waiting", coordinator.fingerprint)
    refused(other.attempt("join", line), "used already", "tell the coordinator's operator", "ask for a new one")
    refused(third.attempt("join", line), "joined Example coordinator already")

    wrong = other.made["fingerprint"]
    done = coordinator.attempt("admit", "Third hospital", "--fingerprint", wrong)
    refused(done, "Third hospital", "not the fingerprint of the key that asked to join", "staff read")
    (state,) = [site["state"] for site in coordinator.asks("sites") if site["site_name"] == "Third hospital"]
    assert state == "waiting"
    refused(coordinator.attempt("invite", "--site-name", "Third hospital"), "Third hospital already belongs")


def test_an_invitation_whose_hours_are_over_is_refused_by_the_coordinator_too(
    federation: Federation, tmp_path: Path
) -> None:
    line = federation.coordinator.invite("Late hospital")
    with contextlib.closing(sqlite3.connect(federation.coordinator.home / "coordinator.db")) as books, books:
        past = "UPDATE invitation SET expires_at = '2020-01-01 00:00:00.000000' WHERE site_name = 'Late hospital'"
        assert books.execute(past).rowcount == 1
    late = NodeProcess(tmp_path / "home", "Late hospital", "--language", "en")
    refused(late.attempt("join", line), "has expired", "Ask the coordinator's operator for a new one")


def test_one_changed_byte_of_a_ledger_is_named_by_its_entry_in_the_database_and_in_a_file(
    federation: Federation, withdrawn: Seen, tmp_path: Path
) -> None:
    hospital, entry = federation.hospitals[0], 3
    saved = tmp_path / "ledger.ndjson"
    saved.write_bytes(hospital.staff["steward"].frame("/api/ledger/file").content)
    assert json.loads(attempt("node", "ledger", "verify", str(saved), "--json").stdout)["entries"] >= len(
        withdrawn.ledgers[hospital.name]
    )
    lines = saved.read_bytes().splitlines(keepends=True)
    lines[entry - 1] = lines[entry - 1].replace(b'"channel":"f', b'"channel":"g')
    saved.write_bytes(b"".join(lines))
    refused(attempt("node", "ledger", "verify", str(saved)), f"ledger entry {entry}", str(saved), "keep a copy")

    copy = copied(hospital.home, tmp_path / "copy")
    with contextlib.closing(sqlite3.connect(copy / "wall.db")) as wall, wall:
        wall.execute("UPDATE ledger_entry SET body = replace(body, '\"round\":1', '\"round\":2') WHERE number = 3")
    words = (f"ledger entry {entry}", f"the ledger of {hospital.name}", "keep a copy")
    refused(attempt("node", "ledger", "verify", "--home", str(copy)), *words)
    assert hospital.ledger()["verified"]


def copied(home: Path, copy: Path) -> Path:
    """A copy of a running node's keys, settings and wall's books."""
    shutil.copytree(home / "keys", copy / "keys")
    shutil.copy(home / "node.toml", copy)
    with (
        contextlib.closing(sqlite3.connect(home / "wall.db")) as live,
        contextlib.closing(sqlite3.connect(copy / "wall.db")) as kept,
    ):
        live.backup(kept)
    return copy


def test_no_log_of_any_process_names_a_patient(
    federation: Federation, withdrawn: Seen, superlink_killed: Seen, wall_killed: Seen
) -> None:
    sent = {str(film.file.relative_to(federation.images)) for at in federation.hospitals for film in at.site.films}
    with (federation.images / "phi.csv").open(encoding="utf-8", newline="") as file:
        planted = {row["value"] for row in csv.DictReader(file) if row["file"] in sent}
    logs = [path for path in federation.work.rglob("*.log") if path.is_file()]
    expected = {"web", "wall", "receive", "jobs", "supernode", "superlink", "superexec", "api", "front", "coordinator"}
    assert expected <= {path.stem for path in logs}
    for path in logs:
        content = path.read_bytes()
        assert search(content) == set(), path.name
        assert [len(value) for value in planted if value.encode() in content] == [], path.name
