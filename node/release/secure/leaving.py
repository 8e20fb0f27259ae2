"""What of a secure round may leave: the gate's checks on its messages, one rule each, like `node.release.checks`.

A masked vector tells the gate nothing, so its numbers were held against the plan before the mask (`door`). Here it is
held that the vector is one of the plan's shape and of the attempt that was asked for, under the statement that other
hospitals will read; and that no message shows more secrets than its step has to.
"""

from __future__ import annotations

import hashlib

from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from node.release.secure.refusals import SecureRefused
from node.release.secure.words import vector_bytes, words_of_plan
from node.release.update import fixed_point_specs
from protocols.encoding import decode
from protocols.errors import ProtocolError
from protocols.masking import (
    SEALED_BYTES_MAX,
    MaskedStatement,
    MaskedUpdate,
    MaskingAdvert,
    MaskingRound,
    MaskingShares,
    SurvivorVote,
    UnmaskingShares,
)
from protocols.plans import AggregationMode
from protocols.signing import PublicIdentity, Purpose, unseal


def is_of_its_attempt(outgoing: Outgoing, promise: Promise) -> None:
    """The message is about the attempt that was asked for, in a plan that asks for secure aggregation, on its terms."""
    about, attempt = _about(outgoing, promise), promise.attempt
    if attempt is None or about != attempt:
        raise GateRefused("attempt", "the message is about another attempt than was asked for")
    terms = promise.terms
    if terms is None:
        raise GateRefused("terms", "nothing was approved")
    asked = terms.plan.aggregation
    wanted = (terms.plan.plan_id, AggregationMode.SECURE, asked.threshold_t, asked.colluders_c)
    if (attempt.plan_id, asked.mode, attempt.threshold_t, attempt.colluders_c) != wanted:
        raise GateRefused("attempt", "the attempt is not on the plan's terms")


def deals_to_others_alone(outgoing: Outgoing, promise: Promise) -> None:
    """Every other member gets one packet at most, this one none."""
    message = outgoing.message
    if not isinstance(message, MaskingShares):
        raise GateRefused("shares", "not shares")
    receivers = [packet.site_id for packet in message.packets]
    if promise.site_id in receivers or len(set(receivers)) != len(receivers):
        raise GateRefused("shares", "a packet for this site, or two for one")


def is_in_its_own_list(outgoing: Outgoing, promise: Promise) -> None:
    """A list that this site votes or reveals for names it, and is as long as the attempt demands."""
    message = outgoing.message
    if not isinstance(message, SurvivorVote | UnmaskingShares):
        raise GateRefused("list", "this type names no list")
    if promise.site_id not in message.survivors or len(message.survivors) < message.about.least_survivors:
        raise GateRefused("list", "the list is too short, or without this site")


def shows_one_secret_of_each(outgoing: Outgoing, _promise: Promise) -> None:
    """Of every survivor a share of its seed, of nobody on the list one of its mask key."""
    message = outgoing.message
    if not isinstance(message, UnmaskingShares):
        raise GateRefused("secrets", "this type shows nothing")
    if tuple(shown.site_id for shown in message.seeds) != message.survivors:
        raise GateRefused("secrets", "seeds that are not the survivors'")
    if {shown.site_id for shown in message.mask_keys} & set(message.survivors):
        raise GateRefused("secrets", "a survivor's mask key")


def has_the_plans_words(outgoing: Outgoing, promise: Promise) -> None:
    """Names, shapes, order, scale and word are the plan's, and there are just the words of the round and its weight."""
    update, terms, attempt = _update(outgoing), promise.terms, promise.attempt
    if terms is None or attempt is None:
        raise GateRefused("terms", "nothing was approved")
    specs, scale_bits = fixed_point_specs(terms.plan.model.tensors), terms.plan.aggregation.scale_bits
    try:
        bits = words_of_plan(terms.plan, members=attempt.members_n)
        length = vector_bytes(terms.plan, members=attempt.members_n, round_number=attempt.round)
    except SecureRefused as reason:
        raise GateRefused("tensor-schema", str(reason)) from None
    if (update.tensors, update.scale_bits, update.word_bits) != (specs, scale_bits, bits):
        raise GateRefused("tensor-schema", "tensors, scale or word are not the plan's")
    if len(outgoing.blob) != length:
        raise GateRefused("tensor-schema", "not as many words as the plan has for this round")


def states_its_own_vector(outgoing: Outgoing, promise: Promise) -> None:
    """The statement is this hospital's, of these very bytes, and of the model that room was reserved for."""
    said, reservation, terms = _statement(_update(outgoing), promise), promise.reservation, promise.terms
    if said.vector_sha256 != hashlib.sha256(outgoing.blob).hexdigest() or said.site_id != promise.site_id:
        raise GateRefused("statement", "the statement is of another vector")
    if reservation is None or terms is None:
        raise GateRefused("reservation", "nothing was reserved")
    asked = reservation.asked
    answered = (said.about.plan_id, said.about.run_id, said.about.round, said.about.attempt, said.model_sha256)
    if answered != (asked.plan_id, asked.run_id, asked.round, asked.attempt, asked.model_sha256):
        raise GateRefused("reservation", "the message answers another exchange than was reserved")
    if reservation.approval_id != terms.approval.approval_id:
        raise GateRefused("reservation", "the room was reserved under another approval")


def _about(outgoing: Outgoing, promise: Promise) -> MaskingRound:
    match outgoing.message:
        case MaskedUpdate() as update:
            return _statement(update, promise).about
        case MaskingAdvert() | MaskingShares() | MaskedStatement() | SurvivorVote() | UnmaskingShares() as message:
            return message.about
        case _:
            raise GateRefused("attempt", "this type is of no attempt")


def _update(outgoing: Outgoing) -> MaskedUpdate:
    if not isinstance(outgoing.message, MaskedUpdate):
        raise GateRefused("tensor-schema", "not a masked update")
    return outgoing.message


def _statement(update: MaskedUpdate, promise: Promise) -> MaskedStatement:
    try:
        frame = unseal(update.sealed_statement, PublicIdentity(promise.own_key), Purpose.MASKED_STATEMENT)
        said, blob = decode(frame, MaskedStatement, max_bytes=SEALED_BYTES_MAX)
    except ProtocolError:
        raise GateRefused("statement", "not this hospital's statement") from None
    if blob:
        raise GateRefused("statement", "a statement carries no bytes")
    return said
