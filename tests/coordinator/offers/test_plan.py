import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from factories import NOW, PARTNER, a_cohort, a_manifest, a_plan, an_identity, tensor_specs

from coordinator.ground.texts import Language, text
from coordinator.membership.partner import Partner
from coordinator.offers.plan import PlanReason, PlanRefused, check_plan, read_plan
from protocols.encoding import MAGIC, canonical_json, encode
from protocols.models import Dtype, StartingWeights
from protocols.plans import Aggregation, AggregationMode, Compression, MetricName
from protocols.signing import Purpose, seal

SIGNER = an_identity(2)
MAKER = Partner(PARTNER, "Example Imaging AI", SIGNER.public.raw, added_at=NOW)


def sealed_with(**fields: Any) -> bytes:
    """A plan sealed with these fields put in past every check of the type; `None` takes a field out."""
    body = {**json.loads(canonical_json(a_plan().model_dump(mode="json"))), **fields}
    kept = {name: value for name, value in body.items() if value is not None}
    header = canonical_json({"body": kept, "kind": "training-plan", "version": 1})
    return seal(MAGIC + len(header).to_bytes(4, "big") + header, SIGNER, Purpose.PLAN)


def test_a_sealed_plan_is_read_as_it_was_written() -> None:
    assert read_plan(seal(encode(a_plan()), SIGNER, Purpose.PLAN), MAKER) == a_plan()


@pytest.mark.parametrize(
    "sealed",
    [
        b"",
        encode(a_plan()),
        seal(encode(a_plan()), an_identity(9), Purpose.PLAN),
        seal(encode(a_plan()), SIGNER, Purpose.OFFER),
        seal(encode(a_plan(), b"blob"), SIGNER, Purpose.PLAN),
        seal(bytes(200_000), SIGNER, Purpose.PLAN),
        sealed_with(unknown=1),
        sealed_with(rounds=None),
        sealed_with(rounds=0),
        sealed_with(model={"architecture": "x", "hyperparameters": [], "input_pixels": 64, "input_channels": 1}),
        sealed_with(model={**a_manifest().model_dump(mode="json"), "tensors": []}),
    ],
)
def test_bytes_that_are_no_plan_of_this_partner_are_refused(sealed: bytes) -> None:
    with pytest.raises(PlanRefused) as refused:
        read_plan(sealed, MAKER)
    assert refused.value.reasons == (PlanReason.UNREADABLE,)


def secure(**changes: Any) -> Aggregation:
    return Aggregation(mode=AggregationMode.SECURE, **changes)


def test_a_plan_every_rule_accepts_passes() -> None:
    check_plan(a_plan(), MAKER, now=NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"partner_name": "Somebody else"}, PlanReason.PARTNER_DIFFERS),
        ({"created_at": NOW - timedelta(days=2), "expires_at": NOW}, PlanReason.PLAN_EXPIRED),
        ({"created_at": NOW + timedelta(hours=1)}, PlanReason.NOT_YET_MADE),
        (
            {"board_decision": a_plan().board_decision.model_copy(update={"expires_on": date(2026, 11, 21)})},
            PlanReason.BOARD_DECISION_EXPIRED,
        ),
        ({"processing_until": date(2026, 11, 21)}, PlanReason.PROCESSING_ENDED),
        ({"cohort": a_cohort(min_cases=20, max_cases=10)}, PlanReason.COHORT_EMPTY),
        ({"model": a_manifest(tensors=tensor_specs() * 2)}, PlanReason.TENSORS_REPEAT),
        ({"model": a_manifest(tensors=tensor_specs(Dtype.INT32))}, PlanReason.TENSORS_NOT_FLOAT32),
        (
            {"model": a_manifest(tensors=(tensor_specs()[0].model_copy(update={"shape": (10_000, 10_000)}),))},
            PlanReason.MODEL_TOO_LARGE,
        ),
        ({"metrics": (MetricName.TRAINING_LOSS,)}, PlanReason.METRICS_MISSING),
        ({"aggregation": Aggregation(mode=AggregationMode.SECURE)}, PlanReason.THRESHOLD_UNFIT),
        ({"aggregation": secure(threshold_t=3, colluders_c=2), "quorum": 4}, PlanReason.THRESHOLD_UNFIT),
        ({"aggregation": secure(threshold_t=3)}, PlanReason.ROSTER_INCOMPLETE),
        ({"starting_weights": StartingWeights(origin="file")}, PlanReason.STARTING_FILE_UNAVAILABLE),
        ({"starting_weights": StartingWeights(origin="seed")}, PlanReason.SEED_MISSING),
        ({"update_norm_bound": 2048.0}, PlanReason.SCALE_TOO_FINE),
    ],
)
def test_a_bad_plan_is_refused_with_its_reason(changes: dict[str, Any], reason: PlanReason) -> None:
    with pytest.raises(PlanRefused) as refused:
        check_plan(a_plan(**changes), MAKER, now=NOW)
    assert refused.value.reasons == (reason,)


