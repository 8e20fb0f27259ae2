"""A coordinator on a real store with hospitals that answer in this process: honest, silent, lying, refusing.

The store is the real one on SQLite, migrated once per session and copied; only the engine, the line and the time are
fakes. A fake hospital checks the coordinator's seal as a real one does.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import factories
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fakes.hospitals import COORDINATOR, Hospital
from sqlalchemy import event

from coordinator.flows.approve import receive_approval, receive_withdrawal
from coordinator.flows.conduct import conduct
from coordinator.flows.join import admit, enrol, invite
from coordinator.flows.partners import add_partner, submit_plan
from coordinator.flows.reconcile import EngineDown, Reconciler, reconcile
from coordinator.flows.scene import Conductor
from coordinator.flows.start import live_run, start_run
from coordinator.ground.face import Face
from coordinator.ground.home import Home
from coordinator.offers.offer import Offer
from coordinator.rounds.courier import Courier, CourierStopped, MessageType
from coordinator.rounds.run import Run
from coordinator.storage.engine import open_engine
from coordinator.storage.migrate import upgrade
from coordinator.storage.model_files import StoredModels
from coordinator.storage.unit import StoredWork
from protocols.approvals import Bounds
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentAnswer
from protocols.plans import TrainingPlan
from protocols.signing import Identity, Purpose, seal, unseal

PARTNER_IDENTITY = factories.an_identity(2)
PARTNER_NAME = "Example Imaging AI"
AUTHORITY = "-----BEGIN CERTIFICATE-----\n"
TRANSPORT_PEM = (
    ec.derive_private_key(7, ec.SECP384R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


class FakeClock:
    """A clock that moves only when told, or when somebody sleeps."""

    def __init__(self) -> None:
        self.at = factories.NOW
        self.slept = 0.0

    def now(self) -> datetime:
        """The fake moment."""
        return self.at

    def monotonic_seconds(self) -> float:
        """Seconds slept so far."""
        return self.slept

    def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self.slept += seconds
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class FakeCourier:
    """Carries frames to hospitals at once; a silent one costs the whole deadline. `dies_at` ends the process there."""

    hospitals: Mapping[int, Hospital]
    clock: FakeClock
    dies_at: tuple[MessageType, int] | None = None
    exchanges: int = 0

    def online(self) -> frozenset[int]:
        """The hospitals that are online."""
        return frozenset(number for number, hospital in self.hospitals.items() if hospital.online)

    def exchange(self, frames: Mapping[int, tuple[MessageType, bytes]], deadline_seconds: float) -> dict[int, bytes]:
        """The answers of those that answer."""
        self.exchanges += 1
        if self.dies_at is not None and self.dies_at[1] == self.exchanges:
            raise CourierStopped("the engine ended the run")
        answered = {number: self.hospitals[number].answer(frame) for number, (_, frame) in frames.items()}
        if any(answer is None for answer in answered.values()):
            self.clock.sleep(deadline_seconds)
        return {number: answer for number, answer in answered.items() if answer is not None}


@dataclass(slots=True)
class FakeEngine:
    """A federation engine that remembers; `down` refuses everything, `refused` one site, `alive` are runs not ended."""

    down: bool = False
    refused: str = ""
    registered: dict[int, str] = field(default_factory=dict)
    started: list[tuple[str, int]] = field(default_factory=list)
    alive: set[int] = field(default_factory=set)

    def register(self, transport_pem: str, name: str) -> int:
        """The next number, beyond what a signed integer holds."""
        self._check()
        if name == self.refused:
            raise EngineDown("this key is refused")
        number = 2**63 + len(self.registered)
        self.registered[number] = name
        return number

    def unregister(self, node_id: int) -> None:
        """The number is forgotten."""
        self._check()
        del self.registered[node_id]

    def start(self, plan_id: str, start: int) -> int:
        """The next run."""
        self._check()
        self.started.append((plan_id, start))
        self.alive.add(2**63 + len(self.started))
        return 2**63 + len(self.started)

    def has_ended(self, engine_run: int) -> bool:
        """Whether the run is not alive."""
        self._check()
        return engine_run not in self.alive

    def _check(self) -> None:
        if self.down:
            raise EngineDown("the engine is away")


@cache
def _migrated() -> Path:
    folder = Path(mkdtemp(prefix="coordinator-"))
    engine = open_engine(folder)
    upgrade(engine)
    engine.dispose()
    return folder / "coordinator.db"


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    """Nothing here outlives a power cut, and waiting for the disk is most of a fast test."""
    connection.execute("PRAGMA synchronous=OFF")


class World:
    """A coordinator with what a test adds to it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.home.make()
        shutil.copy(_migrated(), self.home.path / "coordinator.db")
        self.database = open_engine(self.home.path)
        event.listen(self.database, "connect", _hurry)
        self.work = StoredWork(self.database)
        self.models = StoredModels(self.home)
        self.clock = FakeClock()
        self.engine = FakeEngine()
        self.face = Face("Example coordinator", "127.0.0.1:9443", AUTHORITY, COORDINATOR)
        self.hospitals: list[Hospital] = []
        self.partner_id = ""

    def close(self) -> None:
        """The database is closed."""
        self.database.dispose()

    def request(self, name: str, identity: Identity, **changes: object) -> bytes:
        """A sealed enrolment request under a new invitation."""
        token = invite(self.work, self.face, name, hours=1, now=self.clock.now()).token
        key = seal(encode(factories.a_transport_key(public_key_pem=TRANSPORT_PEM)), identity, Purpose.TRANSPORT_KEY)
        fields = {"token": token, "site_name": name, "identity_key": identity.public.raw, "sealed_transport_key": key}
        return seal(encode(factories.an_enrolment_request(**{**fields, **changes})), identity, Purpose.ENROLMENT)

    def enrolled(self, name: str) -> Hospital:
        """A hospital that waits."""
        identity = Identity.from_raw((100 + len(self.hospitals)).to_bytes(2, "big") * 16)
        answer = enrol(self.work, self.face, self.request(name, identity), now=self.clock.now())
        told, _ = decode(unseal(answer, COORDINATOR.public, Purpose.ENROLMENT_ANSWER), EnrolmentAnswer)
        hospital = Hospital(name, identity, site_id=told.site_id)
        self.hospitals.append(hospital)
        return hospital

    def admitted(self, name: str) -> Hospital:
        """A hospital that is admitted and let in."""
        hospital = self.enrolled(name)
        admit(self.work, hospital.site_id, hospital.identity.public.fingerprint, now=self.clock.now())
        self.reconcile()
        with self.work.reading() as books:
            site = next(held for held in books.sites.all() if held.site_id == hospital.site_id)
        assert site.node_id is not None
        hospital.node_id = site.node_id
        return hospital

    def reconcile(self) -> int:
        """One pass of the jobs process."""
        return reconcile(Reconciler(self.work, self.engine, self.clock))

    def plan(self, **changes: object) -> TrainingPlan:
        """A plan of the partner, who is added at the first call."""
        if not self.partner_id:
            key = PARTNER_IDENTITY.public.raw.hex()
            card = add_partner(self.work, self.face, PARTNER_NAME, key, now=self.clock.now())
            self.partner_id = card.partner_id
        return factories.a_plan(partner_id=self.partner_id, partner_name=PARTNER_NAME, **changes)

    def offered(self, **changes: object) -> Offer:
        """The offer of a plan of the partner."""
        sealed = seal(encode(self.plan(**changes)), PARTNER_IDENTITY, Purpose.PLAN)
        return submit_plan(self.work, self.face, sealed, now=self.clock.now())

    def approve(self, hospital: Hospital, offer: Offer, **changes: object) -> bytes:
        """The sealed approval, received."""
        sealed = self.approval(hospital, offer, **changes)
        receive_approval(self.work, self.face, sealed, now=self.clock.now())
        return sealed

    def approval(self, hospital: Hospital, offer: Offer, **changes: object) -> bytes:
        """A sealed approval of this hospital."""
        fields = {
            "approval_id": f"{hospital.site_id[:-4]}a000", "site_id": hospital.site_id, "plan_id": offer.plan_id,
            "offer_sha256": offer.offer_sha256,
            "bounds": Bounds(max_rounds=offer.plan.rounds, max_attempts_per_round=3, max_cases=5000),
        }  # fmt: skip
        return hospital.sealed(factories.an_approval(**{**fields, **changes}), Purpose.APPROVAL)

    def withdraw(self, hospital: Hospital, offer: Offer) -> bytes:
        """The sealed withdrawal, received."""
        approval_id = f"{hospital.site_id[:-4]}a000"
        message = factories.a_withdrawal(approval_id=approval_id, site_id=hospital.site_id, plan_id=offer.plan_id)
        sealed = hospital.sealed(message, Purpose.WITHDRAWAL)
        receive_withdrawal(self.work, self.face, sealed, now=self.clock.now())
        return sealed

    def ready(self, *names: str, **changes: object) -> Offer:
        """An offer that these new hospitals have approved."""
        hospitals = [self.admitted(name) for name in names]
        offer = self.offered(**changes)
        for hospital in hospitals:
            self.approve(hospital, offer)
        return offer

    def courier(self) -> FakeCourier:
        """A courier to all hospitals."""
        return FakeCourier({hospital.node_id: hospital for hospital in self.hospitals}, self.clock)

    def conductor(self, courier: Courier, start: int = 1) -> Conductor:
        """The ports of a ServerApp."""
        return Conductor(self.work, courier, self.models, self.clock, self.face, start)

    def started(self, offer: Offer) -> Run:
        """The run of the offer, taken up by a first ServerApp."""
        start_run(self.work, offer.plan_id, now=self.clock.now())
        self.reconcile()
        run = live_run(self.work, offer.plan_id)
        assert run is not None
        return run

    def carried(self, offer: Offer, courier: FakeCourier | None = None) -> Run:
        """The run of the offer, conducted to its end."""
        run = self.started(offer)
        return conduct(self.conductor(courier or self.courier(), run.start), run.run_id)
