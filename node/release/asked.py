"""What an instruction asks for: the identity of one exchange, and the model it was given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.masking import AdvertInstruction, MaskInstruction, ShareInstruction, SurvivorInstruction


class Exchange(StrEnum):
    """What a coordinator can ask for during a run."""

    TRAIN = "train"
    EVALUATE = "evaluate"
    FINAL = "final"
    AGREE = "agree"
    """A step of a secure round that needs no model; it takes no room of any budget."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One exchange of one attempt of one round; the key of reservations and stored answers."""

    plan_id: str
    run_id: str
    exchange: Exchange
    round: int
    attempt: int
    model_sha256: str


def asked_by(instruction: TrainInstruction | EvaluateInstruction) -> Asked:
    """What the instruction asks for."""
    exchange = Exchange.TRAIN
    if isinstance(instruction, EvaluateInstruction):
        exchange = Exchange.FINAL if instruction.final else Exchange.EVALUATE
    return Asked(
        plan_id=instruction.plan_id,
        run_id=instruction.run_id,
        exchange=exchange,
        round=instruction.round,
        attempt=instruction.attempt,
        model_sha256=instruction.model_sha256,
    )


def asked_by_step(step: AdvertInstruction | ShareInstruction | MaskInstruction | SurvivorInstruction) -> Asked:
    """What a step of a secure round asks for; where it names a model, it is held to it like training is."""
    model_sha256 = step.model_sha256 if isinstance(step, AdvertInstruction | MaskInstruction) else ""
    return Asked(
        plan_id=step.about.plan_id,
        run_id=step.about.run_id,
        exchange=Exchange.TRAIN if model_sha256 else Exchange.AGREE,
        round=step.about.round,
        attempt=step.about.attempt,
        model_sha256=model_sha256,
    )
