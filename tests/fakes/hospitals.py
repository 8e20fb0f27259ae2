"""Hospitals that answer a coordinator in this process: honest, silent, refusing, lying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import factories
import numpy as np

from protocols.encoding import Wire, decode, encode, kind_of
from protocols.errors import RefusalCode
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.models import Dtype, model_digest
from protocols.plans import MetricName
from protocols.signing import Identity, PublicIdentity, Purpose, seal, unseal
from protocols.updates import Metric, ModelUpdate

COORDINATOR = factories.an_identity(3)
Instruction = TrainInstruction | EvaluateInstruction
Answer = Callable[["Hospital", Instruction, bytes], bytes | None]


@dataclass(slots=True)
class Hospital:
    """One hospital; `answers` decides what it says. An honest one moves every number by `step` and tells `auc`."""

    name: str
    identity: Identity
    site_id: str = ""
    node_id: int = 0
    step: float = 0.125
    weight: int = 40
    auc: Callable[[int], float] = lambda model_round: 0.5 + 0.1 * model_round
    membership_auc: float = 0.52
    answers: Answer = lambda hospital, asked, blob: hospital.honest(asked, blob)
    online: bool = True
    coordinator: PublicIdentity = COORDINATOR.public
    heard: list[tuple[str, int, int]] = field(default_factory=list)

    def sealed(self, message: Wire, purpose: Purpose, blob: bytes = b"") -> bytes:
        """The message under this hospital's seal."""
        return seal(encode(message, blob), self.identity, purpose)

    def answer(self, sealed: bytes) -> bytes | None:
        """What this hospital says to sealed bytes of the coordinator."""
        frame = unseal(sealed, self.coordinator, Purpose.INSTRUCTION)
        kind = TrainInstruction if kind_of(frame) == TrainInstruction.kind else EvaluateInstruction
        asked, blob = decode(frame, kind)
        assert isinstance(asked, TrainInstruction | EvaluateInstruction)
        assert model_digest(factories.tensor_specs(), blob) == asked.model_sha256
        self.heard.append((asked.kind, asked.round, asked.attempt))
        return self.answers(self, asked, blob)

    def honest(self, asked: Instruction, _blob: bytes) -> bytes:
        """A true answer."""
        if isinstance(asked, TrainInstruction):
            return self.updated(asked)
        metrics = [Metric(name=MetricName.VALIDATION_AUC, value=self.auc(asked.round))]
        if asked.final:
            metrics.append(Metric(name=MetricName.MEMBERSHIP_AUC, value=self.membership_auc))
        named = {name: getattr(asked, name) for name in ("plan_id", "run_id", "round", "attempt", "model_sha256")}
        result = factories.a_result(site_id=self.site_id, metrics=tuple(metrics), **named)
        return self.sealed(result, Purpose.RESULT)

    def updated(self, asked: TrainInstruction, *, blob: bytes | None = None, **changes: Any) -> bytes:
        """An update of this instruction, true but for the changes."""
        values = np.full(6, round(self.step * 2**20), dtype="<i4").tobytes() if blob is None else blob
        message = factories.an_update(
            **{
                "site_id": self.site_id, "plan_id": asked.plan_id, "run_id": asked.run_id, "round": asked.round,
                "attempt": asked.attempt, "base_model_sha256": asked.model_sha256, "weight": self.weight,
                "tensors": factories.tensor_specs(Dtype.INT32),
                "metrics": (Metric(name=MetricName.VALIDATION_AUC, value=self.auc(asked.round - 1)),), **changes,
            }
        )  # fmt: skip
        assert isinstance(message, ModelUpdate)
        return self.sealed(message, Purpose.UPDATE, values)

    def refused(self, asked: Instruction, code: RefusalCode) -> bytes:
        """A refusal by code."""
        named = {name: getattr(asked, name) for name in ("plan_id", "run_id", "round", "attempt")}
        return self.sealed(factories.an_error_report(site_id=self.site_id, code=code, **named), Purpose.REFUSAL)


def silent(_hospital: Hospital, _asked: Instruction, _blob: bytes) -> None:
    """No answer at all."""


def refusing(code: RefusalCode) -> Answer:
    """A refusal to everything."""
    return lambda hospital, asked, _blob: hospital.refused(asked, code)


def lying(**changes: Any) -> Answer:
    """True but for updates, which carry these changes."""

    def lie(hospital: Hospital, asked: Instruction, blob: bytes) -> bytes:
        if isinstance(asked, TrainInstruction):
            return hospital.updated(asked, **changes)
        return hospital.honest(asked, blob)

    return lie
