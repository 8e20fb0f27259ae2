"""Hospitals that joined one coordinator on loopback: real processes, reached by commands and public HTTP only.

Each holds a few drawn films, read once, so that a plan of two or three short rounds can be run on them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.coordinator_place import PARTNER, CoordinatorPlace
from waiting import until

from deploy.demo.canary import Canary
from deploy.demo.films import Film, Site, answers, read_sites
from deploy.demo.hospital import READERS, SCHEMA, Hospital
from deploy.demo.phantoms.folder import write_phantoms
from deploy.demo.plan import Schedule, training_plan
from deploy.demo.processes import Processes, free_ports
from deploy.demo.readers import ScriptedReader
from deploy.demo.sender import Destination, send
from protocols.plans import TrainingPlan

FILMS = 36
ROUNDS = 3
SITES = ("site-north", "site-east")
SHORT = Schedule(rounds=ROUNDS, local_steps=6, batch_size=8, learning_rate=0.002, weight_decay=0.0001)
SLOW = Schedule(rounds=ROUNDS, local_steps=30, batch_size=8, learning_rate=0.002, weight_decay=0.0001)
"""Rounds long enough that something can be done to a node while it trains."""
MEASURED = {None, "worse-than-start", "not-measured"}
"""How a run can end that did all its rounds: what so short a training is worth is not these tests' subject."""
_LIVE = {"waiting", "running"}


@dataclass(slots=True)
class Federation:
    """One coordinator, its partner and the hospitals that joined it."""

    work: Path
    processes: Processes
    coordinator: CoordinatorPlace
    hospitals: tuple[Hospital, ...]

    @property
    def images(self) -> Path:
        """What was drawn, with the table of every identity in it."""
        return self.work / "images"

    def plan(self, schedule: Schedule = SHORT, *, quorum: int = 2, **changes: Any) -> TrainingPlan:
        """A plan of the partner, short unless said otherwise."""
        plan = training_plan(self.coordinator.partner_id, PARTNER, schedule, quorum=quorum, seed=7)
        cohort = plan.cohort.model_copy(update={"min_readings": 1})
        return TrainingPlan.model_validate(plan.model_copy(update={"cohort": cohort} | changes).model_dump())

    def offered(self, plan: TrainingPlan) -> str:
        """The plan was submitted and has reached every hospital; its identifier."""
        self.coordinator.submit(plan)
        until(lambda: all(at.offer(plan.plan_id) for at in self.hospitals), 60, "the plan at every hospital")
        return plan.plan_id

    def started(self, plan: TrainingPlan, *, max_rounds: Mapping[str, int] | None = None) -> str:
        """Every hospital approved the plan, some for fewer rounds, and its run was started; the run's identifier."""
        plan_id = self.offered(plan)
        for hospital in self.hospitals:
            approve(hospital, plan_id, max_rounds=(max_rounds or {}).get(hospital.name, plan.rounds))
        until(lambda: self.coordinator.approvals(plan_id) == len(self.hospitals), 60, "every approval")
        return str(self.coordinator.asks("start", plan_id)["run_id"])

    def wait_open_round(self, run_id: str, number: int) -> None:
        """The round is under way."""

        def is_open() -> bool:
            run = self.coordinator.run(run_id)
            assert run["state"] in _LIVE, run
            return any((held["round"], held["state"]) == (number, "open") for held in run["rounds"])

        until(is_open, 240, f"round {number}")

    def wait_end(self, run_id: str, seconds: float) -> dict[str, Any]:
        """How the run ended."""
        ended = lambda: self.coordinator.run(run_id)["state"] not in _LIVE  # noqa: E731 - two words of the same wait
        until(ended, seconds, "the end of the run", every_seconds=2.0)
        return self.coordinator.run(run_id)


def approve(hospital: Hospital, plan_id: str, *, max_rounds: int) -> Any:
    """The steward's approval. Raises: StepFailed with the title of the refusal."""
    offer = offer_at(hospital, plan_id)
    form = {"max_rounds": max_rounds, "max_cases": 5000, "accepts_red_attack_light": True}
    path = f"/api/plans/{offer['offer_sha256']}/approval"
    return hospital.staff["steward"].post(path, form | {"expires_at": offer["expires_at"]})


def offer_at(hospital: Hospital, plan_id: str) -> dict[str, Any]:
    """The plan in the steward's list."""
    offer = hospital.offer(plan_id)
    assert offer is not None
    return offer


