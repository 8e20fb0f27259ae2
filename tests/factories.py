"""Values for tests: each function shows only the fields that matter to its caller, the rest is plausible and fixed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from protocols.approvals import Approval, Bounds, Withdrawal, WithdrawalReason
from protocols.cards import PartnerCard
from protocols.enrolment import EnrolmentAnswer, EnrolmentRequest, EnrolmentState, Invitation, TransportKey
from protocols.errors import RefusalCode
from protocols.inbox import Inbox, RunNotice, RunState
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.label_rules import Condition, GeometryRule, NumberRule, ShapeKind
from protocols.labels import Abstention, Bilingual, LabelSchema, Level, Option, Question, QuestionKind
from protocols.ledger_roots import LedgerRoot, LedgerWitness, witness_of
from protocols.models import Dtype, ModelManifest, StartingWeights, TensorSpec
from protocols.passports import AttackLight, Passport, PooledMetric, RoundRecord
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
    PlanOffer,
    Privacy,
    PrivacyMechanism,
    TrainingPlan,
)
from protocols.receipts import GENESIS, Channel, LedgerEntry, Receipt
from protocols.results import ErrorReport, EvaluationResult
from protocols.signing import Identity
from protocols.updates import Metric, ModelUpdate

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SITE = "11111111-1111-4111-8111-111111111111"
PLAN = "22222222-2222-4222-8222-222222222222"
RUN = "33333333-3333-4333-8333-333333333333"
PARTNER = "44444444-4444-4444-8444-444444444444"
APPROVAL = "55555555-5555-4555-8555-555555555555"
RELEASE = "66666666-6666-4666-8666-666666666666"
DIGEST = "ab" * 32


def an_identity(seed: int = 1) -> Identity:
    """A fixed identity, for tests alone."""
    return Identity.from_raw(bytes([seed]) * 32)


def tensor_specs(dtype: Dtype = Dtype.FLOAT32) -> tuple[TensorSpec, ...]:
    """A model of six numbers in two tensors."""
    return (
        TensorSpec(name="head.weight", shape=(2, 2), dtype=dtype),
        TensorSpec(name="head.bias", shape=(2,), dtype=dtype),
    )


def a_manifest(**changes: Any) -> ModelManifest:
    """A manifest of the six-number model."""
    fields: dict[str, Any] = {"architecture": "chest-cnn-gn-1", "input_pixels": 128, "tensors": tensor_specs()}
    return ModelManifest(**{**fields, **changes})


def a_cohort(**changes: Any) -> Cohort:
    """A cohort over the chest-film schema."""
    fields: dict[str, Any] = {
        "schema_code": "chest-film-abnormal", "schema_version": 1, "question_code": "abnormal",
        "modalities": ("cr", "dx"),
        "min_readings": 3, "min_cases": 10, "max_cases": 5000,
    }  # fmt: skip
    return Cohort(**{**fields, **changes})


def a_plan(**changes: Any) -> TrainingPlan:
    """A plan every rule accepts."""
    fields: dict[str, Any] = {
        "plan_id": PLAN, "partner_id": PARTNER, "partner_name": "Example Imaging AI",
        "title": Bilingual(en="Chest film triage", ko="흉부 촬영 분류"),
        "purpose": Bilingual(en="Tell abnormal chest films apart", ko="이상 흉부 촬영의 구별"),
        "legal_basis": LegalBasis.SYNTHETIC_DATA,
        "processing_from": date(2026, 11, 1), "processing_until": date(2027, 10, 31),
        "board_decision": BoardDecision(
            board="Example IRB", number="2026-11-001", decided_on=date(2026, 10, 1), expires_on=date(2027, 9, 30),
            document_sha256=DIGEST,
        ),
        "hospital_use": HospitalUse.RESEARCH, "cohort": a_cohort(), "model": a_manifest(),
        "starting_weights": StartingWeights(origin="seed", seed=7),
        "training": LocalTraining(local_steps=4, batch_size=8, learning_rate=0.001, seed=1),
        "rounds": 3, "quorum": 2, "round_deadline_seconds": 60, "update_norm_bound": 10.0,
        "privacy": Privacy(mechanism=PrivacyMechanism.NONE),
        "aggregation": Aggregation(mode=AggregationMode.PLAIN),
        "metrics": tuple(MetricName), "attack_policy": AttackPolicy.REPORT,
        "created_at": NOW, "expires_at": NOW + timedelta(days=90),
    }  # fmt: skip
    return TrainingPlan(**{**fields, **changes})


def an_offer(**changes: Any) -> PlanOffer:
    """An offer around bytes that stand for a sealed plan."""
    fields: dict[str, Any] = {
        "sealed_plan": b"sealed plan", "partner_key": an_identity(2).public.raw, "starting_weights_sha256": DIGEST,
        "offered_at": NOW,
    }  # fmt: skip
    return PlanOffer(**{**fields, **changes})


def an_approval(**changes: Any) -> Approval:
    """An approval for three rounds."""
    fields: dict[str, Any] = {
        "approval_id": APPROVAL, "site_id": SITE, "plan_id": PLAN, "offer_sha256": DIGEST,
        "bounds": Bounds(max_rounds=3, max_attempts_per_round=3, max_cases=5000), "accepts_red_attack_light": True,
        "approved_at": NOW, "expires_at": NOW + timedelta(days=30),
    }  # fmt: skip
    return Approval(**{**fields, **changes})


def a_withdrawal(**changes: Any) -> Withdrawal:
    """A steward's withdrawal."""
    fields: dict[str, Any] = {
        "approval_id": APPROVAL, "site_id": SITE, "plan_id": PLAN, "reason": WithdrawalReason.STEWARD_REVOKED,
        "withdrawn_at": NOW,
    }  # fmt: skip
    return Withdrawal(**{**fields, **changes})


