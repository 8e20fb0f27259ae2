"""One hospital of round-overhead and secure-round: the real wall on SQLite with full synchronisation; nobody trains.

Real are the stores, the budget, the gate, the ledger, the outbox and the sealing; played are the labelled cases, their
films and the fit child, which answers at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fakes.wall import migrated
from fakes.wall_cast import PERSON, PlayedCases, PlayedFilms, PlayedFit
from sqlalchemy import Engine

from node.edges.federation.supernode import SuperNodeSettings
from node.edges.federation.worker import WorkerSettings
from node.flows.answer import Answering, AnswerRules
from node.flows.answer_stores import AnswerStores
from node.flows.approve import Stewardship, approve
from node.flows.cohort import CohortSources, Exports
from node.flows.fit_rooms import FitRooms
from node.flows.inbox import COORDINATOR
from node.flows.patients import PatientBudget
from node.flows.round_work import RoundWork
from node.flows.secure_steps import SecureParts
from node.flows.send import OwnSite
from node.ground.audit import AuditEvent
from node.ground.clock import SystemClock
from node.release.offers import open_offer
from node.release.secure.turns import Turns
from node.release.wish import ApprovalWish
from node.storage.engine import Database
from node.storage.kept_back import StoredKeptBack
from node.storage.round_store import RoundStore
from node.storage.secure_rounds import StoredSecureRounds
from node.storage.wall_budget import WallBudget
from node.storage.wall_figures import WallFigures
from node.storage.wall_models import WallModels
from node.storage.wall_patients import WallPatients
from node.storage.wall_plans import WallPlans
from node.storage.wall_send import WallUnit
from node.storage.wall_taking_part import WallTakingPart
from node.storage.wall_verdicts import WallCohorts, WallVerdicts
from protocols.approvals import Bounds
from protocols.bundle import BUNDLE_SHA256
from protocols.encoding import encode
from protocols.signing import Identity, PublicIdentity, Purpose, seal

_MIN_SURVIVORS = 3
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Hospital:
    """One hospital that joined: its home, its number, its keys, and the port of its own SuperNode."""

    home: Path
    site_id: str
    identity: Identity
    coordinator: PublicIdentity
    runtime_port: int
    keys: Mapping[str, PublicIdentity] = field(default_factory=dict)
    """Identities of hospitals it compared keys with, its own among them; none where no round is secure."""

    def believed(self, *, vouchers: int) -> Mapping[str, PublicIdentity]:
        """Implements `PeerBook`: it compared every key itself."""
        return self.keys

    @property
    def site(self) -> OwnSite:
        """This hospital towards its coordinator."""
        return OwnSite(self.site_id, self.identity, self.coordinator)

    @property
    def worker(self) -> WorkerSettings:
        """Where its worker finds tasks."""
        return WorkerSettings(f"127.0.0.1:{self.runtime_port}", self.home / "secret", BUNDLE_SHA256)

    def supernode(self, address: str, authority: Path) -> SuperNodeSettings:
        """Its SuperNode, which reaches the coordinator at `address`."""
        return SuperNodeSettings(
            coordinator_address=address,
            root_certificate=authority,
            transport_key=self.home / "transport.pem",
            secret_file=self.home / "secret",
            runtime_port=self.runtime_port,
            flwr_home=self.home / "flwr",
            allowed_bundle_sha256=BUNDLE_SHA256,
        )

    def written(self) -> str:
        """What its wall process is started with."""
        keys = {"identity": self.identity.raw_secret().hex(), "coordinator": self.coordinator.raw.hex()}
        believed = {site_id: one.raw.hex() for site_id, one in self.keys.items()}
        return json.dumps({"site_id": self.site_id, "runtime_port": self.runtime_port, "keys": believed, **keys})


def read_hospital(home: Path) -> Hospital:
    """The hospital whose `written` lies in its home."""
    told = json.loads((home / "hospital.json").read_text())
    identity, coordinator = Identity.from_raw(bytes.fromhex(told["identity"])), bytes.fromhex(told["coordinator"])
    believed = {site_id: PublicIdentity(bytes.fromhex(key)) for site_id, key in told["keys"].items()}
    return Hospital(home, told["site_id"], identity, PublicIdentity(coordinator), told["runtime_port"], believed)


def new_transport_key(home: Path) -> str:
    """The public key (PEM) of a transport key that now lies in the home."""
    key = ec.generate_private_key(ec.SECP384R1())
    (home / "transport.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def approved(hospital: Hospital, sealed_offer: bytes) -> bytes:
    """The hospital's sealed approval of an offer, as far as its plan goes; held and in its own ledger."""
    engine = migrated(Database.WALL, hospital.home)
    try:
        plans, offered = WallPlans(engine, hospital.coordinator), open_offer(sealed_offer, hospital.coordinator)
        now, plan = _CLOCK.now(), offered.plan
        plans.keep(offered, sealed_offer, AuditEvent(now, COORDINATOR, "plan.offered", f"plan:{plan.plan_id}"))
        bounds = Bounds(max_rounds=plan.rounds, max_attempts_per_round=3, max_cases=plan.cohort.max_cases)
        unit, patients = WallUnit(engine), _patients(engine)
        desk = Stewardship(hospital.site, plans, unit, _CLOCK, _MIN_SURVIVORS, patients, peers=hospital)
        approval = approve(desk, ApprovalWish(offered.sha256, bounds, True, now + timedelta(days=1)), PERSON)
    finally:
        engine.dispose()
    return seal(encode(approval), hospital.identity, Purpose.APPROVAL)


def _patients(engine: Engine) -> PatientBudget:
    """A budget that nothing is charged to: the plan measured is not private."""
    return PatientBudget(WallPatients(engine), lambda _plan: frozenset(), cap=1.0)


def answering(hospital: Hospital) -> Answering:
    """What the wall of this hospital answers instructions with."""
    home, site = hospital.home, hospital.site
    engine, round_engine = (migrated(database, home) for database in (Database.WALL, Database.ROUND))
    (home / "models").mkdir(exist_ok=True)
    book = WallCohorts(engine)
    cases = PlayedCases()
    patients = _patients(engine)
    books = book, patients.book, WallTakingPart(engine)
    sources = CohortSources(cases, cases, PlayedFilms(), *books, bytes(32), home / "export", _CLOCK)
    played = PlayedFit()
    stores = AnswerStores(
        plans=WallPlans(engine, site.coordinator),
        budget=WallBudget(engine),
        patients=patients,
        answers=WallUnit(engine),
        unit=WallUnit(engine),
        vectors=RoundStore(round_engine, bytes(32), _CLOCK),
        figures=WallFigures(engine),
        models=WallModels(home / "models"),
        verdicts=WallVerdicts(engine),
        secure=_secure(hospital, round_engine) if hospital.keys else None,
    )
    work = RoundWork(Exports(sources), FitRooms(lambda _plan, _export: played))
    rules = AnswerRules(min_survivors=_MIN_SURVIVORS, stopping=lambda: False)
    return Answering(site, stores, work, rules=rules, clock=_CLOCK)


def _secure(hospital: Hospital, round_engine: Engine) -> SecureParts:
    kept = round_engine, bytes(32), _CLOCK
    rounds = StoredSecureRounds(*kept)
    turns = Turns(hospital.site_id, StoredKeptBack(*kept), RoundStore(*kept), rounds)
    return SecureParts(rounds, hospital, os.urandom, turns)
