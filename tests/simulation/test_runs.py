"""Whole runs over a coordinator's real store with hospitals that answer in this process, in milliseconds."""

from datetime import timedelta

import numpy as np
import pytest
from factories import NOW, tensor_specs
from fakes.coordinator_world import World
from fakes.hospitals import Answer, Hospital, Instruction, lying, refusing, silent

from coordinator.flows.overview import overview
from coordinator.publication.release import tensor_blob
from coordinator.rounds.starting import starting_weights
from coordinator.rounds.states import EndReason, RoundState
from protocols.approvals import Bounds
from protocols.encoding import decode
from protocols.errors import RefusalCode
from protocols.inbox import RunState
from protocols.models import Dtype, TensorSpec, model_digest
from protocols.passports import AttackLight, Passport
from protocols.plans import AttackPolicy, MetricName
from protocols.signing import Purpose, unseal


def outcomes(world: World, run_id: str) -> set[tuple[str, str]]:
    """Site name and outcome of every training answer."""
    names = {hospital.site_id: hospital.name for hospital in world.hospitals}
    with world.work.reading() as books:
        answers = books.answers.of_run(run_id)
    return {(names[answer.site_id], answer.outcome) for answer in answers if answer.step == "train"}


def test_honest_sites_give_a_release_whose_model_is_the_exact_mean_of_all_rounds(world: World) -> None:
    offer = world.ready("a", "b", "c")
    world.hospitals[0].step, world.hospitals[0].weight = 0.5, 10
    world.hospitals[1].step, world.hospitals[1].weight = 0.0, 20
    world.hospitals[2].step, world.hospitals[2].weight = -0.25, 10
    run = world.carried(offer)
    assert (run.state, run.reason, run.rounds_done, run.chosen_round) == (RunState.FINISHED, None, 3, 3)
    release = overview(world.work, now=NOW).releases[0]
    file = world.models.read_release(release.release_id)
    assert file is not None
    blob = tensor_blob(tensor_specs(), file)
    began = np.frombuffer(starting_weights(tensor_specs(), 7), dtype="<f4")
    moved = began
    for _ in range(3):
        moved = (moved.astype(np.float64) + (10 * 0.5 - 10 * 0.25) / 40).astype("<f4")
    assert blob == moved.tobytes()
    assert release.model_sha256 == model_digest(tensor_specs(), blob)


def test_the_passport_tells_every_round_with_the_figures_of_its_own_model(world: World) -> None:
    world.carried(world.ready("a", "b"))
    release = overview(world.work, now=NOW).releases[0]
    passport, _ = decode(unseal(release.sealed_passport, world.face.identity.public, Purpose.PASSPORT), Passport)
    told = [(held.round, held.sites, [metric.value for metric in held.metrics]) for held in passport.rounds]
    assert told == [(1, 2, [0.6]), (2, 2, [0.7]), (3, 2, [0.8])]
    assert (passport.attack_light, passport.chosen_round) == (AttackLight.GREEN, 3)


def test_the_best_round_by_validation_is_released_and_not_the_last(world: World) -> None:
    offer = world.ready("a", "b")
    for hospital in world.hospitals:
        hospital.auc = {0: 0.5, 1: 0.7, 2: 0.9, 3: 0.6}.__getitem__
    assert world.carried(offer).chosen_round == 2
    assert ("evaluate-instruction", 2, 1) in world.hospitals[0].heard


def test_a_silent_site_costs_its_deadline_and_the_round_goes_on_with_the_quorum(world: World) -> None:
    offer = world.ready("a", "b", "c")
    world.hospitals[2].answers = silent
    run = world.carried(offer)
    assert run.state is RunState.FINISHED
    assert ("c", "silent") in outcomes(world, run.run_id)
    assert world.clock.slept < 60 * 6


def test_too_few_answers_end_the_run_with_a_reason_and_nothing_waits_for_ever(world: World) -> None:
    offer = world.ready("a", "b")
    world.hospitals[1].answers = silent
    run = world.carried(offer)
    assert (run.state, run.reason, run.rounds_done) == (RunState.ENDED, EndReason.TOO_FEW_ANSWERS, 0)
    with world.work.reading() as books:
        assert [held.state for held in books.rounds.of_run(run.run_id)] == [RoundState.VOID]


def test_sites_that_stay_offline_end_the_run_at_the_deadline(world: World) -> None:
    offer = world.ready("a", "b")
    world.hospitals[1].online = False
    assert world.carried(offer).reason is EndReason.TOO_FEW_SITES
    assert 60 <= world.clock.slept < 62


def test_when_all_sites_refuse_the_run_ends_and_their_codes_are_kept(world: World) -> None:
    offer = world.ready("a", "b")
    for hospital in world.hospitals:
        hospital.answers = refusing(RefusalCode.COHORT_TOO_SMALL)
    run = world.carried(offer)
    assert run.reason is EndReason.TOO_FEW_ANSWERS
    assert outcomes(world, run.run_id) == {("a", "cohort-too-small"), ("b", "cohort-too-small")}


EXTRA = (*tensor_specs(Dtype.INT32), TensorSpec(name="smuggled", shape=(1,), dtype=Dtype.INT32))
RESHAPED = (TensorSpec(name="head.weight", shape=(4,), dtype=Dtype.INT32), tensor_specs(Dtype.INT32)[1])


