"""What an instruction asks for: the identity of one exchange, and the model it was given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocols.instructions import EvaluateInstruction, TrainInstruction


class Exchange(StrEnum):
    """The three things a coordinator can ask for during a run."""

    TRAIN = "train"
    EVALUATE = "evaluate"
    FINAL = "final"


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
