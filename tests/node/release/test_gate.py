"""The gate table, type by type and rule by rule."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from factories import (
    NOW,
    PLAN,
    RUN,
    SITE,
    a_ledger_root,
    a_train_instruction,
    a_withdrawal,
    an_approval,
    an_enrolment_request,
    an_error_report,
)
from fakes.wall_cast import HOSPITAL, SOMEBODY_ELSE, START_SHA256, a_real_plan, a_sealed_offer, opened
from secure_factories import LEAVING as SECURE

import protocols
from node.release.asked import asked_by
from node.release.bounds import Terms
from node.release.budget import Reservation
from node.release.closing import Closing
from node.release.gate import pass_gate
from node.release.ledger import Head
from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from node.release.table import GATE_TABLE, SEALED_PARTS
from node.release.update import fixed_point_specs
from protocols import masking
from protocols.approvals import Approval, Bounds, Withdrawal
from protocols.cards import PartnerCard
from protocols.certificates import LabelerCertificate
from protocols.encoding import Wire, encode
from protocols.enrolment import EnrolmentAnswer, EnrolmentRequest, Invitation, TransportKey
from protocols.inbox import Inbox
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.labels import LabelSchema
from protocols.ledger_roots import LedgerRoot, LedgerWitness
from protocols.models import TensorSpec, blob_bytes
from protocols.passports import Passport
from protocols.plans import MetricName, PlanOffer, TrainingPlan
from protocols.receipts import LedgerEntry, Receipt
from protocols.results import ErrorReport, EvaluationResult
from protocols.roster import PeerKey, PeerKeyRevocation, Roster
from protocols.signing import unseal
from protocols.updates import Metric, ModelUpdate

LEAVES: set[type[Wire]] = {
    EnrolmentRequest, Approval, Withdrawal, ModelUpdate, EvaluationResult, LedgerRoot, PeerKey, PeerKeyRevocation,
    ErrorReport,
}  # fmt: skip
STAYS: dict[type[Wire], str] = {
    Invitation: "comes in by hand",
    EnrolmentAnswer: "comes in",
    TrainingPlan: "comes in",
    PlanOffer: "comes in",
    Inbox: "comes in",
    Receipt: "comes in",
    LedgerWitness: "comes in",
    TrainInstruction: "comes in",
    EvaluateInstruction: "comes in",
    Passport: "the coordinator's and the partner's",
    TransportKey: "rides sealed inside the request to join",
    LabelSchema: "shipped with the product",
    LedgerEntry: "the hospital's own",
    PartnerCard: "the partner's",
    masking.MaskedStatement: "rides sealed inside the masked update it is of",
    **dict.fromkeys((masking.AdvertInstruction, masking.ShareInstruction, masking.MaskInstruction), "comes in"),
    **dict.fromkeys((masking.SurvivorInstruction, Roster), "comes in"),
    LabelerCertificate: "handed to the person it is about, who carries it",
}

PLANNED = a_real_plan(metrics=(MetricName.VALIDATION_AUC, MetricName.VALIDATION_LOSS))
OFFERED = opened(a_sealed_offer(PLANNED))
APPROVAL = an_approval(
    offer_sha256=OFFERED.sha256, bounds=Bounds(max_rounds=3, max_attempts_per_round=3, max_cases=100)
)
TERMS = Terms(OFFERED, APPROVAL)
ASKED = asked_by(a_train_instruction(model_sha256=START_SHA256))
RESERVED = Reservation(ASKED, APPROVAL.approval_id, PLANNED.privacy)
ROOT = a_ledger_root()
CLOSING = Closing(ROOT.day, Head(ROOT.entries, ROOT.head_hash), None)
PROMISE = Promise(HOSPITAL.public.raw, SITE, TERMS, RESERVED, closing=CLOSING)
TENSORS = fixed_point_specs(PLANNED.model.tensors)


def every_wire_type() -> set[type[Wire]]:
    for module in pkgutil.iter_modules(protocols.__path__):
        importlib.import_module(f"protocols.{module.name}")
    return {kind for kind in Wire.__subclasses__() if kind.__module__.startswith("protocols.")}


def name_of(kind: type[Wire]) -> str:
    return kind.kind


def vector(value: int = 100) -> bytes:
    return np.full(blob_bytes(TENSORS) // 4, value, dtype="<i4").tobytes()


def an_update(**changes: Any) -> ModelUpdate:
    fields: dict[str, Any] = {
        "site_id": SITE,
        "plan_id": PLAN,
        "run_id": RUN,
        "round": 1,
        "attempt": 1,
        "base_model_sha256": START_SHA256,
        "weight": 40,
        "scale_bits": 20,
        "tensors": TENSORS,
        "metrics": (Metric(name=MetricName.VALIDATION_AUC, value=0.75),),
    }
    return ModelUpdate(**{**fields, **changes})


def a_result(**changes: Any) -> EvaluationResult:
    fields: dict[str, Any] = {
        "site_id": SITE,
        "plan_id": PLAN,
        "run_id": RUN,
        "round": 1,
        "attempt": 1,
        "model_sha256": START_SHA256,
        "cases": 40,
        "metrics": (Metric(name=MetricName.VALIDATION_AUC, value=0.75),),
    }
    return EvaluationResult(**{**fields, **changes})


GOOD: dict[type[Wire], Outgoing] = {
    EnrolmentRequest: Outgoing(an_enrolment_request()),
    Approval: Outgoing(APPROVAL),
    Withdrawal: Outgoing(a_withdrawal()),
    ModelUpdate: Outgoing(an_update(), vector()),
    EvaluationResult: Outgoing(a_result()),
    LedgerRoot: Outgoing(ROOT),
    ErrorReport: Outgoing(an_error_report()),
}


LISTED: list[type[Wire]] = sorted(GOOD, key=name_of)
UNLISTED: list[type[Wire]] = sorted(STAYS, key=name_of)


def refused_by(outgoing: Outgoing, promise: Promise = PROMISE) -> str:
    with pytest.raises(GateRefused) as refusal:
        pass_gate(outgoing, promise, HOSPITAL)
    return refusal.value.check


def test_every_wire_type_either_has_a_row_or_a_reason_to_stay() -> None:
    assert every_wire_type() == LEAVES | SECURE | set(STAYS)
    assert set(GATE_TABLE) == LEAVES | SECURE


@pytest.mark.parametrize("kind", LISTED, ids=name_of)
def test_a_message_that_keeps_every_rule_passes_as_its_own_sealed_frame(kind: type[Wire]) -> None:
    outgoing = GOOD[kind]
    passed = pass_gate(outgoing, PROMISE, HOSPITAL)
    assert unseal(passed.sealed, HOSPITAL.public, passed.row.purpose) == encode(outgoing.message, outgoing.blob)


@pytest.mark.parametrize("kind", UNLISTED, ids=name_of)
def test_a_type_without_a_row_is_refused(kind: type[Wire]) -> None:
    assert refused_by(Outgoing(kind.model_construct())) == "type"


def test_a_subclass_of_a_listed_type_is_another_type() -> None:
    class Wider(ErrorReport):
        note: str = ""

    assert refused_by(Outgoing(Wider(**an_error_report().model_dump(), note="a leak"))) == "type"


@pytest.mark.parametrize("kind", [kind for kind in LISTED if kind is not ModelUpdate], ids=name_of)
def test_bytes_behind_a_message_that_carries_none_are_refused(kind: type[Wire]) -> None:
    assert refused_by(replace(GOOD[kind], blob=b"a leak")) == "no-blob"


SITES: list[Callable[[str], Outgoing]] = [
    lambda site: Outgoing(an_approval(site_id=site)),
    lambda site: Outgoing(a_withdrawal(site_id=site)),
    lambda site: Outgoing(an_update(site_id=site), vector()),
    lambda site: Outgoing(a_result(site_id=site)),
    lambda site: Outgoing(a_ledger_root(site_id=site)),
    lambda site: Outgoing(an_error_report(site_id=site)),
]


@pytest.mark.parametrize("made", SITES)
def test_nothing_speaks_for_another_site(made: Callable[[str], Outgoing]) -> None:
    assert refused_by(made(SITE[:-1] + "2")) == "this-site"
    assert refused_by(made(SITE), replace(PROMISE, site_id=None)) == "this-site"


VIOLATIONS: list[tuple[str, Outgoing]] = [
    ("own-key", Outgoing(an_enrolment_request(identity_key=SOMEBODY_ELSE.public.raw))),
    ("offer", Outgoing(APPROVAL.model_copy(update={"offer_sha256": "cd" * 32}))),
    ("offer", Outgoing(APPROVAL.model_copy(update={"plan_id": RUN}))),
    ("offer", Outgoing(APPROVAL.model_copy(update={"expires_at": PLANNED.expires_at + timedelta(days=1)}))),
    ("offer", Outgoing(APPROVAL.model_copy(update={"expires_at": NOW}))),
    (
        "offer",
        Outgoing(APPROVAL.model_copy(update={"bounds": Bounds(max_rounds=4, max_attempts_per_round=1, max_cases=1)})),
    ),
    (
        "offer",
        Outgoing(APPROVAL.model_copy(update={"bounds": Bounds(max_rounds=1, max_attempts_per_round=1, max_cases=101)})),
    ),
    ("approval", Outgoing(a_withdrawal(approval_id=RUN))),
    ("approval", Outgoing(a_withdrawal(plan_id=RUN))),
    ("reservation", Outgoing(an_update(round=2), vector())),
    ("reservation", Outgoing(an_update(attempt=2), vector())),
    ("reservation", Outgoing(an_update(run_id=PLAN), vector())),
    ("reservation", Outgoing(an_update(plan_id=RUN), vector())),
    ("reservation", Outgoing(an_update(base_model_sha256="cd" * 32), vector())),
    ("reservation", Outgoing(a_result(model_sha256="cd" * 32))),
    ("tensor-schema", Outgoing(an_update(tensors=TENSORS[:-1]), vector())),
    (
        "tensor-schema",
        Outgoing(
            an_update(tensors=(*TENSORS, TensorSpec(name="extra", shape=(1,), dtype=TENSORS[0].dtype))),
            vector() + bytes(4),
        ),
    ),
    ("tensor-schema", Outgoing(an_update(tensors=PLANNED.model.tensors), vector())),
    ("tensor-schema", Outgoing(an_update(tensors=tuple(reversed(TENSORS))), vector())),
    ("tensor-schema", Outgoing(an_update(scale_bits=21), vector())),
    ("tensor-schema", Outgoing(an_update(), vector() + bytes(4))),
    ("tensor-schema", Outgoing(an_update(), vector()[:-4])),
    (
        "running-statistics",
        Outgoing(
            an_update(tensors=(TENSORS[0].model_copy(update={"name": "norm1.running_mean"}), *TENSORS[1:])), vector()
        ),
    ),
    ("norm", Outgoing(an_update(), vector(2**20))),
    ("weight", Outgoing(an_update(weight=41), vector())),
    ("metrics", Outgoing(an_update(metrics=(Metric(name=MetricName.MEMBERSHIP_AUC, value=0.5),)), vector())),
    ("metrics", Outgoing(an_update(metrics=(Metric(name=MetricName.VALIDATION_AUC, value=0.7531),)), vector())),
    ("metrics", Outgoing(an_update(metrics=(Metric(name=MetricName.VALIDATION_AUC, value=0.7),) * 2), vector())),
    ("metrics", Outgoing(a_result(metrics=(Metric(name=MetricName.TRAINING_LOSS, value=0.5),)))),
    ("counts", Outgoing(a_result(cases=41))),
    ("counts", Outgoing(a_result(cases=None))),
]


@pytest.mark.parametrize(("check", "outgoing"), VIOLATIONS)
def test_each_rule_violated_is_refused_by_its_name(check: str, outgoing: Outgoing) -> None:
    assert refused_by(outgoing) == check


def test_an_update_without_approval_or_reservation_is_refused() -> None:
    assert refused_by(GOOD[ModelUpdate], replace(PROMISE, terms=None)) == "terms"
    assert refused_by(GOOD[ModelUpdate], replace(PROMISE, reservation=None)) == "reservation"
    other = replace(RESERVED, approval_id=RUN)
    assert refused_by(GOOD[ModelUpdate], replace(PROMISE, reservation=other)) == "reservation"


@pytest.mark.parametrize(
    "changes",
    [
        {"entries": 2},
        {"head_hash": "cd" * 32},
        {"day": NOW.date()},
        {"previous_sha256": "cd" * 32},
        {"closed_at": NOW - timedelta(days=1)},
    ],
)
def test_a_daily_root_says_of_the_closed_day_what_the_ledger_is(changes: dict[str, Any]) -> None:
    assert refused_by(Outgoing(a_ledger_root(**changes))) == "root"
    assert refused_by(GOOD[LedgerRoot], replace(PROMISE, closing=None)) == "root"


def test_a_frame_larger_than_its_row_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(GATE_TABLE[ErrorReport], max_bytes=10)
    monkeypatch.setattr("node.release.gate.GATE_TABLE", {ErrorReport: row})
    assert refused_by(GOOD[ErrorReport]) == "size"


def test_updates_and_results_need_their_approval_in_the_transaction() -> None:
    needing = {kind for kind, row in GATE_TABLE.items() if row.needs_approval}
    assert needing == {Approval, ModelUpdate, EvaluationResult, *SECURE}


def test_every_type_is_sealed_for_a_purpose_of_its_own() -> None:
    purposes = [row.purpose for row in GATE_TABLE.values()] + [part.purpose for part in SEALED_PARTS.values()]
    assert len(set(purposes)) == len(purposes)
