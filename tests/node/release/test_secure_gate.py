"""The gate on the messages of a secure round, rule by rule."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from factories import SITE, a_train_instruction, an_approval
from fakes.wall_cast import HOSPITAL, SOMEBODY_ELSE, START_SHA256, a_real_plan, a_sealed_offer, opened
from secure_factories import (
    a_masked_update,
    a_packet,
    a_round,
    a_site,
    a_statement,
    a_vote,
    an_advert,
    some_masking_shares,
    some_unmasking_shares,
)

from node.release.asked import asked_by
from node.release.bounds import Terms
from node.release.budget import Reservation
from node.release.gate import pass_gate, seal_part
from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from node.release.secure.words import words_of_plan
from node.release.table import GATE_TABLE, SEALED_PARTS
from node.release.update import fixed_point_specs
from protocols.encoding import Wire, encode
from protocols.masking import (
    MaskedStatement,
    MaskedUpdate,
    MaskingAdvert,
    MaskingShares,
    RevealedShare,
    SurvivorVote,
    UnmaskingShares,
)
from protocols.models import blob_bytes
from protocols.plans import Aggregation, AggregationMode, Compression, MetricName
from protocols.signing import Identity, Purpose, seal, unseal
from protocols.sparse import sparse_terms
from protocols.updates import Metric

SECURE = Aggregation(mode=AggregationMode.SECURE, threshold_t=3, colluders_c=0)
PLANNED = a_real_plan(aggregation=SECURE, metrics=(MetricName.VALIDATION_AUC,))
OFFERED = opened(a_sealed_offer(PLANNED))
APPROVAL = an_approval(offer_sha256=OFFERED.sha256)
RESERVED = Reservation(asked_by(a_train_instruction(model_sha256=START_SHA256)), APPROVAL.approval_id, PLANNED.privacy)
ABOUT = a_round()
PROMISE = Promise(HOSPITAL.public.raw, SITE, Terms(OFFERED, APPROVAL), RESERVED, ABOUT)
SITES = tuple(sorted((SITE, a_site(1), a_site(2))))
OTHERS = tuple(site for site in SITES if site != SITE)
TENSORS = fixed_point_specs(PLANNED.model.tensors)
BITS = words_of_plan(PLANNED, members=3)
VECTOR = np.random.default_rng(1).bytes((blob_bytes(TENSORS) // 4 + 1) * BITS // 8)


def packets(*sites: str) -> Any:
    return tuple(a_packet(site) for site in sites)


def seeds(*sites: str) -> Any:
    return tuple(RevealedShare(site_id=site, share=bytes(66)) for site in sites)


def statement(blob: bytes = VECTOR, by: Identity = HOSPITAL, **changes: Any) -> bytes:
    digest = hashlib.sha256(blob).hexdigest()
    said = {"site_id": SITE, "peers": SITES, "model_sha256": START_SHA256, "vector_sha256": digest, **changes}
    return seal(encode(a_statement(**said)), by, Purpose.MASKED_STATEMENT)


def update(blob: bytes = VECTOR, **changes: Any) -> Outgoing:
    fields = {"site_id": SITE, "sealed_statement": statement(), "word_bits": BITS, "tensors": TENSORS, **changes}
    return Outgoing(a_masked_update(**fields), blob)


def advert(**changes: Any) -> Outgoing:
    return Outgoing(an_advert(**{"site_id": SITE, **changes}))


def shares(**changes: Any) -> Outgoing:
    return Outgoing(some_masking_shares(**{"site_id": SITE, "packets": packets(*OTHERS), **changes}))


def vote(**changes: Any) -> Outgoing:
    return Outgoing(a_vote(**{"site_id": SITE, "survivors": SITES, **changes}))


def shown(**changes: Any) -> Outgoing:
    fields = {"site_id": SITE, "survivors": SITES, "seeds": seeds(*SITES), **changes}
    return Outgoing(some_unmasking_shares(**fields))


def stated(**changes: Any) -> MaskedStatement:
    return a_statement(**{"site_id": SITE, "peers": SITES, **changes})


GOOD: dict[type[Wire], Outgoing] = {
    MaskingAdvert: advert(),
    MaskingShares: shares(),
    MaskedUpdate: update(),
    SurvivorVote: vote(),
    UnmaskingShares: shown(),
}
KINDS = list(GOOD)


def refused_by(outgoing: Outgoing, promise: Promise = PROMISE) -> str:
    with pytest.raises(GateRefused) as refusal:
        pass_gate(outgoing, promise, HOSPITAL)
    return refusal.value.check


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_message_that_keeps_every_rule_passes_as_its_own_sealed_frame(kind: type[Wire]) -> None:
    outgoing = GOOD[kind]
    passed = pass_gate(outgoing, PROMISE, HOSPITAL)
    assert unseal(passed.sealed, HOSPITAL.public, passed.row.purpose) == encode(outgoing.message, outgoing.blob)


def part_refused_by(part: Wire, promise: Promise = PROMISE) -> str:
    with pytest.raises(GateRefused) as refusal:
        seal_part(part, promise, HOSPITAL)
    return refusal.value.check


def test_a_sealed_part_has_no_row_and_rides_in_what_has_one() -> None:
    assert set(SEALED_PARTS) == {MaskedStatement}
    assert not set(SEALED_PARTS) & set(GATE_TABLE)
    assert {part.inside for part in SEALED_PARTS.values()} <= set(GATE_TABLE)
    for kind in sorted(GATE_TABLE, key=lambda kind: kind.kind):
        assert part_refused_by(kind.model_construct()) == "type"


def test_a_statement_is_sealed_to_ride_inside_its_update_and_never_leaves_alone() -> None:
    sealed = seal_part(stated(), PROMISE, HOSPITAL)
    assert unseal(sealed, HOSPITAL.public, Purpose.MASKED_STATEMENT) == encode(stated())
    assert refused_by(Outgoing(stated())) == "type"


def test_a_statement_speaks_for_this_site_and_of_the_attempt_that_was_asked_for() -> None:
    assert part_refused_by(stated(site_id=a_site(1))) == "this-site"
    assert part_refused_by(stated(), replace(PROMISE, attempt=None)) == "attempt"
    assert part_refused_by(stated(about=a_round(attempt=2))) == "attempt"
    assert part_refused_by(stated(), replace(PROMISE, terms=None)) == "terms"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not MaskedUpdate], ids=lambda kind: kind.kind)
def test_bytes_behind_a_message_that_carries_none_are_refused(kind: type[Wire]) -> None:
    assert refused_by(replace(GOOD[kind], blob=b"a leak")) == "no-blob"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_nothing_speaks_for_another_site_nor_of_another_attempt(kind: type[Wire]) -> None:
    outgoing = GOOD[kind]
    other = outgoing.message.model_copy(update={"site_id": a_site(1)})
    assert refused_by(replace(outgoing, message=other)) == "this-site"
    assert refused_by(outgoing, replace(PROMISE, attempt=None)) == "attempt"
    assert refused_by(outgoing, replace(PROMISE, attempt=a_round(attempt=2))) == "attempt"
    assert refused_by(outgoing, replace(PROMISE, terms=None)) == "terms"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@pytest.mark.parametrize("aggregation", [Aggregation(mode=AggregationMode.PLAIN, threshold_t=3), SECURE.model_copy(
    update={"threshold_t": 2}), SECURE.model_copy(update={"colluders_c": 1})])  # fmt: skip
def test_no_message_of_a_secure_round_leaves_under_a_plan_on_other_terms(
    kind: type[Wire], aggregation: Aggregation
) -> None:
    plan = PLANNED.model_copy(update={"aggregation": aggregation})
    terms = Terms(replace(OFFERED, plan=plan), APPROVAL)
    assert refused_by(GOOD[kind], replace(PROMISE, terms=terms)) == "attempt"


@pytest.mark.parametrize(
    ("check", "outgoing"),
    [
        ("shares", shares(packets=packets(*SITES))),
        ("shares", shares(packets=packets(OTHERS[0], OTHERS[0]))),
        ("list", vote(survivors=(*OTHERS, a_site(3)))),
        ("list", shown(survivors=(*OTHERS, a_site(3)), seeds=seeds(*OTHERS, a_site(3)))),
        ("secrets", shown(seeds=seeds(*OTHERS))),
        ("secrets", shown(seeds=(), mask_keys=seeds(*SITES))),
        ("tensor-schema", update(tensors=TENSORS[:-1])),
        ("tensor-schema", update(tensors=tuple(reversed(TENSORS)))),
        ("tensor-schema", update(scale_bits=21)),
        ("tensor-schema", update(word_bits=16)),
        ("tensor-schema", update(VECTOR[:-8])),
        ("tensor-schema", update(VECTOR + bytes(8))),
        ("statement", update(sealed_statement=b"no statement")),
        ("statement", update(sealed_statement=statement(by=SOMEBODY_ELSE))),
        ("statement", update(sealed_statement=statement(b"other bytes"))),
        ("statement", update(sealed_statement=statement(site_id=a_site(1)))),
        ("attempt", update(sealed_statement=statement(about=a_round(attempt=2)))),
        ("reservation", update(sealed_statement=statement(model_sha256="cd" * 32))),
        ("metrics", update(metrics=(Metric(name=MetricName.TRAINING_LOSS, value=0.5),))),
        ("metrics", update(metrics=(Metric(name=MetricName.VALIDATION_AUC, value=0.7531),))),
    ],
)
def test_each_rule_violated_is_refused_by_its_name(check: str, outgoing: Outgoing) -> None:
    assert refused_by(outgoing) == check


def test_a_masked_update_needs_the_room_that_was_reserved_under_the_approval() -> None:
    assert refused_by(update(), replace(PROMISE, reservation=None)) == "reservation"
    other = replace(RESERVED, approval_id=a_site(7))
    assert refused_by(update(), replace(PROMISE, reservation=other)) == "reservation"
    later = replace(RESERVED, asked=replace(RESERVED.asked, round=2))
    assert refused_by(update(), replace(PROMISE, reservation=later)) == "reservation"


def test_a_plan_whose_range_is_not_proven_lets_no_masked_update_out() -> None:
    wide = PLANNED.model_copy(update={"update_norm_bound": 1e300})
    promise = replace(PROMISE, terms=Terms(replace(OFFERED, plan=wide), APPROVAL))
    assert refused_by(update(), promise) == "tensor-schema"


def test_of_an_update_in_turns_just_the_words_of_its_round_leave() -> None:
    turns = SECURE.model_copy(update={"threshold_t": 2, "compression": Compression.TURNS})
    plan = PLANNED.model_copy(update={"aggregation": turns, "rounds": 4})
    terms = sparse_terms(plan, members=3)
    assert terms is not None
    about = a_round(threshold_t=2)
    promise = replace(PROMISE, terms=Terms(replace(OFFERED, plan=plan), APPROVAL), attempt=about)

    def words(count: int, bits: int = 16) -> Outgoing:
        blob = bytes(count * 2)
        return update(blob, sealed_statement=statement(blob, about=about), word_bits=bits)

    assert pass_gate(words(terms.words(1)), promise, HOSPITAL).kind == "masked-update"
    for refused in (words(terms.words(4)), words(terms.words(1) + 1), words(0), words(terms.words(1), bits=32)):
        assert refused_by(refused, promise) == "tensor-schema"
    too_short = replace(promise, terms=Terms(replace(OFFERED, plan=plan.model_copy(update={"rounds": 3})), APPROVAL))
    assert refused_by(words(terms.words(1)), too_short) == "tensor-schema"
