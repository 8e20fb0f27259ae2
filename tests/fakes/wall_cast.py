"""Who and what a wall under test meets: plans, offers, identities, a clock, and a played fit child, cases and films."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from factories import NOW, SITE, a_cohort, a_plan, an_identity
from numpy.typing import NDArray

from node.labeling.cohort_row import CohortAsked, CohortRow
from node.release.bounds import Offer
from node.release.offers import open_offer
from node.training.catalog import CHEST_CNN_GN_1, starting_tensors, tensor_specs
from node.training.evaluate import Evaluation
from node.training.membership import AttackLight, MembershipReading
from node.training.ports import FitReport, FitSettings, OwnModel, RoundFigures
from node.training.privacy import PrivacyRecord, PrivateOrder, signed
from node.training.weights import Tensors, to_blob
from protocols.encoding import Wire, encode
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.models import Dtype, Hyperparameter, ModelManifest, TensorSpec, model_digest
from protocols.plans import PlanOffer, TrainingPlan
from protocols.receipts import Receipt
from protocols.signing import Identity, Purpose, seal

WIDTH: Mapping[str, float] = {"width": 8}
SHAPES = tensor_specs(CHEST_CNN_GN_1, WIDTH)
SPECS = tuple(TensorSpec(name=name, shape=shape, dtype=Dtype.FLOAT32) for name, shape in SHAPES)
START = starting_tensors(CHEST_CNN_GN_1, WIDTH, seed=7)
START_BLOB = to_blob(SHAPES, START)
START_SHA256 = model_digest(SPECS, START_BLOB)

HOSPITAL = an_identity(1)
PARTNER = an_identity(2)
COORDINATOR_IDENTITY = an_identity(3)
SOMEBODY_ELSE = an_identity(9)
PERSON = "77777777-7777-4777-8777-777777777777"


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic_seconds(self) -> float:
        return self.at.timestamp()

    def pass_time(self, by: timedelta) -> None:
        self.at += by


def a_real_manifest(**changes: Any) -> ModelManifest:
    """The smallest network of the audited catalog."""
    fields: dict[str, Any] = {
        "architecture": CHEST_CNN_GN_1,
        "input_pixels": 128,
        "tensors": SPECS,
        "hyperparameters": (Hyperparameter(name="width", value=8),),
    }
    return ModelManifest(**{**fields, **changes})


def a_real_plan(**changes: Any) -> TrainingPlan:
    """A plan this node can take part in."""
    fields: dict[str, Any] = {"model": a_real_manifest(), "cohort": a_cohort(min_cases=10, max_cases=100)}
    return a_plan(**{**fields, **changes})


def a_sealed_offer(
    plan: TrainingPlan | None = None,
    *,
    signer: Identity = COORDINATOR_IDENTITY,
    partner: Identity = PARTNER,
    **changes: Any,
) -> bytes:
    """An offer as the coordinator seals it."""
    sealed_plan = seal(encode(plan or a_real_plan()), partner, Purpose.PLAN)
    fields: dict[str, Any] = {
        "sealed_plan": sealed_plan,
        "partner_key": PARTNER.public.raw,
        "starting_weights_sha256": START_SHA256,
        "offered_at": NOW,
    }
    return seal(encode(PlanOffer(**{**fields, **changes})), signer, Purpose.OFFER)


def opened(sealed: bytes) -> Offer:
    """The offer as a node that believes the coordinator opens it."""
    return open_offer(sealed, COORDINATOR_IDENTITY.public)


def instruct(
    message: TrainInstruction | EvaluateInstruction,
    blob: bytes = START_BLOB,
    *,
    signer: Identity = COORDINATOR_IDENTITY,
) -> bytes:
    """An instruction as the coordinator seals it."""
    return seal(encode(message, blob), signer, Purpose.INSTRUCTION)


def a_sealed_receipt(sent_sha256: str, *, signer: Identity = COORDINATOR_IDENTITY, **changes: Any) -> bytes:
    """The coordinator's word for some bytes."""
    fields: dict[str, Any] = {"site_id": SITE, "sent_sha256": sent_sha256, "received_at": NOW}
    return seal(encode(Receipt(**{**fields, **changes})), signer, Purpose.RECEIPT)


