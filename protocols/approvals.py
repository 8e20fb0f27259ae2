"""A hospital's signed yes to one plan, and its withdrawal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Digest, Instant, Part, Wire
from protocols.ids import Uuid
from protocols.plans import MetricName, PositiveFloat


class Bounds(Part):
    """How far an approval goes; never further than the plan."""

    max_rounds: Annotated[int, Field(ge=1, le=10_000)]
    max_attempts_per_round: Annotated[int, Field(ge=1, le=100)]
    max_cases: Annotated[int, Field(ge=1, le=10_000_000)]


class Approval(Wire):
    """A hospital's yes to exactly one offer, perhaps narrower than its plan.

    Version 1 had no `epsilon_cap` and no `metrics`; it is read as an approval of the plan's own.
    """

    kind: ClassVar[str] = "approval"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[int, ...]] = (1,)

    approval_id: Uuid
    site_id: Uuid
    plan_id: Uuid
    offer_sha256: Digest
    bounds: Bounds
    accepts_red_attack_light: bool
    approved_at: Instant
    expires_at: Instant
    epsilon_cap: PositiveFloat | None = None
    """The most that trainings for this plan may spend of a patient here; the plan's own where nothing is said."""
    metrics: Annotated[tuple[MetricName, ...], Field(max_length=16)] | None = None
    """The figures that may leave; the plan's own where nothing is said, none where the list is empty."""


class WithdrawalReason(StrEnum):
    """Why a hospital withdrew; the partner sees this code and nothing else."""

    STEWARD_REVOKED = "steward-revoked"
    ETHICS_SUSPENDED = "ethics-suspended"
    IT_STOPPED = "it-stopped"


class Withdrawal(Wire):
    """A hospital's end of an approval."""

    kind: ClassVar[str] = "withdrawal"
    version: ClassVar[int] = 1

    approval_id: Uuid
    site_id: Uuid
    plan_id: Uuid
    reason: WithdrawalReason
    withdrawn_at: Instant
