"""The door for an update, in the one order: privacy claim and record, schema, finite, norm, fixed point, then the mask.

`door` turns what training produced (which never leaves) into the vector that may; `update_message` puts a vector into
the wire message of one attempt. A second attempt of the same round takes the same vector, so that two attempts can
never be differenced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace

from node.release.budget import Reservation
from node.release.histogram import histogram
from node.release.masking import masked
from node.release.metrics import Figures, banded, released_figures
from node.release.outbox import Parcel
from node.release.quantise import OutOfRange, to_vector
from node.release.refusals import GateRefused
from node.release.tensors import check_norm, check_update, shapes_of
from node.training.privacy import NO_MECHANISM, PrivacyClaim, holds
from node.training.weights import Tensors, to_blob
from protocols.models import Dtype, TensorSpec
from protocols.plans import MetricName, Privacy, TrainingPlan
from protocols.updates import Metric, ModelUpdate


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """What one round of training changed; it never leaves as it is."""

    tensors: Tensors
    weight_cases: int
    figures: Figures
    """Figures of the received model on the validation part."""
    training_figures: Figures
    """Figures over the training part."""
    claim: PrivacyClaim
    """What training claims to have spent of privacy."""


@dataclass(frozen=True, slots=True)
class RoundVector:
    """The one vector of a round, in fixed point and before its mask."""

    base_model_sha256: str
    vector: bytes
    weight: int
    metrics: tuple[tuple[str, float], ...]
    update_sha256: str
    update_norm: float
    update_histogram: tuple[int, ...] | None = None
    """How many of its numbers are of which size; nothing where a release before this one kept the vector."""


def door(raw: RawUpdate, plan: TrainingPlan, reservation: Reservation) -> RoundVector:
    """The vector that may be masked and sent.

    Raises:
        GateRefused: naming the first check that does not hold.
    """
    check_claim(raw.claim, reservation.privacy)
    check_record(raw.claim, reservation)
    check_update(plan.model, raw.tensors)
    norm = check_norm(raw.tensors, plan.update_norm_bound)
    shapes = shapes_of(plan.model.tensors)
    digest = hashlib.sha256(to_blob(shapes, raw.tensors)).hexdigest()
    _check_names(raw.claim, digest)
    try:
        vector = to_vector(shapes, raw.tensors, plan.aggregation.scale_bits)
    except OutOfRange as reason:
        raise GateRefused("quantise", str(reason)) from None
    return RoundVector(
        base_model_sha256=reservation.asked.model_sha256,
        vector=vector,
        weight=banded(raw.weight_cases),
        metrics=_figures(raw, plan.metrics),
        update_sha256=digest,
        update_norm=norm,
        update_histogram=histogram(raw.tensors),
    )


def check_claim(claim: PrivacyClaim, reserved: Privacy) -> None:
    """Return when training spent no more privacy than was reserved, by the mechanism that was reserved.

    Raises:
        GateRefused: by `privacy-claim`.
    """
    if claim.mechanism != reserved.mechanism.value:
        raise GateRefused("privacy-claim", "another mechanism than was reserved")
    spent = ((claim.epsilon, reserved.epsilon_cap), (claim.delta, reserved.delta_cap))
    if any((used is None) != (cap is None) for used, cap in spent):
        raise GateRefused("privacy-claim", "a claim without its reservation, or the reverse")
    if any(used is not None and cap is not None and used > cap for used, cap in spent):
        raise GateRefused("privacy-claim", "more was spent than was reserved")


def check_record(claim: PrivacyClaim, reservation: Reservation) -> None:
    """Return when the accountant's record was signed for this very reservation and says what was reserved, no more.

    Raises:
        GateRefused: by `privacy-record`.
    """
    charge, record = reservation.charge, claim.record
    if charge is None and record is None and claim.mechanism == NO_MECHANISM:
        return
    if charge is None or record is None:
        raise GateRefused("privacy-record", "a record without its charge, or the reverse")
    if not holds(record, bytes.fromhex(charge.order.key)) or record.reservation != charge.order.reservation:
        raise GateRefused("privacy-record", "the record is not the accountant's for this reservation")
    if (record.noise, record.steps, claim.steps) != (charge.order.noise, charge.steps, charge.steps):
        raise GateRefused("privacy-record", "other noise or other steps than were reserved")
    if (claim.epsilon, claim.delta) != (charge.epsilon, charge.delta):
        raise GateRefused("privacy-record", "another epsilon than was reserved")


def _check_names(claim: PrivacyClaim, update_sha256: str) -> None:
    if claim.record is not None and claim.record.update_sha256 != update_sha256:
        raise GateRefused("privacy-record", "the record names another update")


def update_message(
    held: RoundVector, plan: TrainingPlan, *, reservation: Reservation, site_id: str
) -> tuple[ModelUpdate, bytes]:
    """The wire message of one attempt and its masked blob.

    Raises:
        GateRefused: by `mask`.
    """
    asked = reservation.asked
    message = ModelUpdate(
        site_id=site_id,
        plan_id=asked.plan_id,
        run_id=asked.run_id,
        round=asked.round,
        attempt=asked.attempt,
        base_model_sha256=held.base_model_sha256,
        weight=held.weight,
        scale_bits=plan.aggregation.scale_bits,
        tensors=fixed_point_specs(plan.model.tensors),
        metrics=tuple(Metric(name=MetricName(name), value=value) for name, value in held.metrics),
    )
    return message, masked(held.vector, plan.aggregation)


def fixed_point_specs(specs: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
    """The same tensors as int32."""
    return tuple(spec.model_copy(update={"dtype": Dtype.INT32}) for spec in specs)


def within(held: RoundVector, allowed: Collection[MetricName]) -> RoundVector:
    """The vector with those of its figures that an approval left; it may have been kept under a wider one."""
    return replace(held, metrics=tuple(one for one in held.metrics if MetricName(one[0]) in allowed))


def carrying(parcel: Parcel, held: RoundVector | None) -> Parcel:
    """The parcel; its ledger entry names the update it carries, if any, as it was before fixed point and mask."""
    if held is None:
        return parcel
    sha256, norm, counts = held.update_sha256, held.update_norm, held.update_histogram
    return replace(parcel, update_sha256=sha256, update_norm=norm, update_histogram=counts)


def _figures(raw: RawUpdate, allowed: tuple[MetricName, ...]) -> tuple[tuple[str, float], ...]:
    found = (*released_figures(raw.figures, allowed), *released_figures(raw.training_figures, allowed))
    return tuple((metric.name.value, metric.value) for metric in found)