def sealed_by_coordinator(message: Wire, purpose: Purpose) -> bytes:
    """Any message of the coordinator's."""
    return seal(encode(message), COORDINATOR_IDENTITY, purpose)


@dataclass
class PlayedFit:
    """A fit child that does what the test says: `update` is what training changed, `meanwhile` happens during it."""

    update: Callable[[Tensors], Tensors] = field(
        default=lambda start: {name: np.full_like(t, 0.001) for name, t in start.items()}
    )
    meanwhile: Callable[[], None] = lambda: None
    cases: int = 20
    auc: float | None = 0.75
    loss: float = 0.6
    membership: float | None = 0.52
    trained: int = 0
    owned: int = 0
    closed: bool = False
    settings: FitSettings | None = None
    record: Callable[[PrivateOrder, int, Tensors], PrivacyRecord | None] = lambda order, steps, update: signed(
        PrivacyRecord(order.reservation, order.noise, steps, hashlib.sha256(to_blob(SHAPES, update)).hexdigest()),
        bytes.fromhex(order.key),
    )

    def train(self, start: Tensors, settings: FitSettings) -> FitReport:
        self.trained += 1
        self.settings = settings
        self.meanwhile()
        update = self.update(start)
        if settings.private is None:
            return FitReport(update, 0.693147, settings.local_steps)
        return FitReport(
            update, None, settings.local_steps, self.record(settings.private, settings.local_steps, update)
        )

    def evaluate(self, tensors: Tensors) -> RoundFigures:
        light = AttackLight.GREEN if self.membership is not None else AttackLight.CANNOT_BE_MEASURED
        return RoundFigures(
            Evaluation(self.loss, self.auc, self.cases, self.cases), MembershipReading(self.membership, light)
        )

    def train_own(self, start: Tensors, settings: FitSettings, *, rounds: int) -> OwnModel:
        self.owned += 1
        return OwnModel({name: tensor + 1 for name, tensor in start.items()}, rounds, ())

    def score_holdout(self, tensors: Tensors) -> Mapping[str, float]:
        own = bool(tensors["head.bias"][0] >= 0.5)
        return {
            row.case_id: (row.label if own else 1 - row.label) + row.patient_number * 1e-3
            for row in some_rows()
            if row.holdout
        }

    def close(self) -> None:
        self.closed = True


def some_rows(*, open_cases: int = 30, holdout: int = 20) -> list[CohortRow]:
    """Labelled cases of as many patients, and a holdout of others."""
    return [
        CohortRow(
            case_id=f"case-{number:03d}",
            patient_number=number,
            image_ids=(f"image-{number:03d}",),
            label=number % 2,
            posterior=0.9,
            readings=3,
            holdout=number >= open_cases,
        )
        for number in range(open_cases + holdout)
    ]


@dataclass
class PlayedCases:
    """The labelled cases of a hospital."""

    held: list[CohortRow] = field(default_factory=some_rows)
    excluded: set[str] = field(default_factory=set)
    not_permitted: set[str] = field(default_factory=set)

    def rows(self, asked: CohortAsked) -> list[CohortRow]:
        return [row for row in self.held if row.case_id not in self.excluded | self.not_permitted]

    def permitted(self, asked: CohortAsked) -> bool:
        return not {row.case_id for row in self.held} <= self.not_permitted

    def patients_of(self, case_ids: Collection[str]) -> Mapping[str, int]:
        return {row.case_id: row.patient_number for row in self.held if row.case_id in case_ids}

    def withheld(self, partner_id: str) -> Collection[str]:
        return self.not_permitted

    def excluded_cases(self) -> Collection[str]:
        return self.excluded


class PlayedFilms:
    """Films with a gradient on them."""

    def pixels(self, image_id: str) -> NDArray[np.float32]:
        return np.linspace(0, 1, 16 * 12, dtype=np.float32).reshape(16, 12)
