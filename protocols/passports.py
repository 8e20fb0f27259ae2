"""A released model's card: where it comes from, what it was measured to do, and what an attacker would get."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Digest, Instant, Name, Part, Wire
from protocols.ids import Uuid
from protocols.instructions import RoundNumber
from protocols.models import ModelManifest
from protocols.plans import AttackPolicy, MetricName, PrivacyMechanism


class AttackLight(StrEnum):
    """The attack report in one word."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NOT_MEASURED = "not-measured"


class PooledMetric(Part):
    """A figure over all sites that answered, weighted by their banded case counts."""

    name: MetricName
    value: float
    sites: Annotated[int, Field(ge=1)]


class RoundRecord(Part):
    """What one round had: how many sites answered, and the pooled figures."""

    round: RoundNumber
    sites: Annotated[int, Field(ge=0)]
    update_norm: float | None
    metrics: Annotated[tuple[PooledMetric, ...], Field(max_length=16)]


class Passport(Wire):
    """The card of one release (sealed by the coordinator for `passport`)."""

    kind: ClassVar[str] = "passport"
    version: ClassVar[int] = 1

    release_id: Uuid
    plan_id: Uuid
    run_id: Uuid
    offer_sha256: Digest
    coordinator_name: Name
    model: ModelManifest
    model_sha256: Digest
    """`protocols.models.model_digest` of the released tensors."""
    file_sha256: Digest
    """SHA-256 of model.safetensors."""
    chosen_round: RoundNumber
    rounds: Annotated[tuple[RoundRecord, ...], Field(max_length=10_000)]
    privacy: PrivacyMechanism
    attack_light: AttackLight
    attack_policy: AttackPolicy
    released_at: Instant
