"""Asking a wall: instructions as the coordinator seals them, and its answers taken apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
from factories import a_train_instruction, an_evaluate_instruction
from fakes.wall import Wall
from fakes.wall_cast import HOSPITAL, SHAPES, SPECS, START, START_BLOB, START_SHA256, instruct

from node.training.weights import Tensors, to_blob
from protocols.encoding import decode
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.models import model_digest
from protocols.results import ErrorReport, EvaluationResult
from protocols.signing import Purpose, unseal
from protocols.updates import ModelUpdate

Asked = TrainInstruction | EvaluateInstruction


def train(**changes: Any) -> TrainInstruction:
    return a_train_instruction(**{"model_sha256": START_SHA256, **changes})


def evaluate(**changes: Any) -> EvaluateInstruction:
    return an_evaluate_instruction(**{"model_sha256": START_SHA256, **changes})


def answer(wall: Wall, message: Asked, blob: bytes = START_BLOB) -> bytes:
    kind = "train" if isinstance(message, TrainInstruction) else "evaluate"
    return wall.answering.answer(kind, instruct(message, blob))


def refusal(sealed: bytes) -> ErrorReport:
    report, _ = decode(unseal(sealed, HOSPITAL.public, Purpose.REFUSAL), ErrorReport)
    return report


def update(sealed: bytes) -> tuple[ModelUpdate, bytes]:
    return decode(unseal(sealed, HOSPITAL.public, Purpose.UPDATE), ModelUpdate)


def result(sealed: bytes) -> EvaluationResult:
    return decode(unseal(sealed, HOSPITAL.public, Purpose.RESULT), EvaluationResult)[0]


def kinds(wall: Wall) -> list[str]:
    return [row.entry.message_kind for row in wall.ledger.page(0, 100)]


def another_model() -> tuple[bytes, str]:
    tensors = {name: tensor + np.float32(0.5) for name, tensor in START.items()}
    blob = to_blob(SHAPES, tensors)
    return blob, model_digest(SPECS, blob)


def changed(change: Callable[[Tensors], None]) -> bytes:
    tensors = {name: tensor.copy() for name, tensor in START.items()}
    change(tensors)
    return b"".join(tensors[name].astype("<f4").tobytes() for name, _ in SHAPES)