def a_train_instruction(**changes: Any) -> TrainInstruction:
    """Round one, first attempt."""
    fields: dict[str, Any] = {"plan_id": PLAN, "run_id": RUN, "round": 1, "attempt": 1, "model_sha256": DIGEST}
    return TrainInstruction(**{**fields, **changes})


def an_evaluate_instruction(**changes: Any) -> EvaluateInstruction:
    """An evaluation of the last round's model."""
    fields: dict[str, Any] = {
        "plan_id": PLAN, "run_id": RUN, "round": 3, "attempt": 1, "model_sha256": DIGEST, "final": False,
    }  # fmt: skip
    return EvaluateInstruction(**{**fields, **changes})


def an_update(**changes: Any) -> ModelUpdate:
    """An update of round one over the six-number model."""
    fields: dict[str, Any] = {
        "site_id": SITE, "plan_id": PLAN, "run_id": RUN, "round": 1, "attempt": 1, "base_model_sha256": DIGEST,
        "weight": 40, "scale_bits": 20, "tensors": tensor_specs(Dtype.INT32),
        "metrics": (Metric(name=MetricName.VALIDATION_AUC, value=0.75),),
    }  # fmt: skip
    return ModelUpdate(**{**fields, **changes})


def a_result(**changes: Any) -> EvaluationResult:
    """What a node measured after round three."""
    fields: dict[str, Any] = {
        "site_id": SITE, "plan_id": PLAN, "run_id": RUN, "round": 3, "attempt": 1, "model_sha256": DIGEST, "cases": 40,
        "metrics": (Metric(name=MetricName.MEMBERSHIP_AUC, value=0.52),),
    }  # fmt: skip
    return EvaluationResult(**{**fields, **changes})


def an_error_report(**changes: Any) -> ErrorReport:
    """A refusal for want of an approval."""
    fields: dict[str, Any] = {
        "site_id": SITE, "plan_id": PLAN, "run_id": RUN, "round": 1, "attempt": 1, "code": RefusalCode.APPROVAL_MISSING,
    }  # fmt: skip
    return ErrorReport(**{**fields, **changes})


def a_ledger_entry(**changes: Any) -> LedgerEntry:
    """The first entry of a ledger."""
    fields: dict[str, Any] = {
        "number": 1, "written_at": NOW, "message_kind": "model-update", "channel": Channel.FLEET, "plan_id": PLAN,
        "run_id": RUN, "round": 1, "attempt": 1, "approval_id": APPROVAL, "sent_sha256": DIGEST, "sent_bytes": 512,
        "update_sha256": DIGEST, "update_norm": 0.5, "previous_hash": GENESIS,
    }  # fmt: skip
    return LedgerEntry(**{**fields, **changes})


def a_receipt(**changes: Any) -> Receipt:
    """The coordinator's word for some bytes."""
    return Receipt(**{"site_id": SITE, "sent_sha256": DIGEST, "received_at": NOW, **changes})


def an_inbox(**changes: Any) -> Inbox:
    """An inbox with one run."""
    fields: dict[str, Any] = {
        "site_id": SITE, "state": EnrolmentState.ADMITTED, "sealed_offers": (), "sealed_receipts": (),
        "runs": (RunNotice(run_id=RUN, plan_id=PLAN, state=RunState.RUNNING, rounds_done=1),), "made_at": NOW,
    }  # fmt: skip
    return Inbox(**{**fields, **changes})


def an_invitation(**changes: Any) -> Invitation:
    """An invitation good for a day."""
    fields: dict[str, Any] = {
        "coordinator_name": "Example coordinator", "coordinator_key": an_identity(3).public.raw,
        "address": "127.0.0.1:9443", "authority_pem": "-----BEGIN CERTIFICATE-----\n", "site_name": "Example hospital",
        "token": "t" * 43, "expires_at": NOW + timedelta(days=1),
    }  # fmt: skip
    return Invitation(**{**fields, **changes})


def a_partner_card(**changes: Any) -> PartnerCard:
    """A partner's way in."""
    fields: dict[str, Any] = {
        "coordinator_name": "Example coordinator", "coordinator_key": an_identity(3).public.raw,
        "address": "127.0.0.1:9443", "authority_pem": "-----BEGIN CERTIFICATE-----\n", "partner_id": PARTNER,
        "partner_name": "Example Imaging AI",
    }  # fmt: skip
    return PartnerCard(**{**fields, **changes})


