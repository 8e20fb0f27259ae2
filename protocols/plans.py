"""Training plans: everything a partner asks of hospitals, as data. There is no code in a plan.

A plan is sealed by its partner; the coordinator adds the digest of the starting weights and seals the offer. A
hospital approves the offer's digest (`protocols.approvals`), so neither can change afterwards.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from protocols.encoding import Base64, Code, Digest, Instant, Name, Part, Wire
from protocols.ids import Uuid
from protocols.labels import Bilingual
from protocols.models import ModelManifest, StartingWeights
from protocols.spoken import WORDS, spoken
from protocols.strategies import Strategy, StrategyName

PositiveFloat = Annotated[float, Field(gt=0, le=1e6)]


class LegalBasis(StrEnum):
    """The ground on which a hospital may process; Korean law first."""

    PIPA_28_2_PSEUDONYMISED_RESEARCH = "pipa-28-2-pseudonymised-research"
    PATIENT_CONSENT = "patient-consent"
    BIOETHICS_ACT_EXEMPTION = "bioethics-act-exemption"
    SYNTHETIC_DATA = "synthetic-data"


class BoardDecision(Part):
    """The decision of an institutional review board (IRB) or data review board (DRB)."""

    board: Name
    number: Name
    decided_on: date
    expires_on: date
    document_sha256: Digest


class Cohort(Part):
    """Which cases a plan asks for."""

    schema_code: Code
    schema_version: Annotated[int, Field(ge=1, le=10_000)]
    question_code: Code
    modalities: Annotated[tuple[Code, ...], Field(min_length=1, max_length=16)]
    min_readings: Annotated[int, Field(ge=1, le=20)]
    min_cases: Annotated[int, Field(ge=1, le=10_000_000)]
    max_cases: Annotated[int, Field(ge=1, le=10_000_000)]


class PrivacyMechanism(StrEnum):
    """How a patient's influence on an update is bounded."""

    NONE = "none"
    DP_SGD = "dp-sgd"


class Privacy(Part):
    """The privacy a plan claims; `none` claims nothing and says so to whoever approves."""

    mechanism: PrivacyMechanism
    clip_norm: PositiveFloat | None = None
    noise_multiplier: PositiveFloat | None = None
    epsilon_cap: PositiveFloat | None = None
    delta_cap: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Privacy:
        numbers = (self.clip_norm, self.noise_multiplier, self.epsilon_cap, self.delta_cap)
        if self.mechanism is PrivacyMechanism.NONE and any(number is not None for number in numbers):
            raise ValueError("mechanism none takes no numbers")
        if self.mechanism is PrivacyMechanism.DP_SGD and any(number is None for number in numbers):
            raise ValueError("dp-sgd needs clip, noise, epsilon and delta")
        return self


class AggregationMode(StrEnum):
    """Who can read one hospital's update: with `plain` the coordinator can."""

    PLAIN = "plain"
    SECURE = "secure"


class Compression(StrEnum):
    """How much of an update goes in one round."""

    NONE = "none"
    TURNS = "turns"
    """The same part of the numbers from every hospital, in 16-bit words (`protocols.sparse`)."""


class Aggregation(Part):
    """How updates become a sum: mode, threshold t of shares, and c members who may collude with the coordinator."""

    mode: AggregationMode
    threshold_t: Annotated[int, Field(ge=0, le=1000)] = 0
    colluders_c: Annotated[int, Field(ge=0, le=1000)] = 0
    scale_bits: Annotated[int, Field(ge=8, le=24)] = 20
    compression: Compression = Compression.NONE

    @model_validator(mode="after")
    def _turns_are_for_sums(self) -> Aggregation:
        if self.compression is Compression.TURNS and self.mode is not AggregationMode.SECURE:
            raise ValueError("updates go in turns with secure aggregation alone")
        return self


class LocalTraining(Part):
    """What a node does in one round."""

    local_steps: Annotated[int, Field(ge=1, le=100_000)]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    learning_rate: PositiveFloat
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class HospitalUse(StrEnum):
    """What a hospital may do with the model it helped to train."""

    NONE = "none"
    SUGGESTIONS = "suggestions"
    RESEARCH = "research"


class AttackPolicy(StrEnum):
    """What a red attack light does to a release."""

    BLOCK = "block"
    REPORT = "report"


class MetricName(StrEnum):
    """The closed list of figures that may leave with a result."""

    TRAINING_LOSS = "training-loss"
    VALIDATION_LOSS = "validation-loss"
    VALIDATION_AUC = "validation-auc"
    MEMBERSHIP_AUC = "membership-auc"


class TrainingPlan(Wire):
    """One request to train over many hospitals.

    Version 1 said nothing of compression: there was none; nor of a strategy: the model moved by the mean.
    """

    kind: ClassVar[str] = "training-plan"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[int, ...]] = (1,)

    plan_id: Uuid
    partner_id: Uuid
    partner_name: Name
    title: Bilingual
    purpose: Bilingual
    legal_basis: LegalBasis
    processing_from: date
    processing_until: date
    board_decision: BoardDecision
    hospital_use: HospitalUse
    cohort: Cohort
    model: ModelManifest
    starting_weights: StartingWeights
    training: LocalTraining
    strategy: Strategy = Strategy()
    rounds: Annotated[int, Field(ge=1, le=10_000)]
    quorum: Annotated[int, Field(ge=1, le=10_000)]
    round_deadline_seconds: Annotated[int, Field(ge=5, le=86_400)]
    update_norm_bound: PositiveFloat
    privacy: Privacy
    aggregation: Aggregation
    metrics: Annotated[tuple[MetricName, ...], Field(max_length=16)]
    attack_policy: AttackPolicy
    created_at: Instant
    expires_at: Instant

    @model_validator(mode="after")
    def _periods_run_forward(self) -> TrainingPlan:
        if self.processing_from > self.processing_until or self.created_at >= self.expires_at:
            raise ValueError("a period ends before it begins")
        return self

    @model_validator(mode="after")
    def _strategy_fits(self) -> TrainingPlan:
        if self.strategy.mu * self.training.learning_rate > 1.0:
            raise ValueError("proximal_mu times the learning rate is above 1: steps are pulled past their beginning")
        turns = self.aggregation.compression is Compression.TURNS
        if self.strategy.name is StrategyName.FEDADAM and turns:
            raise ValueError("fedadam needs the mean of all numbers in every round, and turns send a part")
        return self


class PlanOffer(Wire):
    """A partner's sealed plan with what the coordinator adds: the digest of the starting weights."""

    kind: ClassVar[str] = "plan-offer"
    version: ClassVar[int] = 1

    sealed_plan: Base64
    partner_key: Base64
    starting_weights_sha256: Digest
    offered_at: Instant


def offer_digest(sealed_offer: bytes) -> str:
    """What an approval names: SHA-256 of the sealed offer, hexadecimal."""
    return hashlib.sha256(b"intramuros/offer/1" + sealed_offer).hexdigest()


def offer_words(offer_sha256: str) -> str:
    """Eight words of an offer's digest, for two hospitals that compare what they were offered by voice.

    Nobody can find another plan with the words of a given one. Whoever makes both plans needs 2^64 tries to find two
    with the same words; the whole digest stands beside them for whoever doubts that.
    """
    return spoken(bytes.fromhex(offer_sha256)[: 2 * WORDS])
