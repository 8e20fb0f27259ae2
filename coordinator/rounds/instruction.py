"""Instructions: what a site is asked for in one step, sealed, with the model's bytes behind it."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.rounds.courier import MessageType
from coordinator.rounds.run import Step
from protocols.encoding import encode
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.signing import Identity, Purpose, seal


@dataclass(frozen=True, slots=True)
class Model:
    """A model's bytes (float32, in the order of the plan's tensors) with its round and digest; round 0 is the start.

    `moments` is what the plan's server optimiser remembers with it, if it is of a kind that remembers.
    """

    round: int
    sha256: str
    blob: bytes
    moments: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """One step asked of the sites of one run. `round` is the one to train, or whose model is measured."""

    plan_id: str
    run_id: str
    step: Step
    round: int
    attempt: int
    model_sha256: str

    @property
    def message_type(self) -> MessageType:
        """Flower's word for it."""
        return "train" if self.step is Step.TRAIN else "evaluate"


def sealed_instruction(asked: Asked, model: Model, identity: Identity) -> bytes:
    """The bytes every site is sent in this step."""
    return seal(encode(_message(asked), model.blob), identity, Purpose.INSTRUCTION)


def _message(asked: Asked) -> TrainInstruction | EvaluateInstruction:
    if asked.step is Step.TRAIN:
        return TrainInstruction(
            plan_id=asked.plan_id,
            run_id=asked.run_id,
            round=asked.round,
            attempt=asked.attempt,
            model_sha256=asked.model_sha256,
        )
    return EvaluateInstruction(
        plan_id=asked.plan_id,
        run_id=asked.run_id,
        round=asked.round,
        attempt=asked.attempt,
        model_sha256=asked.model_sha256,
        final=asked.step is Step.MEASURE_FINAL,
    )
