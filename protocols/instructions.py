"""What the coordinator tells a node during a run; the model's bytes ride as the frame's blob."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Digest, Wire
from protocols.ids import Uuid

RoundNumber = Annotated[int, Field(ge=1, le=10_000)]
Attempt = Annotated[int, Field(ge=1, le=100)]


class TrainInstruction(Wire):
    """Train one round on the model in the blob (float32) and answer with an update."""

    kind: ClassVar[str] = "train-instruction"
    version: ClassVar[int] = 1

    plan_id: Uuid
    run_id: Uuid
    round: RoundNumber
    attempt: Attempt
    model_sha256: Digest


class EvaluateInstruction(Wire):
    """Measure the model in the blob on the node's validation part; `final` says it is the one to be released.

    A node keeps the final model and then, inside its walls, works out its benefit verdict.
    """

    kind: ClassVar[str] = "evaluate-instruction"
    version: ClassVar[int] = 1

    plan_id: Uuid
    run_id: Uuid
    round: RoundNumber
    attempt: Attempt
    model_sha256: Digest
    final: bool
