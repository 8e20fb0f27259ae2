"""Why this hospital could not take part in a plan, in a sentence for its own people.

A refusal leaves as a code and nothing else; the sentence says more than the code, and stays inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.ground.texts import Language, text
from node.release.refusals import (
    ArchitectureUnknown,
    BudgetExhausted,
    CohortTooSmall,
    InstructionRefused,
    NoProjectPermits,
    NoRoomForNoise,
    OutsideApproval,
    PlanExpired,
    PromiseNotKept,
    RosterIncomplete,
    SchemaUnknown,
)

_SENTENCES: Mapping[type[InstructionRefused], str] = MappingProxyType(
    {
        ArchitectureUnknown: "architecture_unknown",
        BudgetExhausted: "budget_exhausted",
        CohortTooSmall: "cohort_too_small",
        NoProjectPermits: "no_project_permits",
        NoRoomForNoise: "no_room_for_noise",
        OutsideApproval: "outside_approval",
        PlanExpired: "plan_expired",
        PromiseNotKept: "promise_not_kept",
        RosterIncomplete: "roster_incomplete",
        SchemaUnknown: "schema_unknown",
    }
)


def obstacle_sentence(refusal: InstructionRefused, language: Language) -> str:
    """Why not, and who can change it; a refusal without a sentence of its own is told by its code."""
    known = next((_SENTENCES[kind] for kind in type(refusal).__mro__ if kind in _SENTENCES), "other")
    return text(f"release.obstacle_{known}", language, code=refusal.code.value)
