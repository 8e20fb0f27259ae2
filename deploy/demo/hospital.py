"""One hospital of the demo: its node's command line, its staff, its scripted readers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.films import Film, Site
from deploy.demo.processes import Processes, StepFailed, command, wait_until
from deploy.demo.readers import ScriptedReader
from deploy.demo.staff import Person

READERS = 3
SCHEMA = "chest-film-abnormal"
_LICENCE = {"licence_number": "DEMO-1", "specialty_number": "DEMO-1", "valid_until": "2099-12-31"}
"""Of nobody: the demo's readers are scripts."""
_OTHERS = ("lead", "steward")


@dataclass(slots=True)
class Hospital:
    """A node and the people at it."""

    site: Site
    home: Path
    dicom_port: int
    web_port: int
    supernode_port: int
    codes: dict[str, str] = field(default_factory=dict)
    staff: dict[str, Person] = field(default_factory=dict)
    project_id: str = ""
    readings: int = 0

    @property
    def name(self) -> str:
        """The site's name, which is also the node's."""
        return self.site.name

    @property
    def address(self) -> str:
        """Where the node's page and API are."""
        return f"http://127.0.0.1:{self.web_port}"

    def install(self) -> str:
        """The node's home is made and its staff known; its fingerprint."""
        made = command(
            "node", "init", "--home", str(self.home), "--name", self.name, "--language", "ko",
            "--dicom-port", str(self.dicom_port), "--web-port", str(self.web_port),
            "--supernode-port", str(self.supernode_port), "--peer", "DEMOMODALITY", "--inbox-poll-seconds", "3",
            "--json",
        )  # fmt: skip
        added = command(
            "node", "person", "add", "--home", str(self.home), "--name", f"{self.name} it", "--role", "it", "--json"
        )
        self.codes["it"] = added["code"]
        return str(made["fingerprint"])

    def join(self, invitation: str, coordinator_fingerprint: str) -> Any:
        """The node asked to join; what its command line printed."""
        return command(
            "node", "join", invitation, "--home", str(self.home), "--expect-fingerprint", coordinator_fingerprint,
            "--json",
        )  # fmt: skip

    def start(self, processes: Processes) -> None:
        """`intramuros node run` has been started."""
        processes.start(f"node-{self.name}", "node", "run", "--home", str(self.home))

    def wait_healthy(self, processes: Processes) -> None:
        """The page answers and the staff is signed in."""
        wait_until(
            self._healthy, what=f"the page of {self.name}", processes=processes, timeout_seconds=90
        )  # fmt: skip
        it = self.staff["it"] = Person(self.address, self.codes["it"])
        for name in (*_OTHERS, *(f"reader {number}" for number in range(1, READERS + 1))):
            self.codes[name] = self._add_person(it, name)
        self.staff |= {name: Person(self.address, self.codes[name]) for name in _OTHERS}

    def intake(self) -> dict[str, Any]:
        """Counts of received, waiting, clean and quarantined images, as IT sees them."""
        counts: dict[str, Any] = self.staff["it"].get("/api/intake")
        return counts

    def open_project(self) -> int:
        """A project over the node's films is open for reading; how many cases it has."""
        lead = self.staff["lead"]
        project = lead.post(
            "/api/projects",
            {
                "title": "Chest film: abnormal or not 흉부 촬영: 이상 유무",
                "schema_code": SCHEMA,
                "schema_version": 1,
                "reads_per_case": READERS,
                "payer": "Demo",
                "permission": {"use": "any-approved-plan"},
            },
        )
        self.project_id = str(project["project_id"])
        added = lead.post(f"/api/projects/{self.project_id}/cases", {"modalities": ["CR", "DX"]})
        rows = [
            {"sop_instance_uid": film.sop_instance_uid, "option": "present" if film.label else "absent"}
            for film in self.site.holdout
        ]
        if rows:
            lead.put(f"/api/projects/{self.project_id}/holdout", {"rows": rows})
        lead.post(f"/api/projects/{self.project_id}/open")
        return int(added["added"])

    def read_all(self, known: dict[str, Film], cases: int, *, error_rate: float) -> int:
        """Every reader has read every case open to them; how many readings that made."""
        readers = [
            ScriptedReader(self.address, self.codes[f"reader {number}"], f"reader {number}", known, error_rate)
            for number in range(1, READERS + 1)
        ]
        with ThreadPoolExecutor(READERS) as pool:
            self.readings = sum(pool.map(lambda reader: reader.read_until_done(self.project_id, cases), readers))
        return self.readings

    def progress(self) -> dict[str, Any]:
        """How far the project's reading is, as its lead sees it."""
        figures: dict[str, Any] = self.staff["lead"].get(f"/api/projects/{self.project_id}/progress")
        return figures

    def approve(self, plan_id: str) -> None:
        """The steward approved the plan within its own bounds."""
        offer = self.offer(plan_id)
        if offer is None:
            raise StepFailed(f"the plan has not reached {self.name}")
        self.staff["steward"].post(
            f"/api/plans/{offer['offer_sha256']}/approval",
            {
                "max_rounds": offer["rounds"],
                "max_cases": 5000,
                "accepts_red_attack_light": True,
                "expires_at": offer["expires_at"],
            },
        )

    def offer(self, plan_id: str) -> dict[str, Any] | None:
        """The plan as the steward's page lists it, once it arrived."""
        for offer in self.staff["steward"].get("/api/plans"):
            if offer["plan_id"] == plan_id:
                return dict(offer)
        return None

    def verdict(self, plan_id: str) -> dict[str, Any] | None:
        """The benefit verdict over a plan, once the node has worked it out."""
        for verdict in self.staff["it"].get("/api/verdicts"):
            if verdict["plan_id"] == plan_id and verdict["state"] != "waiting":
                return dict(verdict)
        return None

    def fresh_codes(self) -> dict[str, str]:
        """A new one-time log-in for one person of every kind, made by IT."""
        people = self.staff["it"].get("/api/people")["people"]
        wanted = {f"{self.name} {name}": name for name in ("it", *_OTHERS, "reader 1")}
        return {
            wanted[person["name"]]: self.staff["it"].post(f"/api/people/{person['person_id']}/login-code")["code"]
            for person in people
            if person["name"] in wanted
        }

    def ledger(self) -> Any:
        """What the node's own command says of its ledger after checking the chain."""
        return command("node", "ledger", "verify", "--home", str(self.home), "--json")

    def _add_person(self, it: Person, name: str) -> str:
        body: dict[str, object] = {"name": f"{self.name} {name}", "roles": [name.split(" ", maxsplit=1)[0]]}
        if name.startswith("reader"):
            body |= {"department": "radiology", "licence": _LICENCE}
        added = it.post("/api/people", body)
        return str(it.post(f"/api/people/{added['person_id']}/login-code")["code"])

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.address}/api/health", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False
