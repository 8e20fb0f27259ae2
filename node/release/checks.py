"""The gate's checks, one rule each: (message, promise) in, nothing out, `GateRefused` with the rule's name otherwise.

They look at the very message that would be sent, whatever was checked while it was made.
"""

from __future__ import annotations

from node.release.bounds import Terms, check_bounds_within, check_narrower
from node.release.budget import Reservation
from node.release.closing import root_of
from node.release.metrics import check_released
from node.release.promise import Outgoing, Promise
from node.release.quantise import rounding_norm, vector_norm
from node.release.refusals import GateRefused, OutsideApproval
from node.release.tensors import running_statistics
from node.release.update import fixed_point_specs
from protocols.approvals import Approval, Withdrawal
from protocols.enrolment import EnrolmentRequest
from protocols.errors import TensorsRefused
from protocols.ledger_roots import LedgerRoot, day_end
from protocols.masking import MaskedUpdate
from protocols.models import check_blob
from protocols.results import MIN_COUNT, ErrorReport, EvaluationResult
from protocols.roster import PeerKey, PeerKeyRevocation
from protocols.updates import WEIGHT_BAND, ModelUpdate


def carries_no_blob(outgoing: Outgoing, _promise: Promise) -> None:
    """Nothing rides behind the message."""
    if outgoing.blob:
        raise GateRefused("no-blob", "this type carries no bytes")


def names_own_key(outgoing: Outgoing, promise: Promise) -> None:
    """A request to join shows this hospital's own identity."""
    message = outgoing.message
    if not isinstance(message, EnrolmentRequest) or message.identity_key != promise.own_key:
        raise GateRefused("own-key", "not this hospital's identity")


def names_this_site(outgoing: Outgoing, promise: Promise) -> None:
    """The message speaks for this site and no other."""
    if promise.site_id is None or getattr(outgoing.message, "site_id", None) != promise.site_id:
        raise GateRefused("this-site", "the message speaks for another site")


def approves_what_was_offered(outgoing: Outgoing, promise: Promise) -> None:
    """An approval names the offer that was read, and goes no further than its plan."""
    message, terms = outgoing.message, _terms(promise)
    if not isinstance(message, Approval) or (message.plan_id, message.offer_sha256) != (
        terms.plan.plan_id,
        terms.offered.sha256,
    ):
        raise GateRefused("offer", "the approval names another offer")
    if message.approved_at >= message.expires_at or message.expires_at > terms.plan.expires_at:
        raise GateRefused("offer", "the approval outlives its plan")
    try:
        check_bounds_within(message.bounds, terms.plan)
        check_narrower(terms.plan, epsilon_cap=message.epsilon_cap, metrics=message.metrics)
    except OutsideApproval as reason:
        raise GateRefused("offer", str(reason)) from None


def ends_what_was_approved(outgoing: Outgoing, promise: Promise) -> None:
    """A withdrawal names the approval that was held."""
    message, terms = outgoing.message, _terms(promise)
    if not isinstance(message, Withdrawal) or (message.plan_id, message.approval_id) != (
        terms.plan.plan_id,
        terms.approval.approval_id,
    ):
        raise GateRefused("approval", "the withdrawal names another approval")


def answers_its_reservation(outgoing: Outgoing, promise: Promise) -> None:
    """Plan, run, round, attempt and model are those room was reserved for, under the approval that holds."""
    message, terms, reservation = outgoing.message, _terms(promise), _reservation(promise)
    if not isinstance(message, ModelUpdate | EvaluationResult):
        raise GateRefused("reservation", "this type answers nothing")
    asked = reservation.asked
    model = message.base_model_sha256 if isinstance(message, ModelUpdate) else message.model_sha256
    answered = (message.plan_id, message.run_id, message.round, message.attempt, model)
    if answered != (asked.plan_id, asked.run_id, asked.round, asked.attempt, asked.model_sha256):
        raise GateRefused("reservation", "the message answers another exchange than was reserved")
    if (asked.plan_id, reservation.approval_id) != (terms.plan.plan_id, terms.approval.approval_id):
        raise GateRefused("reservation", "the room was reserved under another approval")


def has_no_running_statistics(outgoing: Outgoing, _promise: Promise) -> None:
    """No tensor is named like a mean over patients."""
    if running_statistics(spec.name for spec in _update(outgoing).tensors):
        raise GateRefused("running-statistics", "a tensor is a batch statistic")


