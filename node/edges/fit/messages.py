"""The closed list of what wall and fit child say to each other; weights are in the frame's blob.

Rules: strict and frozen, unknown fields refused; an answer is a refusal code or figures, never a text.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from node.edges.fit.frames import FrameDamaged
from node.training.evaluate import Evaluation
from node.training.membership import AttackLight
from node.training.ports import FitCode, FitSettings
from node.training.privacy import PrivacyRecord


class Message(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Train(Message):
    """Blob: starting weights."""

    op: Literal["train"] = "train"
    settings: FitSettings


class Evaluate(Message):
    """Blob: the weights to be judged."""

    op: Literal["evaluate"] = "evaluate"


class TrainOwn(Message):
    """Blob: starting weights."""

    op: Literal["own"] = "own"
    settings: FitSettings
    rounds: Annotated[int, Field(ge=1, le=10_000)]


class ScoreHoldout(Message):
    """Blob: the weights that score."""

    op: Literal["score"] = "score"


class Shutdown(Message):
    """No blob, no answer: the child ends."""

    op: Literal["shutdown"] = "shutdown"


class Ready(Message):
    """The export is read, the network is built, the doors are closed."""

    kind: Literal["ready"] = "ready"


class Refused(Message):
    """Why not."""

    kind: Literal["refused"] = "refused"
    code: FitCode


class Trained(Message):
    """Blob: the raw update."""

    kind: Literal["trained"] = "trained"
    training_loss: float | None
    steps: int
    record: PrivacyRecord | None = None


class Evaluated(Message):
    """No blob."""

    kind: Literal["evaluated"] = "evaluated"
    validation: Evaluation
    membership_auc: float | None
    light: AttackLight


class OwnTrained(Message):
    """Blob: the best checkpoint."""

    kind: Literal["own"] = "own"
    best_round: int
    figures: tuple[Evaluation, ...]


class HoldoutScored(Message):
    """No blob; logits by case id."""

    kind: Literal["scores"] = "scores"
    logits: dict[str, float]


Request = Annotated[Train | Evaluate | TrainOwn | ScoreHoldout | Shutdown, Field(discriminator="op")]
Answer = Annotated[Ready | Refused | Trained | Evaluated | OwnTrained | HoldoutScored, Field(discriminator="kind")]

_REQUESTS: TypeAdapter[Request] = TypeAdapter(Request)
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)


def header_of(message: Message) -> bytes:
    """The header of a message."""
    return message.model_dump_json().encode("utf-8")


def request_in(header: bytes) -> Request:
    """The request a header states.

    Raises:
        FrameDamaged: it states none.
    """
    try:
        return _REQUESTS.validate_json(header)
    except ValidationError:
        raise FrameDamaged("the header states no request") from None


def answer_in(header: bytes) -> Answer:
    """The answer a header states.

    Raises:
        FrameDamaged: it states none.
    """
    try:
        return _ANSWERS.validate_json(header)
    except ValidationError:
        raise FrameDamaged("the header states no answer") from None