@pytest.mark.parametrize(("quorum", "vouched", "good"), [(2, 3, True), (2, 2, False), (4, 3, False), (4, 4, True)])
def test_a_secure_plan_is_offered_once_enough_hospitals_believe_each_other(
    quorum: int, vouched: int, good: bool
) -> None:
    plan = a_plan(aggregation=secure(threshold_t=3), quorum=quorum)
    if good:
        check_plan(plan, MAKER, now=NOW, vouched=vouched)
        return
    with pytest.raises(PlanRefused) as refused:
        check_plan(plan, MAKER, now=NOW, vouched=vouched)
    assert refused.value.reasons == (PlanReason.ROSTER_INCOMPLETE,)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"model": a_manifest(tensors=(tensor_specs()[0].model_copy(update={"shape": (20_000_000,)}),))},
            PlanReason.MODEL_TOO_LARGE,
        ),
        ({"update_norm_bound": 1e-9}, PlanReason.SCALE_TOO_FINE),
    ],
)
def test_a_secure_plan_whose_masked_updates_fit_no_frame_or_no_word_is_refused(
    changes: dict[str, Any], reason: PlanReason
) -> None:
    with pytest.raises(PlanRefused) as refused:
        check_plan(a_plan(aggregation=secure(threshold_t=3), **changes), MAKER, now=NOW, vouched=64)
    assert refused.value.reasons == (reason,)


@pytest.mark.parametrize(("rounds", "size", "good"), [(4, 60_000, True), (3, 60_000, False), (4, 6_000, False)])
def test_a_plan_whose_updates_go_in_turns_needs_rounds_and_numbers_for_it(rounds: int, size: int, good: bool) -> None:
    model = a_manifest(tensors=(tensor_specs()[0].model_copy(update={"shape": (size,)}),))
    turns = secure(threshold_t=3, compression=Compression.TURNS)
    plan = a_plan(aggregation=turns, rounds=rounds, model=model)
    if good:
        check_plan(plan, MAKER, now=NOW, vouched=3)
        return
    with pytest.raises(PlanRefused) as refused:
        check_plan(plan, MAKER, now=NOW, vouched=3)
    assert refused.value.reasons == (PlanReason.TURNS_UNFIT,)


def test_all_reasons_against_a_plan_are_given_at_once() -> None:
    with pytest.raises(PlanRefused) as refused:
        check_plan(a_plan(update_norm_bound=5000.0, metrics=()), replace(MAKER, partner_name="x"), now=NOW)
    wanted = {PlanReason.PARTNER_DIFFERS, PlanReason.METRICS_MISSING, PlanReason.SCALE_TOO_FINE}
    assert set(refused.value.reasons) == wanted


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_its_sentence_in_both_languages(language: Language) -> None:
    assert all(text(f"plans.{reason.value}", language) for reason in PlanReason)
