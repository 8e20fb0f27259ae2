"""A secure run over real processes: keys compared at the shell and by the API, one wall killed while it trains."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from e2e.federation_place import MEASURED, Federation, child, ledger, running_federation
from safetensors.numpy import load_file
from waiting import until

from coordinator.aggregation.weighted_sum import model_of_sum
from coordinator.rounds.run import ACCEPTED, Step
from coordinator.rounds.starting import starting_weights
from coordinator.storage.engine import open_engine
from coordinator.storage.unit import StoredWork
from deploy.demo.hospital import Hospital
from deploy.demo.plan import Schedule
from deploy.demo.processes import command
from node.ground.keyring import KeyPurpose
from node.ground.membership import read_membership
from node.release.asked import Asked, Exchange
from node.release.update import RoundVector
from node.storage.engine import Database
from node.storage.round_store import RoundStore
from node.wiring.place import open_place
from protocols.models import model_digest
from protocols.plans import Aggregation, AggregationMode, TrainingPlan

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),
    # A drawn film may be compressed to the very size it had; pydicom says so, and reads it.
    pytest.mark.filterwarnings("ignore:The number of bytes of compressed pixel data:UserWarning"),
]

NAMES = ("site-east", "site-north", "site-south", "site-west")
ROUNDS = 2
SHORT = Schedule(rounds=ROUNDS, local_steps=3, batch_size=8, learning_rate=0.002, weight_decay=0.0001)
SECURE = Aggregation(mode=AggregationMode.SECURE, threshold_t=3)


def at(hospital: Hospital, *words: str) -> Any:
    """What `intramuros node peers` prints at this hospital's shell."""
    return command("node", "peers", *words, "--home", str(hospital.home), "--json")


def site_id(hospital: Hospital) -> str:
    return read_membership(hospital.home / "membership.json").site_id


def beliefs(hospital: Hospital) -> dict[str, str]:
    """What the hospital makes of each name in its roster, as its page's API says it."""
    members = hospital.staff["steward"].get("/api/peers")["members"]
    return {str(one["site_name"]): str(one["belief"]) for one in members}


def compared_at_the_shell(one: Hospital, other: Hospital) -> None:
    """IT of both has each other on the telephone."""
    begun = at(one, "compare", other.name)
    joined = at(other, "compare", one.name, "--nonce", begun["nonce"])
    assert at(one, "sign", other.name, "--heard", joined["say"])["belief"] == "compared"
    assert at(other, "sign", one.name, "--heard", begun["say"])["belief"] == "compared"


def compared_by_stewards(one: Hospital, other: Hospital) -> None:
    """The stewards of both have each other on the telephone."""
    here, there = one.staff["steward"], other.staff["steward"]
    begun = here.post(f"/api/peers/{site_id(other)}/comparison", {})
    joined = there.post(f"/api/peers/{site_id(one)}/comparison", {"nonce": begun["nonce"]})
    here.post(f"/api/peers/{site_id(other)}/signature", {"heard": joined["say"]})
    there.post(f"/api/peers/{site_id(one)}/signature", {"heard": begun["say"]})


def everybody_is_believed(hospitals: tuple[Hospital, ...]) -> bool:
    return all({"own", "compared", "vouched"} >= set(beliefs(one).values()) for one in hospitals)


def is_training(hospital: Hospital, run_id: str) -> bool:
    """Room was reserved for the hospital's first training, so its masked update is on the way to be made."""
    with closing(sqlite3.connect(f"file:{hospital.home}/wall.db?mode=ro", uri=True)) as wall:
        found = "SELECT count(*) FROM reservation WHERE exchange = 'train' AND run_id = ?"
        return bool(wall.execute(found, (run_id,)).fetchone()[0])


def counted(federation: Federation, run_id: str, number: int) -> set[str]:
    """The sites in the sum of a round, as the coordinator's books have them."""
    engine = open_engine(federation.coordinator.home)
    with StoredWork(engine).reading() as books:
        answers = books.answers.of_run(run_id)
    engine.dispose()
    this = [one for one in answers if (one.step, one.round, one.outcome) == (Step.TRAIN, number, ACCEPTED)]
    return {one.site_id for one in this}