def has_the_plans_tensors(outgoing: Outgoing, promise: Promise) -> None:
    """Names, shapes, order, element type and length are the plan's, and so is the scale."""
    update, plan = _update(outgoing), _terms(promise).plan
    if update.tensors != fixed_point_specs(plan.model.tensors) or update.scale_bits != plan.aggregation.scale_bits:
        raise GateRefused("tensor-schema", "tensors or scale are not the plan's")
    try:
        check_blob(update.tensors, outgoing.blob)
    except TensorsRefused as reason:
        raise GateRefused("tensor-schema", str(reason)) from None


def is_within_the_norm(outgoing: Outgoing, promise: Promise) -> None:
    """The numbers that would really leave are within the plan's norm."""
    scale_bits = _update(outgoing).scale_bits
    allowed = _terms(promise).plan.update_norm_bound + rounding_norm(len(outgoing.blob) // 4, scale_bits)
    if vector_norm(outgoing.blob, scale_bits) > allowed:
        raise GateRefused("norm", "the fixed-point update is larger than the plan allows")


def weighs_in_bands(outgoing: Outgoing, _promise: Promise) -> None:
    """The weight tells no single patient."""
    if _update(outgoing).weight % WEIGHT_BAND:
        raise GateRefused("weight", "the weight is not rounded")


def counts_hide_small_cells(outgoing: Outgoing, _promise: Promise) -> None:
    """A count is absent or rounded, and without a count there is no figure."""
    message = outgoing.message
    if not isinstance(message, EvaluationResult):
        raise GateRefused("counts", "this type has no count")
    if message.cases is None and message.metrics:
        raise GateRefused("counts", f"figures over fewer than {MIN_COUNT} cases")
    if message.cases is not None and message.cases % WEIGHT_BAND:
        raise GateRefused("counts", "the count is not rounded")


def tells_only_approved_figures(outgoing: Outgoing, promise: Promise) -> None:
    """Figures are of the plan's list and among those the approval left, once each, finite and rounded."""
    message = outgoing.message
    if not isinstance(message, ModelUpdate | MaskedUpdate | EvaluationResult):
        raise GateRefused("metrics", "this type has no figures")
    check_released(message.metrics, _terms(promise).metrics)


def closes_the_day_as_the_ledger_stands(outgoing: Outgoing, promise: Promise) -> None:
    """A daily root is of the day that is closed and says of the ledger what the ledger is."""
    message, closing = outgoing.message, promise.closing
    if not isinstance(message, LedgerRoot) or closing is None or promise.site_id is None:
        raise GateRefused("root", "no day is being closed")
    if message != root_of(closing, promise.site_id, message.closed_at) or message.closed_at < day_end(message.day):
        raise GateRefused("root", "the root says otherwise than the ledger, or the day is not over")


def names_the_compared_key(outgoing: Outgoing, promise: Promise) -> None:
    """A word on a key is this hospital's, and of the other hospital and key that people compared."""
    message = outgoing.message
    if not isinstance(message, PeerKey | PeerKeyRevocation) or promise.peer is None or promise.site_id is None:
        raise GateRefused("peer", "no key was compared")
    named = (message.signer_site_id, (message.peer_site_id, message.peer_key))
    if named != (promise.site_id, promise.peer) or message.peer_site_id == promise.site_id:
        raise GateRefused("peer", "a word on another key than was compared")


def says_only_a_code(outgoing: Outgoing, _promise: Promise) -> None:
    """A refusal is a code and the identifiers the coordinator gave."""
    if not isinstance(outgoing.message, ErrorReport):
        raise GateRefused("refusal", "not a refusal")


def _update(outgoing: Outgoing) -> ModelUpdate:
    if not isinstance(outgoing.message, ModelUpdate):
        raise GateRefused("tensor-schema", "not an update")
    return outgoing.message


def _terms(promise: Promise) -> Terms:
    if promise.terms is None:
        raise GateRefused("terms", "nothing was approved")
    return promise.terms


def _reservation(promise: Promise) -> Reservation:
    if promise.reservation is None:
        raise GateRefused("reservation", "nothing was reserved")
    return promise.reservation
