"""A coordinator with its real store and hospitals with their real walls, in one process; only the line is played.

The plan is offered past `check_plan`, so that its terms can be any; every hospital compared keys with every other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fakes.coordinator_world import PARTNER_IDENTITY, FakeClock, World
from fakes.hospitals import Hospital
from fakes.secure_walls import WalledHospital, a_secure_real_plan, approved
from fakes.wall_cast import SPECS

from coordinator.aggregation.server_step import Server
from coordinator.aggregation.weighted_sum import model_of_sum
from coordinator.flows.conduct import conduct
from coordinator.flows.roster import receive_peer_key, roster_version
from coordinator.ground.audit import OPERATOR, AuditEvent
from coordinator.offers.offer import CheckedPlan, Offer, make_offer
from coordinator.publication.release import tensor_blob
from coordinator.rounds.courier import CourierStopped, MessageType
from coordinator.rounds.run import Run
from coordinator.rounds.starting import starting_weights
from protocols.approvals import Bounds
from protocols.encoding import Wire, decode, encode, kind_of
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.masking import AdvertInstruction, MaskInstruction, ShareInstruction, SurvivorInstruction
from protocols.models import model_digest
from protocols.plans import TrainingPlan
from protocols.roster import PeerKey
from protocols.signing import Purpose, seal, unseal_any
from protocols.strategies import Strategy

Lost = Callable[[WalledHospital, Any], bool]
"""Whether what this hospital is told, or answers, gets lost."""
_KINDS: Mapping[str, type[Wire]] = {
    one.kind: one
    for one in (
        AdvertInstruction, ShareInstruction, MaskInstruction, SurvivorInstruction, TrainInstruction, EvaluateInstruction
    )
}  # fmt: skip


@dataclass(slots=True)
class WalledCourier:
    """Carries frames to walls. `lost` is asked before a wall hears, `unheard` once it has answered."""

    hospitals: Mapping[int, WalledHospital]
    clock: FakeClock
    lost: Lost = lambda _hospital, _told: False
    unheard: Lost = lambda _hospital, _told: False
    dies_at: int = 0
    exchanges: int = 0
    carried: list[tuple[str, bytes]] = field(default_factory=list)

    def online(self) -> frozenset[int]:
        return frozenset(self.hospitals)

    def exchange(self, frames: Mapping[int, tuple[MessageType, bytes]], deadline_seconds: float) -> dict[int, bytes]:
        self.exchanges += 1
        if self.exchanges == self.dies_at:
            raise CourierStopped("the engine ended the run")
        answers: dict[int, bytes] = {}
        for number, (message_type, sealed) in frames.items():
            hospital, frame = self.hospitals[number], unseal_any(sealed, Purpose.INSTRUCTION).frame
            told, _ = decode(frame, _KINDS[kind_of(frame)])
            if self.lost(hospital, told):
                continue
            answered = hospital.wall.answering.answer(message_type, sealed)
            self.carried.append((hospital.site_id, answered))
            if not self.unheard(hospital, told):
                answers[number] = answered
        if len(answers) < len(frames):
            self.clock.sleep(deadline_seconds)
        return answers


@dataclass
class SecureWorld:
    """A coordinator, a secure plan, and hospitals that approved it."""

    world: World
    offer: Offer
    members: list[WalledHospital]

    @property
    def nodes(self) -> dict[int, WalledHospital]:
        """The members by the SuperLink's numbers."""
        numbers = {one.site_id: one.node_id for one in self.world.hospitals}
        return {numbers[one.site_id]: one for one in self.members}

    @property
    def courier(self) -> WalledCourier:
        return WalledCourier(self.nodes, self.world.clock)

    def close(self) -> None:
        for one in self.members:
            one.stop()
        self.world.close()


def a_secure_world(folder: Path, count: int, **changes: Any) -> SecureWorld:
    """So many hospitals that believe each other, and a plan that all of them approved."""
    world = World(folder)
    names = [f"h{number}" for number in range(1, count + 1)]
    enrolled = [world.admitted(name) for name in names]
    world.plan()
    plan = a_secure_real_plan(partner_id=world.partner_id, **changes)
    compared(world, enrolled)
    offer = offered(world, plan)
    believed = {one.site_id: one.identity.public for one in enrolled}
    members = []
    for number, one in enumerate(enrolled, start=1):
        home = folder / one.name
        made = WalledHospital(number, plan, home, believed, named=one.site_id, key=one.identity)
        approved(made, offer.sealed_offer)
        approve(world, one, offer)
        members.append(made)
    return SecureWorld(world, offer, members)


def compared(world: World, hospitals: Sequence[Hospital]) -> None:
    """Each of the hospitals signed every other's key, and the roster that says so was handed round."""
    for one in hospitals:
        for other in hospitals:
            if other is not one:
                said = PeerKey(
                    signer_site_id=one.site_id,
                    peer_site_id=other.site_id,
                    peer_key=other.identity.public.raw,
                    signed_at=world.clock.now(),
                )
                sealed = seal(encode(said), one.identity, Purpose.PEER_KEY)
                receive_peer_key(world.work, world.face, sealed, now=world.clock.now())
    roster_version(world.work, world.face, 1, now=world.clock.now())


def approve(world: World, hospital: Hospital, offer: Offer) -> None:
    """The coordinator holds the hospital's approval, as far as the plan goes."""
    plan = offer.plan
    bounds = Bounds(max_rounds=plan.rounds, max_attempts_per_round=3, max_cases=plan.cohort.max_cases)
    world.approve(hospital, offer, bounds=bounds)


def offered(world: World, plan: TrainingPlan) -> Offer:
    """The offer of a plan nobody checked."""
    sealed = seal(encode(plan), PARTNER_IDENTITY, Purpose.PLAN)
    start = starting_weights(SPECS, plan.starting_weights.seed or 0)
    checked = CheckedPlan(plan, sealed, hashlib.sha256(sealed).hexdigest(), model_digest(SPECS, start))
    with world.work.writing() as books:
        partner = books.partners.all()[0]
        offer = make_offer(checked, partner, world.face.identity, now=world.clock.now())
        books.plans.add(offer, AuditEvent(world.clock.now(), OPERATOR, "plan.offered", f"plan:{plan.plan_id}"))
    return offer


def conducted(secure: SecureWorld, courier: Any, run: Run) -> Run:
    """The run, conducted to its end by the ServerApp that took it up."""
    return conduct(secure.world.conductor(courier, run.start), run.run_id)


def plain_model(run_id: str, counted: Sequence[Sequence[WalledHospital]], strategy: Strategy | None = None) -> bytes:
    """The model that plain fixed-point averaging of the same updates gives, round by round."""
    blob, rule, moments = starting_weights(SPECS, 7), strategy or Strategy(), b""
    for number, members in enumerate(counted, start=1):
        digest = model_digest(SPECS, blob)
        held = [one.vector(digest, run_id=run_id, round=number) for one in members]
        total = np.sum([np.frombuffer(one.vector, "<i4").astype(np.int64) * one.weight for one in held], axis=0)
        weight, server = sum(one.weight for one in held), Server(rule, moments)
        made = model_of_sum(blob, total, weight, scale_bits=20, server=server)
        blob, moments = made.blob, made.moments
    return blob


def checkpoint(secure: SecureWorld, run: Run, number: int) -> bytes:
    """The model the coordinator kept of a round."""
    file = secure.world.models.read_checkpoint(run.run_id, number)
    assert file is not None
    return tensor_blob(SPECS, file)
