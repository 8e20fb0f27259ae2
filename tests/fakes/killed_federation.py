"""A federation whose processes are killed at moments drawn by lot, and what must hold of it afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e.coordinator_place import below
from e2e.federation_place import Federation, child
from waiting import until

from coordinator.ground.texts import Language, text
from deploy.demo.hospital import Hospital
from deploy.demo.processes import StepFailed
from protocols.plans import TrainingPlan

LIVE = {"waiting", "running"}
UPDATES = {"model-update", "masked-update"}


@dataclass
class Kills:
    """Who was killed, by name; moments and victims follow from the seed, as far as the machine lets them."""

    federation: Federation
    chance: random.Random
    done: list[str] = field(default_factory=list)

    def while_running(self, run_id: str, most: int) -> None:
        """Processes were killed until the run ended, or so many were."""
        for _ in range(most):
            time.sleep(self.chance.uniform(0.2, 5.0))  # the moment is what is tried; nothing is proven by waiting
            if self.federation.coordinator.run(run_id)["state"] not in LIVE:
                return
            self.one()

    def one(self) -> None:
        """Some process that runs now is gone, without a chance to say so."""
        victims = list(self._victims().items())
        for name, pids in self.chance.sample(victims, len(victims)):
            if killed := [pid for pid in pids() if pid and _killed(pid)]:
                self.done.append(f"{name} x{len(killed)}")
                return

    def _victims(self) -> Mapping[str, Callable[[], list[int]]]:
        coordinator = self.federation.coordinator
        found: dict[str, Callable[[], list[int]]] = {
            "superlink": lambda: [coordinator.pid_of("flower-superlink")],
            "superexec": lambda: [coordinator.pid_of("flower-superexec")],
            "server-app": lambda: [coordinator.pid_of("flwr-serverapp")],
        }
        for hospital in self.federation.hospitals:
            for name in ("wall", "supernode"):
                found[f"{name} of {hospital.name}"] = lambda at=hospital, of=name: [_pid(at, of)]  # type: ignore[misc]  # bound now
            found[f"worker of {hospital.name}"] = lambda at=hospital: below(_pid(at, "wall"), "node.edges.fit")  # type: ignore[misc]  # bound now
        return found


def _pid(hospital: Hospital, name: str) -> int:
    """The process of a node; 0 while it waits to be started again."""
    return int(child(hospital, name)["pid"] or 0)


def _killed(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def everybody_answers(federation: Federation) -> None:
    """Every wall and the coordinator's engine are there again."""

    def answers(hospital: Hospital) -> bool:
        with contextlib.suppress(StepFailed):
            return bool(hospital.staff["steward"].get("/api/federation")["joined"])
        return False

    until(lambda: all(answers(one) for one in federation.hospitals), 180, "every wall")
    until(lambda: federation.coordinator.pid_of("flower-superlink") != 0, 180, "the SuperLink")


def ended_with_a_sentence(run: Mapping[str, Any]) -> None:
    """The run finished, or its end is told in one sentence that names who does what next."""
    if run["reason"] is None:
        assert run["state"] == "finished", run
        return
    said = text(f"ends.{run['reason']}", Language.EN)
    assert "the operator " in said or "the partner " in said, said
    assert text(f"ends.{run['reason']}", Language.KO)


def nothing_lost_or_said_twice(hospital: Hospital, plan: TrainingPlan) -> None:
    """Ledger, outbox and budgets of a hospital hold together after whatever was killed."""
    until(lambda: {row["sent_sha256"] for row in ledger_rows(hospital)} == _kept(hospital), 60, "ledger and outbox")
    rows = ledger_rows(hospital)
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert hospital.ledger()["verified"]
    assert max(Counter(row["sent_sha256"] for row in rows).values(), default=0) <= 1
    with _wall(hospital) as wall:
        asked = "SELECT run_id, exchange, round, attempt FROM reservation WHERE plan_id = ?"
        reserved = wall.execute(asked, (plan.plan_id,)).fetchall()
        spent = wall.execute("SELECT run_id, round, attempt FROM private_charge").fetchall()
        noted = wall.execute("SELECT run_id, round FROM round_patients WHERE role = 'learnt'").fetchall()
    mine = [row for row in rows if row["plan_id"] == plan.plan_id and row["message_kind"] in UPDATES]
    _one_update_a_round(mine)
    _within_the_budget(mine, [(run, number, at) for run, what, number, at in reserved if what == "train"], plan)
    _charged(mine, spent, plan)
    assert {(row["run_id"], row["round"]) for row in mine} <= set(noted), "who was learnt from is recorded first"


def _kept(hospital: Hospital) -> set[str]:
    """What the outbox holds, by digest: what is in the ledger, and the reverse."""
    with _wall(hospital) as wall:
        return {one for (one,) in wall.execute("SELECT sent_sha256 FROM outbox")}


def _wall(hospital: Hospital) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(f"file:{hospital.home}/wall.db?mode=ro", uri=True))


def ledger_rows(hospital: Hospital) -> list[dict[str, Any]]:
    """The whole ledger, page by page."""
    rows: list[dict[str, Any]] = []
    while page := list(hospital.staff["steward"].get("/api/ledger", after=len(rows), limit=500)["entries"]):
        rows += page
    return rows


def _one_update_a_round(updates: list[dict[str, Any]]) -> None:
    """An attempt is answered once, and all attempts of a round with the same update: two are never differenced."""
    told = Counter((row["run_id"], row["round"], row["attempt"]) for row in updates)
    assert [asked for asked, count in told.items() if count > 1] == []
    vectors: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for row in updates:
        vectors[row["run_id"], row["round"]].add(row["update_sha256"])
    assert [asked for asked, found in vectors.items() if len(found) > 1] == []


def _within_the_budget(updates: list[dict[str, Any]], reserved: list[tuple[str, int, int]], plan: TrainingPlan) -> None:
    """Room was there for every update that left, and no more was taken than the approval gives."""
    assert {(row["run_id"], row["round"], row["attempt"]) for row in updates} <= set(reserved)
    attempts = Counter((run, number) for run, number, _ in reserved)
    assert all(number <= plan.rounds for _, number in attempts)
    assert all(count <= 3 for count in attempts.values()), attempts


def _charged(updates: list[dict[str, Any]], spent: list[tuple[str, int, int]], plan: TrainingPlan) -> None:
    """A private update was paid for in its round, and an attempt was charged once."""
    of_round = Counter((run, number) for run, number, _ in spent)
    assert max(Counter(spent).values(), default=0) <= 1
    if plan.privacy.mechanism.value == "dp-sgd":
        assert {(row["run_id"], row["round"]) for row in updates} <= set(of_round)
        assert all(count <= 3 for count in of_round.values()), of_round
