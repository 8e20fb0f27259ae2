"""What a wall refuses: every bound, bad models and updates, figures, deadlines, strangers."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from factories import PLAN, RUN, SITE, a_cohort
from fakes.asking import Asked, another_model, answer, changed, evaluate, kinds, refusal, train, update
from fakes.wall import Wall, a_wall, decided
from fakes.wall_cast import (
    COORDINATOR_IDENTITY,
    HOSPITAL,
    SOMEBODY_ELSE,
    SPECS,
    START_BLOB,
    START_SHA256,
    a_real_manifest,
    a_real_plan,
    instruct,
)

from node.training.ports import FitCode, FitDeadlineExceeded, FitFailed
from node.training.weights import Tensors
from protocols.encoding import encode, kind_of
from protocols.errors import RefusalCode
from protocols.models import model_digest
from protocols.plans import Aggregation, AggregationMode, Privacy, PrivacyMechanism
from protocols.results import ErrorReport
from protocols.signing import Purpose, seal, unseal

BOUNDS: list[tuple[str, dict[str, int], dict[str, Any], Asked, RefusalCode]] = [
    ("a round too many for the approval", {"max_rounds": 1}, {}, train(round=2), RefusalCode.OUTSIDE_APPROVAL),
    ("a round too many for the plan", {}, {}, train(round=4), RefusalCode.OUTSIDE_APPROVAL),
    ("an evaluated round too many", {"max_rounds": 1}, {}, evaluate(round=2), RefusalCode.OUTSIDE_APPROVAL),
    ("an attempt too many", {"max_attempts_per_round": 1}, {}, train(attempt=2), RefusalCode.OUTSIDE_APPROVAL),
    ("more cases than approved", {"max_cases": 29}, {}, train(), RefusalCode.OUTSIDE_APPROVAL),
    ("fewer cases than planned", {}, {"cohort": a_cohort(min_cases=31)}, train(), RefusalCode.COHORT_TOO_SMALL),
    ("another plan", {}, {}, train(plan_id=PLAN[:-1] + "3"), RefusalCode.APPROVAL_MISSING),
]


@pytest.mark.parametrize("number", range(len(BOUNDS)), ids=[bound[0] for bound in BOUNDS])
def test_each_bound_violated_is_refused_with_its_code(wall: Wall, number: int) -> None:
    _, bounds, plan, asked, code = BOUNDS[number]
    wall.approve(wall.offer(a_real_plan(**plan)), **bounds)
    assert refusal(answer(wall, asked)).code is code
    assert wall.fit.trained == 0


def test_the_budget_counts_rounds_over_all_runs(wall: Wall) -> None:
    wall.approve(wall.offer(), max_rounds=1)
    update(answer(wall, train()))
    other_run = RUN[:-1] + "4"
    assert refusal(answer(wall, train(run_id=other_run))).code is RefusalCode.BUDGET_EXHAUSTED


def test_a_new_approval_does_not_refill_the_budget(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered, max_rounds=1)
    update(answer(wall, train()))
    wall.stop(offered)
    wall.lift(offered)
    wall.approve(offered, max_rounds=1)
    assert refusal(answer(wall, train(run_id=RUN[:-1] + "4"))).code is RefusalCode.BUDGET_EXHAUSTED


def test_room_is_reserved_before_training_and_stays_taken_when_training_fails(wall: Wall) -> None:
    wall.approve(wall.offer(), max_rounds=1)

    def fails() -> None:
        raise FitFailed(FitCode.INTERNAL)

    wall.fit.meanwhile = fails
    assert refusal(answer(wall, train())).code is RefusalCode.INTERNAL_ERROR
    assert refusal(answer(wall, train(run_id=RUN[:-1] + "4"))).code is RefusalCode.BUDGET_EXHAUSTED


def test_a_failed_training_can_be_asked_for_again_under_the_same_room(wall: Wall) -> None:
    wall.approve(wall.offer())

    def fails() -> None:
        raise FitFailed(FitCode.ENDED)

    wall.fit.meanwhile = fails
    answer(wall, train())
    wall.fit.meanwhile = lambda: None
    assert update(answer(wall, train()))[0].attempt == 1


def test_an_expired_plan_is_refused(wall: Wall) -> None:
    plan = a_real_plan(expires_at=wall.clock.now() + timedelta(days=5))
    wall.approve(wall.offer(plan), days=5)
    wall.clock.pass_time(timedelta(days=6))
    assert refusal(answer(wall, train())).code in {RefusalCode.PLAN_EXPIRED, RefusalCode.APPROVAL_EXPIRED}


def test_outside_the_processing_period_nothing_is_trained(wall: Wall) -> None:
    wall.approve(wall.offer(a_real_plan(processing_until=date(2026, 11, 23))))
    wall.clock.pass_time(timedelta(days=3))
    assert refusal(answer(wall, train())).code is RefusalCode.PLAN_EXPIRED


def test_after_the_board_decision_expired_nothing_is_trained(wall: Wall) -> None:
    plan = a_real_plan()
    decision = plan.board_decision.model_copy(update={"expires_on": date(2026, 11, 23)})
    wall.approve(wall.offer(a_real_plan(board_decision=decision)))
    wall.clock.pass_time(timedelta(days=3))
    assert refusal(answer(wall, train())).code is RefusalCode.PLAN_EXPIRED


def test_round_one_must_start_from_the_offered_weights(wall: Wall) -> None:
    wall.approve(wall.offer())
    blob, digest = another_model()
    assert refusal(answer(wall, train(model_sha256=digest), blob)).code is RefusalCode.MODEL_REFUSED


BAD_MODELS: dict[str, bytes] = {
    "an extra tensor": START_BLOB + bytes(40),
    "a tensor too few": START_BLOB[:-4],
    "no tensor": b"",
    "a value that is not a number": changed(lambda tensors: tensors["head.bias"].fill(np.nan)),
    "an infinite value": changed(lambda tensors: tensors["head.bias"].fill(np.inf)),
    "a huge norm": changed(lambda tensors: tensors["head.bias"].fill(1e6)),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_bad_model_is_refused_on_receipt(wall: Wall, name: str) -> None:
    wall.approve(wall.offer())
    blob = BAD_MODELS[name]
    digest = model_digest(SPECS, blob) if len(blob) == len(START_BLOB) else START_SHA256
    assert refusal(answer(wall, train(round=2, model_sha256=digest), blob)).code is RefusalCode.MODEL_REFUSED
    assert wall.fit.trained == 0


def test_a_model_whose_digest_is_not_the_announced_one_is_refused(wall: Wall) -> None:
    wall.approve(wall.offer())
    blob, _ = another_model()
    assert refusal(answer(wall, train(round=2), blob)).code is RefusalCode.MODEL_REFUSED


def with_extra(start: Tensors) -> Tensors:
    return {**start, "extra.weight": np.zeros(3, dtype=np.float32)}


def with_running_mean(start: Tensors) -> Tensors:
    return {**start, "norm1.running_mean": np.zeros(8, dtype=np.float32)}


def with_nan(start: Tensors) -> Tensors:
    return {**start, "head.bias": np.array([np.nan], dtype=np.float32)}


def huge(start: Tensors) -> Tensors:
    return {name: np.full_like(tensor, 1.0) for name, tensor in start.items()}


def misshapen(start: Tensors) -> Tensors:
    return {**start, "head.weight": start["head.weight"].T}


@pytest.mark.parametrize("made", [with_extra, with_running_mean, with_nan, huge, misshapen])
def test_a_bad_update_stops_at_the_gate(wall: Wall, made: Callable[[Tensors], Tensors]) -> None:
    wall.approve(wall.offer())
    wall.fit.update = made
    assert refusal(answer(wall, train())).code is RefusalCode.GATE_REFUSED
    assert kinds(wall) == ["approval", "error-report"]


def test_a_figure_that_is_not_finite_stops_at_the_gate(wall: Wall) -> None:
    wall.approve(wall.offer())
    wall.fit.loss = float("nan")
    assert refusal(answer(wall, train())).code is RefusalCode.GATE_REFUSED


def test_a_late_fit_child_is_told_as_a_deadline(wall: Wall) -> None:
    wall.approve(wall.offer())

    def late() -> None:
        raise FitDeadlineExceeded(60)

    wall.fit.meanwhile = late
    assert refusal(answer(wall, train())).code is RefusalCode.DEADLINE_EXCEEDED


def test_a_node_that_is_stopping_sends_no_update(tmp_path: Path) -> None:
    wall = a_wall(tmp_path, stopping=lambda: True)
    wall.approve(wall.offer())
    assert refusal(answer(wall, train())).code is RefusalCode.NODE_STOPPED
    assert kinds(wall) == ["approval", "error-report"]


def test_an_instruction_of_anybody_else_is_not_understood(wall: Wall) -> None:
    wall.approve(wall.offer())
    report = refusal(wall.answering.answer("train", instruct(train(), signer=SOMEBODY_ELSE)))
    assert (report.code, report.plan_id, report.run_id) == (RefusalCode.MESSAGE_REFUSED, None, None)


@pytest.mark.parametrize(
    "sealed",
    [
        b"",
        b"not sealed",
        encode(train(), START_BLOB),
        seal(encode(train(), START_BLOB), COORDINATOR_IDENTITY, Purpose.OFFER),
        seal(b"not a frame", COORDINATOR_IDENTITY, Purpose.INSTRUCTION),
        instruct(evaluate()),
    ],
    ids=["empty", "garbage", "unsealed", "another purpose", "no frame", "another type"],
)
def test_a_message_that_is_no_train_instruction_is_not_understood(wall: Wall, sealed: bytes) -> None:
    assert refusal(wall.answering.answer("train", sealed)).code is RefusalCode.MESSAGE_REFUSED


def test_an_unknown_message_type_is_not_understood(wall: Wall) -> None:
    assert refusal(wall.answering.answer("query", instruct(train()))).code is RefusalCode.MESSAGE_REFUSED


def test_a_refusal_is_sealed_ledgered_and_names_this_site(wall: Wall) -> None:
    sealed = wall.answering.refuse(RefusalCode.BUNDLE_REFUSED)
    assert refusal(sealed) == ErrorReport(
        site_id=SITE, plan_id=None, run_id=None, round=None, attempt=None, code=RefusalCode.BUNDLE_REFUSED
    )
    assert wall.ledger.page(0, 10)[0].entry.sent_sha256 == hashlib.sha256(sealed).hexdigest()


def test_the_same_refusal_again_is_the_same_bytes_and_one_entry(wall: Wall) -> None:
    assert wall.answering.refuse(RefusalCode.BUNDLE_REFUSED) == wall.answering.refuse(RefusalCode.BUNDLE_REFUSED)
    assert wall.ledger.head().number == 1


def approve_unchecked(wall: Wall, plan: Any) -> None:
    """An approval as an older release might have signed it: the node today checks the plan again."""
    decided(wall, wall.offer(plan))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cohort": a_cohort(schema_code="another-schema")}, RefusalCode.SCHEMA_UNKNOWN),
        ({"cohort": a_cohort(schema_version=2)}, RefusalCode.SCHEMA_UNKNOWN),
        ({"cohort": a_cohort(question_code="another")}, RefusalCode.SCHEMA_UNKNOWN),
        ({"model": a_real_manifest(architecture="resnet-9000")}, RefusalCode.ARCHITECTURE_UNKNOWN),
        ({"model": a_real_manifest(hyperparameters=())}, RefusalCode.ARCHITECTURE_UNKNOWN),
        (
            {"model": a_real_manifest(tensors=(*SPECS, SPECS[0].model_copy(update={"name": "norm1.running_mean"})))},
            RefusalCode.ARCHITECTURE_UNKNOWN,
        ),
        ({"model": a_real_manifest(tensors=SPECS[:-1])}, RefusalCode.ARCHITECTURE_UNKNOWN),
        ({"aggregation": Aggregation(mode=AggregationMode.SECURE, threshold_t=3)}, RefusalCode.OUTSIDE_APPROVAL),
        ({"update_norm_bound": 5000.0}, RefusalCode.OUTSIDE_APPROVAL),
        (
            {
                "privacy": Privacy(
                    mechanism=PrivacyMechanism.DP_SGD,
                    clip_norm=1.0,
                    noise_multiplier=1.0,
                    epsilon_cap=3.0,
                    delta_cap=1e-5,
                )
            },
            RefusalCode.COHORT_TOO_SMALL,
        ),
    ],
)
def test_a_plan_this_node_cannot_take_part_in_is_refused_even_when_approved(
    wall: Wall, changes: dict[str, Any], code: RefusalCode
) -> None:
    approve_unchecked(wall, a_real_plan(**changes))
    assert refusal(answer(wall, train())).code is code


def test_every_answer_is_of_a_kind_the_gate_lists(wall: Wall) -> None:
    wall.approve(wall.offer())
    found = {
        kind_of(unseal(answer(wall, train()), HOSPITAL.public, Purpose.UPDATE)),
        kind_of(unseal(answer(wall, evaluate()), HOSPITAL.public, Purpose.RESULT)),
        kind_of(unseal(answer(wall, train(round=9)), HOSPITAL.public, Purpose.REFUSAL)),
    }
    assert found == {"model-update", "evaluation-result", "error-report"}
