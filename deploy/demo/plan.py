"""The partner's training plan of the demo, as data: for the films, and a shorter one for the phantoms."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from deploy.demo.hospital import READERS, SCHEMA
from deploy.demo.pooled import tensor_specs
from protocols.labels import Bilingual
from protocols.models import Dtype, ModelManifest, StartingWeights, TensorSpec
from protocols.plans import (
    Aggregation,
    AggregationMode,
    AttackPolicy,
    BoardDecision,
    Cohort,
    HospitalUse,
    LegalBasis,
    LocalTraining,
    MetricName,
    Privacy,
    PrivacyMechanism,
    TrainingPlan,
)

ARCHITECTURE = "chest-cnn-gn-1"
INPUT_PIXELS = 128
_TITLE = Bilingual(en="Chest film triage", ko="흉부 촬영 분류")
_PURPOSE = Bilingual(
    en="A model that tells abnormal chest films apart, for research on triage",
    ko="이상 흉부 촬영을 가려내는 모델, 분류 연구용",
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a plan trains."""

    rounds: int
    local_steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float


def training_plan(partner_id: str, partner_name: str, schedule: Schedule, *, quorum: int, seed: int) -> TrainingPlan:
    """A plan every rule of the coordinator and of a node accepts."""
    now = datetime.now(UTC).replace(microsecond=0)
    return TrainingPlan(
        plan_id=str(uuid.uuid4()),
        partner_id=partner_id,
        partner_name=partner_name,
        title=_TITLE,
        purpose=_PURPOSE,
        legal_basis=LegalBasis.SYNTHETIC_DATA,
        processing_from=now.date(),
        processing_until=now.date() + timedelta(days=365),
        board_decision=_decision(now.date()),
        hospital_use=HospitalUse.RESEARCH,
        cohort=_cohort(),
        model=_model(),
        starting_weights=StartingWeights(origin="seed", seed=seed),
        training=_training(schedule, seed),
        rounds=schedule.rounds,
        quorum=quorum,
        round_deadline_seconds=180,
        update_norm_bound=50.0,
        privacy=Privacy(mechanism=PrivacyMechanism.NONE),
        aggregation=Aggregation(mode=AggregationMode.PLAIN),
        metrics=tuple(MetricName),
        attack_policy=AttackPolicy.REPORT,
        created_at=now,
        expires_at=now + timedelta(days=30),
    )


def _cohort() -> Cohort:
    return Cohort(
        schema_code=SCHEMA,
        schema_version=1,
        question_code="abnormal",
        modalities=("cr", "dx"),
        min_readings=READERS,
        min_cases=10,
        max_cases=5000,
    )


def _model() -> ModelManifest:
    tensors = tuple(TensorSpec(name=name, shape=shape, dtype=Dtype.FLOAT32) for name, shape in tensor_specs())
    return ModelManifest(architecture=ARCHITECTURE, input_pixels=INPUT_PIXELS, tensors=tensors)


def _training(schedule: Schedule, seed: int) -> LocalTraining:
    return LocalTraining(
        local_steps=schedule.local_steps,
        batch_size=schedule.batch_size,
        learning_rate=schedule.learning_rate,
        weight_decay=schedule.weight_decay,
        seed=seed,
    )


def _decision(today: date) -> BoardDecision:
    return BoardDecision(
        board="Demo review board (invented)",
        number="DEMO-001",
        decided_on=today,
        expires_on=today + timedelta(days=365),
        document_sha256=hashlib.sha256(b"an invented decision for the demo").hexdigest(),
    )
