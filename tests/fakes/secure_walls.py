"""Hospitals of a secure round with their real walls: gate, ledger, budget and round.db, each in a folder of its own."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from factories import a_train_instruction, an_approval, an_identity
from fakes.wall import Wall, a_wall
from fakes.wall_cast import (
    COORDINATOR_IDENTITY,
    START_BLOB,
    START_SHA256,
    PlayedFit,
    SetClock,
    a_real_plan,
    instruct,
    opened,
)
from numpy.typing import NDArray
from secure_factories import a_site
from sqlalchemy import Engine, event

from node.flows.inbox import COORDINATOR
from node.flows.secure_steps import SecureParts
from node.flows.send import OwnSite
from node.ground.audit import AuditEvent
from node.release.asked import asked_by
from node.release.bounds import Offer
from node.release.secure.state import SecureRound, name_of
from node.release.secure.turns import Turns
from node.release.update import RoundVector
from node.storage.kept_back import StoredKeptBack
from node.storage.round_store import RoundStore
from node.storage.secure_rounds import StoredSecureRounds
from node.storage.wall_send import WallUnit
from node.training.weights import Tensors
from protocols.approvals import Bounds
from protocols.masking import AdvertInstruction, MaskingRound, MaskInstruction
from protocols.plans import Aggregation, AggregationMode, TrainingPlan
from protocols.signing import Identity, PublicIdentity

_FIRST_IDENTITY = 20


@dataclass
class PlayedPeers:
    """Whom a hospital believes, as the test says."""

    keys: Mapping[str, PublicIdentity]

    def believed(self, *, vouchers: int) -> Mapping[str, PublicIdentity]:
        assert vouchers > 0
        return self.keys


@dataclass
class WalledHospital:
    """One member, as `fakes.secure` carries it, behind its own wall."""

    number: int
    plan: TrainingPlan
    home: Path
    believed: Mapping[str, PublicIdentity]
    rules: dict[str, Any] = field(default_factory=dict)
    secure: bool = True
    named: str = ""
    """Its identifier where a coordinator gave it one."""
    key: Identity | None = None
    fit: PlayedFit = field(init=False)
    wall: Wall = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)
        self.fit = PlayedFit(update=self._moved)
        self.start()

    @property
    def site_id(self) -> str:
        return self.named or a_site(self.number)

    @property
    def identity(self) -> Identity:
        return self.key or an_identity(_FIRST_IDENTITY + self.number)

    def start(self) -> None:
        """The wall process, or that of the same node after a restart."""
        site = OwnSite(self.site_id, self.identity, COORDINATOR_IDENTITY.public)
        secure = self._parts if self.secure else None
        self.wall = a_wall(self.home, site=site, fit=self.fit, secure=secure, **self.rules)
        for engine in (self.wall.engine, self.wall.round_engine):
            engine.dispose()
            event.listen(engine, "connect", _hurry)

    def stop(self) -> None:
        self.wall.engine.dispose()
        self.wall.round_engine.dispose()

    def answer(self, message: Any, blob: bytes = START_BLOB, message_type: str | None = None) -> bytes:
        """What leaves in answer to an instruction."""
        with_model = isinstance(message, MaskInstruction)
        sealed = instruct(message, blob if with_model else b"")
        return self.wall.answering.answer(message_type or ("train" if with_model else "query"), sealed)

    def vector(self, model_sha256: str = START_SHA256, **named: Any) -> RoundVector:
        """The vector it trained, before any mask."""
        asked = asked_by(a_train_instruction(plan_id=self.plan.plan_id, model_sha256=model_sha256, **named))
        kept = self.wall.stores.vectors.kept(asked)
        assert kept is not None
        return kept

    def weighted(self) -> NDArray[np.int64]:
        held = self.vector()
        return np.frombuffer(held.vector, dtype="<i4").astype(np.int64) * held.weight

    @property
    def weight(self) -> int:
        return self.vector().weight

    def state(self, about: MaskingRound) -> SecureRound | None:
        secure = self.wall.stores.secure
        assert secure is not None
        return secure.rounds.of_round(name_of(about))

    def withdraw(self) -> None:
        """The steward takes the approval back."""
        known = self.wall.plans.approved(self.plan.plan_id)
        assert known is not None
        self.wall.stop(known.offered)

    def kinds(self) -> list[str]:
        """What is in its ledger, in order."""
        return [row.entry.message_kind for row in self.wall.ledger.page(0, 100)]

    def _moved(self, start: Tensors) -> Tensors:
        """Another update for every model: the same one is never in two sums, so a wall would refuse its second list."""
        drawn = hashlib.sha256(b"".join(t.tobytes() for t in start.values()) + bytes([self.number])).digest()
        rng = np.random.default_rng(int.from_bytes(drawn[:8], "big"))
        return {name: rng.normal(0, 0.01, t.shape).astype(np.float32) for name, t in start.items()}

    def _parts(self, engine: Engine) -> SecureParts:
        kept, clock = (engine, bytes(32)), SetClock()
        rounds = StoredSecureRounds(*kept, clock)
        turns = Turns(self.site_id, StoredKeptBack(*kept, clock), RoundStore(*kept, clock), rounds)
        return SecureParts(rounds, PlayedPeers(self.believed), os.urandom, turns)


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    """Nothing here outlives a power cut, and waiting for the disk is most of such a test."""
    connection.execute("PRAGMA synchronous=OFF")


def a_secure_real_plan(*, threshold: int, colluders: int = 0, **changes: Any) -> TrainingPlan:
    secure = Aggregation(mode=AggregationMode.SECURE, threshold_t=threshold, colluders_c=colluders)
    return a_real_plan(**{"aggregation": secure, "quorum": 3, **changes})


@contextmanager
def walled(count: int, home: Path, plan: TrainingPlan, *, secure: bool = True, **rules: Any) -> Iterator[list[Any]]:
    """So many hospitals that believe each other and approved the plan."""
    believed = {a_site(number): an_identity(_FIRST_IDENTITY + number).public for number in range(1, count + 1)}
    members = [
        WalledHospital(number, plan, home / str(number), believed, rules, secure=secure)
        for number in range(1, count + 1)
    ]
    for one in members:
        approved(one)
    yield members
    for one in members:
        one.stop()


def approved(member: WalledHospital, sealed_offer: bytes | None = None) -> None:
    """The plan's approval, written past the checks that a steward's goes through."""
    wall = member.wall
    offered = wall.offer(member.plan) if sealed_offer is None else kept_offer(member, sealed_offer)
    bounds = Bounds(max_rounds=member.plan.rounds, max_attempts_per_round=3, max_cases=member.plan.cohort.max_cases)
    approval = an_approval(
        plan_id=member.plan.plan_id, site_id=member.site_id, offer_sha256=offered.sha256,
        approved_at=wall.clock.now(), bounds=bounds,
    )  # fmt: skip
    subject = f"approval:{approval.approval_id}"
    patients = wall.stewardship.patients.bound_by(member.plan, rounds=member.plan.rounds)
    with WallUnit(wall.engine).deciding() as door:
        if patients is not None:
            door.freeze(member.plan, patients, wall.clock.now())
        door.hold(approval, AuditEvent(wall.clock.now(), COORDINATOR, "plan.approved", subject))


def kept_offer(member: WalledHospital, sealed_offer: bytes) -> Offer:
    """The coordinator's offer, which the wall now holds."""
    wall, offered = member.wall, opened(sealed_offer)
    kept = AuditEvent(wall.clock.now(), COORDINATOR, "plan.offered", f"plan:{member.plan.plan_id}")
    wall.plans.keep(offered, sealed_offer, kept)
    return offered


def an_advert_asked(members: list[WalledHospital], about: MaskingRound) -> AdvertInstruction:
    return AdvertInstruction(about=about, model_sha256=START_SHA256, members=tuple(one.site_id for one in members))
