"""What the wall asks of a fit child, and the values that go in and come out.

A fit child knows one training export and one audited architecture, from its start to its end; weights travel as named
float32 arrays. Nothing here loads torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from node.ground.errors import NodeError
from node.training.evaluate import Evaluation
from node.training.membership import MembershipReading
from node.training.privacy import PrivacyRecord, PrivateOrder
from node.training.weights import Tensors


class FitCode(StrEnum):
    """Why a fit child did not do what it was asked; all that is ever told of a failure."""

    ARCHITECTURE_REFUSED = "architecture-refused"
    DIVERGED = "diverged"
    ENDED = "ended"
    EXPORT_DAMAGED = "export-damaged"
    INTERNAL = "internal"
    NOTHING_TO_TRAIN = "nothing-to-train"
    OUT_OF_MEMORY = "out-of-memory"
    REQUEST_REFUSED = "request-refused"
    TENSORS_REFUSED = "tensors-refused"


class FitFailed(NodeError):
    """The fit child refused or ended; the code says why, and no text of the child travels."""

    def __init__(self, code: FitCode) -> None:
        """Keep the code."""
        super().__init__(f"the fit child failed: {code.value}")
        self.code = code


class FitDeadlineExceeded(NodeError):
    """The fit child did not answer in time and was ended with its process group."""

    def __init__(self, deadline_seconds: float) -> None:
        """Keep the deadline."""
        super().__init__(f"the fit child did not answer within {deadline_seconds:.0f} s and was ended")
        self.deadline_seconds = deadline_seconds


@dataclass(frozen=True, slots=True)
class FitSettings:
    """One local training: at most `local_steps` steps of `batch_size` samples; a seed gives the same weights again.

    With an order for privacy there are exactly `local_steps`, of as many patients as the order draws, and no seed has
    a part in them.
    """

    local_steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    seed: int
    label_smoothing: float = 0.0
    private: PrivateOrder | None = None
    proximal_mu: float = 0.0
    """How strongly every step is pulled back towards the weights the training began with."""

    def __post_init__(self) -> None:
        """Hold settings that can be trained with."""
        positive = self.local_steps > 0 and self.batch_size > 0 and self.learning_rate > 0
        if not positive or self.weight_decay < 0 or not 0.0 <= self.label_smoothing < 0.5 or self.seed < 0:
            raise ValueError("steps, batch and learning rate are positive, decay and seed not negative")
        if not 0.0 <= self.proximal_mu * self.learning_rate <= 1.0:
            raise ValueError("the proximal pull is not negative and never pulls a step past its beginning")


@dataclass(frozen=True, slots=True)
class FitReport:
    """The raw update, weights after minus weights before, float32; it never leaves the hospital as it is."""

    update: Tensors
    training_loss: float | None
    """None where measuring it would undo what the noise protects."""
    steps: int
    record: PrivacyRecord | None = None


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """What one model is worth on the validation part, and what its losses tell about membership."""

    validation: Evaluation
    membership: MembershipReading


@dataclass(frozen=True, slots=True)
class OwnModel:
    """The hospital's own model: the best of its checkpoints by validation, and the figures of every checkpoint."""

    tensors: Tensors
    best_round: int
    figures: tuple[Evaluation, ...]


class FitChild(Protocol):
    """A killable process that trains on one export.

    Every call raises `FitFailed` with a code where the child refuses or ends, `FitDeadlineExceeded` where it is late;
    after either, the next call starts a new child.
    """

    def train(self, start: Tensors, settings: FitSettings) -> FitReport:
        """The raw update of one round, started from these weights."""
        ...

    def evaluate(self, tensors: Tensors) -> RoundFigures:
        """The figures of these weights on the validation part."""
        ...

    def train_own(self, start: Tensors, settings: FitSettings, *, rounds: int) -> OwnModel:
        """The hospital's own model after as many optimiser steps as it makes in `rounds` rounds."""
        ...

    def score_holdout(self, tensors: Tensors) -> Mapping[str, float]:
        """The logit of every holdout case by case id; the child holds no holdout label."""
        ...

    def close(self) -> None:
        """The child has ended."""
        ...