@pytest.mark.parametrize(
    ("lie", "outcome"),
    [
        (lying(tensors=EXTRA, blob=bytes(28)), "tensors-differ"),
        (lying(tensors=RESHAPED), "tensors-differ"),
        (lying(blob=bytes(20)), "length-differs"),
        (lying(blob=np.full(6, 2**30, dtype="<i4").tobytes()), "norm-over-bound"),
        (lying(scale_bits=8), "scale-differs"),
        (lying(weight=10_000), "weight-beyond-approval"),
        (lying(base_model_sha256="cd" * 32), "answers-other"),
        (lying(round=9), "answers-other"),
        (lying(site_id="99999999-9999-4999-8999-999999999999"), "answers-other"),
        (lambda hospital, asked, blob: b"no seal at all", "not-sealed"),
    ],
)
def test_a_lying_site_is_left_out_and_changes_nothing(world: World, lie: Answer, outcome: str) -> None:
    offer = world.ready("a", "b", "liar")
    world.hospitals[2].answers = lie
    run = world.carried(offer)
    assert run.state is RunState.FINISHED
    assert ("liar", outcome) in outcomes(world, run.run_id)
    with world.work.reading() as books:
        assert {held.sites for held in books.rounds.of_run(run.run_id)} == {2}


def test_a_site_cannot_answer_with_the_update_of_another(world: World) -> None:
    offer = world.ready("a", "b", "thief")
    honest = world.hospitals[0]
    world.hospitals[2].answers = lambda _thief, asked, blob: honest.honest(asked, blob)
    run = world.carried(offer)
    assert ("thief", "not-sealed") in outcomes(world, run.run_id)


def test_a_withdrawal_during_a_round_keeps_the_update_out_of_the_sum(world: World) -> None:
    offer = world.ready("a", "b", "c")
    leaving = world.hospitals[2]

    def withdraw_and_answer(hospital: Hospital, asked: Instruction, blob: bytes) -> bytes:
        world.withdraw(leaving, offer)
        return leaving.honest(asked, blob)

    leaving.answers = withdraw_and_answer
    run = world.carried(offer)
    assert run.state is RunState.FINISHED
    assert outcomes(world, run.run_id) == {("a", "accepted"), ("b", "accepted"), ("c", "withdrawn")}
    assert len(leaving.heard) == 1


def test_withdrawals_below_the_quorum_end_the_run_at_its_next_round(world: World) -> None:
    offer = world.ready("a", "b")
    leaving = world.hospitals[1]

    def leave_after_round_one(hospital: Hospital, asked: Instruction, blob: bytes) -> bytes:
        if getattr(asked, "round", 0) == 2:
            world.withdraw(leaving, offer)
        return leaving.honest(asked, blob)

    leaving.answers = leave_after_round_one
    run = world.carried(offer)
    assert (run.rounds_done, run.reason) == (1, EndReason.TOO_FEW_ANSWERS)


def test_a_model_worse_than_its_start_is_not_released(world: World) -> None:
    offer = world.ready("a", "b")
    for hospital in world.hospitals:
        hospital.auc = lambda number: 0.9 if number == 0 else 0.4
    assert world.carried(offer).reason is EndReason.WORSE_THAN_START
    assert overview(world.work, now=NOW).releases == ()


def test_a_red_light_under_policy_block_is_not_released(world: World) -> None:
    offer = world.ready("a", "b", attack_policy=AttackPolicy.BLOCK)
    world.hospitals[1].membership_auc = 0.75
    assert world.carried(offer).reason is EndReason.ATTACK_LIGHT_RED


def test_a_red_light_under_policy_report_needs_every_hospitals_acceptance(world: World) -> None:
    hospitals = [world.admitted("a"), world.admitted("b")]
    offer = world.offered()
    world.approve(hospitals[0], offer)
    world.approve(hospitals[1], offer, accepts_red_attack_light=False)
    hospitals[0].membership_auc = 0.75
    assert world.carried(offer).reason is EndReason.RED_LIGHT_NOT_ACCEPTED


def test_a_plan_that_expires_during_its_run_ends_it(world: World) -> None:
    offer = world.ready("a", "b", expires_at=NOW + timedelta(seconds=90))

    def answer_slowly(held: Hospital, asked: Instruction, blob: bytes) -> bytes:
        world.clock.sleep(50)
        return held.honest(asked, blob)

    for hospital in world.hospitals:
        hospital.answers = answer_slowly
    assert world.carried(offer).reason is EndReason.PLAN_EXPIRED


def test_every_accepted_frame_is_receipted_and_a_frame_without_a_seal_is_not(world: World) -> None:
    offer = world.ready("a", "b", "c")
    world.hospitals[2].answers = lambda hospital, asked, blob: b"no seal at all"
    world.carried(offer)
    with world.work.reading() as books:
        counts = [
            len(books.receipts.latest(hospital.site_id, since=NOW - timedelta(days=1), limit=100))
            for hospital in world.hospitals
        ]
    assert counts == [2 + 3 + 2, 2 + 3 + 2, 2]


def test_figures_the_plan_did_not_name_are_not_kept(world: World) -> None:
    run = world.carried(world.ready("a", "b", metrics=(MetricName.VALIDATION_AUC,)))
    with world.work.reading() as books:
        assert {held.name for held in books.answers.measurements(run.run_id)} == {MetricName.VALIDATION_AUC}


def test_an_approval_for_fewer_rounds_leaves_the_site_out_of_the_rest(world: World) -> None:
    hospitals = [world.admitted(name) for name in "abc"]
    offer = world.offered()
    for hospital, rounds in zip(hospitals, (3, 3, 1), strict=True):
        bounds = Bounds(max_rounds=rounds, max_attempts_per_round=1, max_cases=5000)
        world.approve(hospital, offer, bounds=bounds)
    assert world.carried(offer).state is RunState.FINISHED
    assert [number for _, number, _ in hospitals[2].heard] == [1]
