"""What every step of a run works with: the ports, the offer, and the right to write.

A run may be taken up again while an older ServerApp still lives. Only the latest start may write: every transaction
of a run begins with `owned`, which refuses the older one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coordinator.flows.books import Books, UnitOfWork
from coordinator.ground.audit import COORDINATOR, AuditEvent
from coordinator.ground.clock import Clock
from coordinator.ground.errors import CoordinatorError
from coordinator.ground.face import Face
from coordinator.offers.offer import Offer
from coordinator.rounds.courier import Courier
from coordinator.rounds.run import Run
from protocols.inbox import RunState
from protocols.plans import TrainingPlan


class RunUnknown(CoordinatorError):
    """No run has this identifier."""


class RunSuperseded(CoordinatorError):
    """Another ServerApp took the run up, or it has ended; this one stops without a word."""


class ModelFiles(Protocol):
    """Where models lie: checkpoints by run and round, released files by release. Written durably or not at all."""

    def write_checkpoint(self, run_id: str, round_number: int, file: bytes) -> None:
        """The checkpoint is on the disk."""
        ...

    def read_checkpoint(self, run_id: str, round_number: int) -> bytes | None:
        """The checkpoint's bytes, or none."""
        ...

    def write_release(self, release_id: str, file: bytes) -> None:
        """The release's file is on the disk."""
        ...

    def read_release(self, release_id: str) -> bytes | None:
        """The release's file, or none."""
        ...


class SumFiles(Protocol):
    """Where the opened sums of secure rounds lie, for the hospitals to make the next model from."""

    def write_sum(self, run_id: str, round_number: int, content: bytes) -> None:
        """The sum is on the disk, in place of an earlier one of the round."""
        ...

    def read_sum(self, run_id: str, round_number: int) -> bytes | None:
        """The sum's bytes, or none."""
        ...


class MomentFiles(Protocol):
    """Where what a server optimiser remembers lies, by run and round."""

    def write_moments(self, run_id: str, round_number: int, content: bytes) -> None:
        """It is on the disk, in place of an earlier one of the round."""
        ...

    def read_moments(self, run_id: str, round_number: int) -> bytes | None:
        """Its bytes, or none."""
        ...


class RunFiles(ModelFiles, SumFiles, MomentFiles, Protocol):
    """Everything of a run that lies on the disk."""


@dataclass(frozen=True, slots=True)
class Conductor:
    """The ports a ServerApp conducts a run with, and which start of the run it is."""

    work: UnitOfWork
    courier: Courier
    models: RunFiles
    clock: Clock
    face: Face
    start: int


@dataclass(frozen=True, slots=True)
class Scene:
    """One run under one conductor."""

    conductor: Conductor
    run_id: str
    offer: Offer
    plan: TrainingPlan

    def owned(self, books: Books) -> Run:
        """The run, still this conductor's. Raises: RunSuperseded."""
        run = books.runs.find(self.run_id)
        if run is None or run.state is not RunState.RUNNING or run.start != self.conductor.start:
            raise RunSuperseded(f"run {self.run_id} is not this ServerApp's any more")
        return run

    def event(self, action: str, now: datetime, *, subject: str = "", reason: str = "") -> AuditEvent:
        """An audit event of this run."""
        return AuditEvent(now, COORDINATOR, action, subject or f"run:{self.run_id}", reason)


def open_scene(conductor: Conductor, run_id: str) -> Scene:
    """The run's scene. Raises: RunUnknown, RunSuperseded."""
    with conductor.work.reading() as books:
        run = books.runs.find(run_id)
        offer = None if run is None else books.plans.find(run.plan_id)
        if run is None or offer is None:
            raise RunUnknown(f"there is no run {run_id}")
        scene = Scene(conductor, run_id, offer, offer.plan)
        scene.owned(books)
    return scene