def an_enrolment_request(**changes: Any) -> EnrolmentRequest:
    """A request of the fixed identity."""
    fields: dict[str, Any] = {
        "token": "t" * 43, "site_name": "Example hospital", "identity_key": an_identity().public.raw,
        "sealed_transport_key": b"sealed key", "requested_at": NOW,
    }  # fmt: skip
    return EnrolmentRequest(**{**fields, **changes})


def a_transport_key(**changes: Any) -> TransportKey:
    """A first transport key."""
    fields: dict[str, Any] = {"serial": 1, "public_key_pem": "-----BEGIN PUBLIC KEY-----\n", "made_at": NOW}
    return TransportKey(**{**fields, **changes})


def an_enrolment_answer(**changes: Any) -> EnrolmentAnswer:
    """An answer that asks to wait for admission."""
    return EnrolmentAnswer(**{"site_id": SITE, "state": EnrolmentState.WAITING, **changes})


def a_rich_label_schema(**changes: Any) -> LabelSchema:
    """One question of every kind: a finding, where it is, what it looks like, how large it is, and a remark."""
    yes, no = (Option(code=code, text=Bilingual(en=code, ko=code)) for code in ("yes", "no"))
    steps = tuple(Option(code=f"step-{n}", text=Bilingual(en=str(n), ko=str(n)), target=n) for n in (0, 1, 2))
    where = Condition(question="seen", one_of=("yes",))
    shapes = GeometryRule(shapes=(ShapeKind.BOX, ShapeKind.MASK), at_most=5)
    unit = NumberRule(unit="mm", minimum=0.0, maximum=300.0)
    some, absent = Bilingual(en="?", ko="?"), (Abstention.ABSENT, Abstention.INDETERMINATE)
    kind = QuestionKind
    questions = (
        Question(code="seen", level=Level.STUDY, text=some, options=(yes, no), confidence_required=True),
        Question(code="where", level=Level.FRAME, text=some, kind=kind.GEOMETRY, geometry=shapes, when=where,
                 abstentions=absent),
        Question(code="subtlety", level=Level.STUDY, text=some, kind=kind.ORDINAL, options=steps, per_mark="where"),
        Question(code="signs", level=Level.INSTANCE, text=some, kind=kind.MULTI, options=steps, abstentions=absent),
        Question(code="size", level=Level.STUDY, text=some, kind=kind.NUMBER, number=unit, when=where),
        Question(code="remark", level=Level.STUDY, text=some, kind=kind.TEXT, max_characters=20, when=where),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "schema_code": "everything", "schema_version": 3, "questions": questions,
        "title": Bilingual(en="Every kind of question", ko="모든 종류의 문항"),
    }  # fmt: skip
    return LabelSchema(**{**fields, **changes})


def a_label_schema(**changes: Any) -> LabelSchema:
    """One yes-or-no question about a chest film."""
    options = (
        Option(code="absent", text=Bilingual(en="Normal", ko="정상"), target=0),
        Option(code="present", text=Bilingual(en="Abnormal", ko="이상"), target=1),
    )
    question = Question(
        code="abnormal", level=Level.STUDY, text=Bilingual(en="Is the film abnormal?", ko="이상 소견이 있습니까?"),
        options=options,
    )  # fmt: skip
    fields: dict[str, Any] = {
        "schema_code": "chest-film-abnormal", "schema_version": 1, "questions": (question,),
        "title": Bilingual(en="Chest film: abnormal or not", ko="흉부 촬영: 이상 유무"),
    }  # fmt: skip
    return LabelSchema(**{**fields, **changes})


def a_passport(**changes: Any) -> Passport:
    """The card of a release of one round."""
    record = RoundRecord(
        round=1, sites=3, update_norm=0.5,
        metrics=(PooledMetric(name=MetricName.VALIDATION_AUC, value=0.8, sites=3),),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "release_id": RELEASE, "plan_id": PLAN, "run_id": RUN, "offer_sha256": DIGEST,
        "coordinator_name": "Example coordinator", "model": a_manifest(), "model_sha256": DIGEST,
        "file_sha256": DIGEST, "chosen_round": 1, "rounds": (record,), "privacy": PrivacyMechanism.NONE,
        "attack_light": AttackLight.GREEN, "attack_policy": AttackPolicy.REPORT, "released_at": NOW,
    }  # fmt: skip
    return Passport(**{**fields, **changes})


def a_ledger_root(**changes: Any) -> LedgerRoot:
    """The first root of a ledger with three entries."""
    fields: dict[str, Any] = {"day": date(2026, 11, 21), "entries": 3, "head_hash": DIGEST, "closed_at": NOW}
    return LedgerRoot(**{"site_id": SITE, "previous_sha256": GENESIS, **fields, **changes})


def a_ledger_witness(**changes: Any) -> LedgerWitness:
    """The coordinator's word under it."""
    return witness_of(a_ledger_root(**changes), now=NOW)