def bare(hospital: Hospital, plan: TrainingPlan, run_id: str, number: int, model_sha256: str) -> RoundVector:
    """The hospital's update of a round before any mask; it never left."""
    place = open_place(hospital.home)
    store = RoundStore(place.engine(Database.ROUND), place.keyring.derive(KeyPurpose.ROUND_STATE), place.clock)
    kept = store.kept(Asked(plan.plan_id, run_id, Exchange.TRAIN, number, 1, model_sha256))
    assert kept is not None, f"{hospital.name} has no update of round {number}"
    return kept


def plain_models(federation: Federation, plan: TrainingPlan, run_id: str) -> list[bytes]:
    """The start and the model after every round, by plain fixed-point averaging of those in each sum."""
    specs = plan.model.tensors
    models = [starting_weights(specs, plan.starting_weights.seed or 0)]
    for number in range(1, plan.rounds + 1):
        sites, digest = counted(federation, run_id, number), model_digest(specs, models[-1])
        held = [bare(one, plan, run_id, number, digest) for one in federation.hospitals if site_id(one) in sites]
        assert len(held) == len(sites)
        total = np.sum([np.frombuffer(one.vector, "<i4").astype(np.int64) * one.weight for one in held], axis=0)
        weight = sum(one.weight for one in held)
        models.append(model_of_sum(models[-1], total, weight, scale_bits=plan.aggregation.scale_bits).blob)
    return models


def numbers_of(file: Path, plan: TrainingPlan) -> bytes:
    """A model's numbers in the manifest's order."""
    tensors = load_file(file)
    return b"".join(np.ascontiguousarray(tensors[spec.name], dtype="<f4").tobytes() for spec in plan.model.tensors)


def made(federation: Federation, plan: TrainingPlan, run_id: str) -> list[bytes]:
    """The model after every round, as the coordinator has it."""
    folder = federation.coordinator.home / "runs" / run_id
    return [numbers_of(folder / f"round-{number:05d}.safetensors", plan) for number in range(1, plan.rounds + 1)]


def check_release(federation: Federation, plan: TrainingPlan, folder: Path, models: list[bytes]) -> None:
    """What the partner fetches is the plain model of its round."""
    fetched = federation.coordinator.partner("fetch", plan.plan_id, "--out", str(folder))
    assert sha256_of(numbers_of(folder / "model.safetensors", plan)) == sha256_of(models[int(fetched["chosen_round"])])


def sha256_of(blob: bytes) -> str:
    return hashlib.sha256(blob).hexdigest()


def test_one_wall_is_killed_while_it_trains_and_every_model_is_the_plain_average_of_the_others(tmp_path: Path) -> None:
    with running_federation(tmp_path, films=20, names=NAMES) as federation:
        hospitals = federation.hospitals
        until(lambda: all(len(beliefs(one)) == len(NAMES) for one in hospitals), 60, "the roster at every hospital")
        compared_at_the_shell(hospitals[0], hospitals[1])
        compared_by_stewards(hospitals[1], hospitals[2])
        compared_by_stewards(hospitals[2], hospitals[3])
        until(lambda: everybody_is_believed(hospitals), 60, "every key at every hospital")
        plan = federation.plan(SHORT, quorum=3, aggregation=SECURE)
        run_id, lost = federation.started(plan), hospitals[3]
        until(lambda: is_training(lost, run_id), 120, "the first training", every_seconds=0.05)
        os.kill(child(lost, "wall")["pid"], signal.SIGKILL)
        ended = federation.wait_end(run_id, 300)
        assert (ended["rounds_done"], ended["reason"] in MEASURED) == (ROUNDS, True), ended
        assert counted(federation, run_id, 1) == {site_id(one) for one in hospitals[:3]}
        models = plain_models(federation, plan, run_id)
        assert list(map(sha256_of, made(federation, plan, run_id))) == list(map(sha256_of, models[1:]))
        if ended["state"] == "finished":
            check_release(federation, plan, tmp_path / "release", models)
        for one in hospitals[:3]:
            kinds = [entry["message_kind"] for entry in ledger(one)]
            assert {"masking-advert", "masking-shares", "masked-update", "unmasking-shares", "peer-key"} <= set(kinds)
            assert "model-update" not in kinds