def ledger(hospital: Hospital) -> list[dict[str, Any]]:
    """What left, as the steward's page lists it."""
    return list(hospital.staff["steward"].get("/api/ledger", limit=500)["entries"])


def child(hospital: Hospital, name: str) -> dict[str, Any]:
    """What the node's supervisor says of a process of its own: pid, restarts, exit code."""
    state = json.loads((hospital.home / "run" / "state.json").read_text(encoding="utf-8"))
    return dict(state["children"][name])


@contextlib.contextmanager
def running_federation(work: Path, *, films: int = FILMS, names: Collection[str] = SITES) -> Iterator[Federation]:
    """A federation whose hospitals hold read films, and no process of it afterwards."""
    write_phantoms(work / "images", 1)
    sites = _sites(work / "images", films, names)
    ports = iter(free_ports(3 * len(sites)))
    hospitals = tuple(Hospital(site, work / site.name, next(ports), next(ports), next(ports)) for site in sites)
    federation = Federation(work, Processes(work / "logs"), CoordinatorPlace(work), hospitals)
    try:
        federation.coordinator.start()
        federation.coordinator.connect_partner()
        with ThreadPoolExecutor(len(sites)) as pool:
            list(pool.map(lambda hospital: _join(federation, hospital), hospitals))
        for number, hospital in enumerate(hospitals):
            _fill(hospital, first_canary=number * films)
        yield federation
    finally:
        for hospital in hospitals:
            for person in hospital.staff.values():
                person.close()
        federation.processes.end_all()
        federation.coordinator.stop()


def _sites(images: Path, count: int, names: Collection[str]) -> list[Site]:
    """The hospitals of these names; one that nobody drew films for has the last films of the last that was drawn."""
    drawn = {site.name: site for site in read_sites(images)}
    last = list(drawn.values())[-1]
    others = {name: Site(name, (), last.films[-count:]) for name in names if name not in drawn}
    return [_few(site, count) for name, site in (drawn | others).items() if name in names]


def _few(site: Site, count: int) -> Site:
    """The first films, one a patient, all of them to be read."""
    films = tuple(Film(film.file, film.sop_instance_uid, "train", film.label) for film in site.films[:count])
    return Site(site.name, tuple(film.file for film in films), films)


def _join(federation: Federation, hospital: Hospital) -> None:
    coordinator, fingerprint = federation.coordinator, hospital.install()
    hospital.join(coordinator.invite(hospital.name), coordinator.fingerprint)
    coordinator.asks("admit", hospital.name, "--fingerprint", fingerprint)
    hospital.start(federation.processes)
    hospital.wait_healthy(federation.processes)


def _all_judged(counts: Mapping[str, int], films: int) -> bool:
    """Every film has its verdict; a drawing that looks like text over the anatomy may wait for a person."""
    return counts["clean"] + counts["quarantined"] == films and counts["quarantined"] <= films // 10


def _fill(hospital: Hospital, *, first_canary: int) -> None:
    files, lead = hospital.site.files, hospital.staff["lead"]
    canaries = (Canary(first_canary + number) for number in range(len(files)))
    send(files, canaries, Destination(hospital.dicom_port, "INTRAMUROS"))
    until(lambda: _all_judged(hospital.intake(), len(files)), 120, lambda: f"cleaning of {hospital.intake()}")
    body = {
        "title": "Chest film 흉부",
        "schema_code": SCHEMA,
        "schema_version": 1,
        "reads_per_case": 1,
        "permission": {"use": "any-approved-plan"},
    }
    project_id = lead.post("/api/projects", body)["project_id"]
    cases = int(lead.post(f"/api/projects/{project_id}/cases", {"modalities": ["CR", "DX"]})["added"])
    lead.post(f"/api/projects/{project_id}/open")
    known = answers(hospital.site)
    names = [f"reader {number}" for number in range(1, READERS + 1)]
    readers = [ScriptedReader(hospital.address, hospital.codes[name], name, known, 0.0) for name in names]
    with ThreadPoolExecutor(READERS) as pool:
        read = sum(pool.map(lambda reader: reader.read_until_done(project_id, cases), readers))
    clean = hospital.intake()["clean"]
    assert read == clean, f"{read} of {clean} films were read at {hospital.name}"
