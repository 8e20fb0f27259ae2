"""What is otherwise in a new version of a plan: named in both languages, marked where it loosens what was approved."""

from datetime import date, timedelta
from typing import Any

import pytest
from factories import DIGEST, NOW, a_cohort, a_manifest, a_plan

from node.ground.texts import Language
from node.release.plan_changes import NOT_COMPARED, PlanChange, Weight, plan_changes, same_question
from protocols.labels import Bilingual
from protocols.models import StartingWeights
from protocols.plans import (
    Aggregation,
    AggregationMode,
    AttackPolicy,
    Compression,
    HospitalUse,
    LegalBasis,
    LocalTraining,
    MetricName,
    Privacy,
    PrivacyMechanism,
    TrainingPlan,
)
from protocols.strategies import Strategy, StrategyName

PRIVATE = Privacy(
    mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=1.1, epsilon_cap=3.0, delta_cap=1e-5
)
SECURE = Aggregation(mode=AggregationMode.SECURE, threshold_t=4, colluders_c=1)
FORMER = a_plan(privacy=PRIVATE, aggregation=SECURE, metrics=(MetricName.VALIDATION_LOSS,))
BOARD = FORMER.board_decision


def changed(**changes: Any) -> TrainingPlan:
    return TrainingPlan.model_validate(FORMER.model_copy(update=changes).model_dump())


def told(plan: TrainingPlan, language: Language = Language.EN) -> tuple[PlanChange, ...]:
    return plan_changes(FORMER, plan, language)


def test_the_same_plan_under_another_identifier_has_no_change() -> None:
    assert told(changed(plan_id=FORMER.plan_id[:-1] + "9", created_at=NOW + timedelta(hours=1))) == ()


LOOSER: list[tuple[dict[str, Any], str]] = [
    ({"rounds": 4}, "Rounds: 3 → 4"),
    ({"quorum": 1}, "Hospitals that take part at least: 2 → 1"),
    ({"cohort": a_cohort(max_cases=9000)}, "At most this many cases: 5,000 → 9,000"),
    ({"cohort": a_cohort(modalities=("cr", "dx", "ct"))}, "Modalities: CR, DX → CR, DX, CT"),
    ({"processing_from": date(2026, 10, 1)}, "Processing from: 2026-11-01 → 2026-10-01"),
    ({"processing_until": date(2028, 1, 1)}, "Processing until: 2027-10-31 → 2028-01-01"),
    ({"privacy": PRIVATE.model_copy(update={"epsilon_cap": 8.0})}, "Epsilon a patient at most: 3 → 8"),
    ({"privacy": PRIVATE.model_copy(update={"noise_multiplier": 0.7})}, "Noise multiplier: 1.1 → 0.7"),
    ({"privacy": Privacy(mechanism=PrivacyMechanism.NONE)}, "Epsilon a patient at most: 3 → no limit"),
    ({"aggregation": SECURE.model_copy(update={"mode": AggregationMode.PLAIN})}, "own update"),
    ({"aggregation": SECURE.model_copy(update={"threshold_t": 3})}, "Hospitals whose shares open a sum: 4 → 3"),
    ({"metrics": (MetricName.VALIDATION_LOSS, MetricName.MEMBERSHIP_AUC)}, "validation loss, AUC of the membership"),
    ({"update_norm_bound": 20.0}, "Bound of an update's size: 10 → 20"),
    ({"expires_at": FORMER.expires_at + timedelta(days=1)}, "The plan expires"),
    ({"board_decision": BOARD.model_copy(update={"expires_on": date(2029, 1, 1)})}, "valid until: 2027-09-30 → 2029"),
]


@pytest.mark.parametrize(("changes", "sentence"), LOOSER, ids=[sentence[:30] for _, sentence in LOOSER])
def test_a_change_that_loosens_is_marked_and_its_way_back_is_not(changes: dict[str, Any], sentence: str) -> None:
    plan = changed(**changes)
    there = next(change for change in told(plan) if sentence in change.text)
    assert there.weight is Weight.LOOSER
    back = plan_changes(plan, FORMER, Language.EN)
    assert Weight.LOOSER not in {change.weight for change in back}
    assert Weight.TIGHTER in {change.weight for change in back}


