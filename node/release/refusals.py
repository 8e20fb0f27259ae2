"""Why a node does not answer an instruction; each leaf carries the one code that leaves in its place.

The sentence of an error stays inside the hospital; only `code` is ever sent.
"""

from __future__ import annotations

from typing import ClassVar

from node.ground.errors import NodeError
from protocols.errors import RefusalCode


class InstructionRefused(NodeError):
    """The node answers with a code instead of what was asked."""

    code: ClassVar[RefusalCode] = RefusalCode.INTERNAL_ERROR


class MessageNotUnderstood(InstructionRefused):
    """Not sealed by the coordinator, or not an instruction of the expected type."""

    code = RefusalCode.MESSAGE_REFUSED


class ApprovalMissing(InstructionRefused):
    """No approval of this hospital names the plan."""

    code = RefusalCode.APPROVAL_MISSING


class ApprovalWithdrawn(InstructionRefused):
    """The hospital withdrew its approval."""

    code = RefusalCode.APPROVAL_WITHDRAWN


class PlanStopped(ApprovalWithdrawn):
    """An office of the hospital stopped the plan and has not lifted that; outside it is a withdrawn approval."""


class ApprovalExpired(InstructionRefused):
    """The approval's period is over."""

    code = RefusalCode.APPROVAL_EXPIRED


class PlanExpired(InstructionRefused):
    """The plan's period or its board decision is over, or its processing period is not now."""

    code = RefusalCode.PLAN_EXPIRED


class OutsideApproval(InstructionRefused):
    """More rounds, attempts or cases than approved, or an aggregation this node does not take part in."""

    code = RefusalCode.OUTSIDE_APPROVAL


class RosterIncomplete(OutsideApproval):
    """Fewer hospitals than a secure plan needs have compared keys; or this node keeps nothing of secure rounds."""


class PromiseNotKept(OutsideApproval):
    """With the patients here a private plan's delta is too large, or its noise too small for its epsilon."""


class NoRoomForNoise(OutsideApproval):
    """A private plan's norm bound is shorter than its own noise, so that the gate would refuse its updates."""


class SchemaUnknown(InstructionRefused):
    """The plan's label schema or question is not held here."""

    code = RefusalCode.SCHEMA_UNKNOWN


class ArchitectureUnknown(InstructionRefused):
    """The plan's model is not one of the audited catalog, tensor by tensor."""

    code = RefusalCode.ARCHITECTURE_UNKNOWN


class CohortTooSmall(InstructionRefused):
    """Fewer labelled cases than the plan needs."""

    code = RefusalCode.COHORT_TOO_SMALL


class NoProjectPermits(CohortTooSmall):
    """No project of this hospital over the plan's schema permits its partner; outside it is a cohort too small."""


class ModelRefused(InstructionRefused):
    """The received model has another digest, other tensors, values that are not finite, or a huge norm."""

    code = RefusalCode.MODEL_REFUSED


class BudgetExhausted(InstructionRefused):
    """Every round this approval allows was reserved already."""

    code = RefusalCode.BUDGET_EXHAUSTED


class EpsilonTooSmall(BudgetExhausted):
    """The epsilon an approval would allow is spent, or leaves no room for one round with the patients here."""


class AttemptOutdated(InstructionRefused):
    """A later attempt of the same round was asked for already."""

    code = RefusalCode.ATTEMPT_OUTDATED


class AnswerEmptied(InstructionRefused):
    """This exchange was answered long ago with bytes that are no longer kept; others never take their place."""

    code = RefusalCode.ATTEMPT_OUTDATED


class DeadlineExceeded(InstructionRefused):
    """Training or measuring took longer than the plan's round."""

    code = RefusalCode.DEADLINE_EXCEEDED


class NodeStopped(InstructionRefused):
    """The node was told to stop while it worked."""

    code = RefusalCode.NODE_STOPPED


class WorkFailed(InstructionRefused):
    """The fit child ended without a result; why is in the hospital's own log."""

    code = RefusalCode.INTERNAL_ERROR


class GateRefused(InstructionRefused):
    """A message the gate does not let through; `check` names the rule."""

    code = RefusalCode.GATE_REFUSED

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(f"{check}: {reason}")
        self.check = check