def test_a_policy_that_no_longer_blocks_is_looser() -> None:
    former = FORMER.model_copy(update={"attack_policy": AttackPolicy.BLOCK})
    (change,) = plan_changes(former, FORMER, Language.EN)
    assert change.weight is Weight.LOOSER


OTHERWISE: dict[str, Any] = {
    "partner_name": "Another name",
    "title": Bilingual(en=FORMER.title.en, ko="새 제목"),
    "purpose": Bilingual(en="Something else", ko=FORMER.purpose.ko),
    "legal_basis": LegalBasis.PATIENT_CONSENT,
    "processing_from": date(2026, 11, 2),
    "processing_until": date(2027, 10, 30),
    "board_decision": BOARD.model_copy(update={"document_sha256": "cd" * 32}),
    "hospital_use": HospitalUse.NONE,
    "cohort": a_cohort(min_readings=1),
    "model": a_manifest(input_pixels=160),
    "starting_weights": StartingWeights(origin="seed", seed=8),
    "training": LocalTraining(local_steps=4, batch_size=8, learning_rate=0.001, seed=1, weight_decay=0.5),
    "strategy": Strategy(name=StrategyName.FEDPROX, proximal_mu=0.1),
    "rounds": 2,
    "quorum": 3,
    "round_deadline_seconds": 61,
    "update_norm_bound": 9.5,
    "privacy": PRIVATE.model_copy(update={"delta_cap": 1e-6}),
    "aggregation": SECURE.model_copy(update={"scale_bits": 16}),
    "metrics": (),
    "attack_policy": AttackPolicy.BLOCK,
    "expires_at": FORMER.expires_at - timedelta(minutes=1),
}


def test_every_field_of_a_plan_is_compared() -> None:
    assert set(OTHERWISE) == set(TrainingPlan.model_fields) - NOT_COMPARED


@pytest.mark.parametrize("field", sorted(OTHERWISE))
def test_a_change_of_any_field_is_told_in_both_languages(field: str) -> None:
    plan = changed(**{field: OTHERWISE[field]})
    english, korean = told(plan), told(plan, Language.KO)
    assert len(english) == len(korean) >= 1
    assert not any(change.text.startswith("Also changed") for change in english)
    assert all(max(change.text) >= "가" for change in korean), "it names in Korean what changed"
    assert [change.weight for change in english] == [change.weight for change in korean]


def test_versions_are_of_one_partner_and_one_question_whatever_their_identifier() -> None:
    assert same_question(FORMER, changed(plan_id=FORMER.plan_id[:-1] + "9", title=OTHERWISE["title"]))
    assert not same_question(FORMER, changed(partner_id=FORMER.partner_id[:-1] + "9"))
    assert not same_question(FORMER, changed(cohort=a_cohort(question_code="another")))


def test_what_no_row_speaks_of_is_named_all_the_same() -> None:
    # Two manifests that differ in tensors alone: the catalog keeps them out, the comparison does not rely on it.
    tensors = tuple(spec.model_copy(update={"name": spec.name + "x"}) for spec in FORMER.model.tensors)
    (change,) = told(changed(model=FORMER.model.model_copy(update={"tensors": tensors})))
    assert (change.text, change.weight) == ("Also changed: model", Weight.OTHER)
    assert DIGEST not in change.text


def test_that_updates_go_in_turns_now_is_told_and_loosens_nothing() -> None:
    plan = changed(aggregation=SECURE.model_copy(update={"compression": Compression.TURNS}))
    (change,) = told(plan)
    assert change.text == "What goes of an update each round: all of it → numbers in turns, in 16 bits"
    assert change.weight is Weight.OTHER
