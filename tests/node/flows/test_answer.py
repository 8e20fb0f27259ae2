"""Instructions and their answers: the order of the send, every bound, and what comes back when asked again."""

import hashlib
from datetime import timedelta

import numpy as np
import pytest
from factories import PLAN, RUN
from fakes.asking import another_model, answer, evaluate, kinds, refusal, result, train, update
from fakes.wall import Wall
from fakes.wall_cast import (
    START,
    START_SHA256,
    a_real_plan,
)

from node.release.ledger import verify_stored
from node.release.stops import Office
from node.training.ports import FitCode, FitFailed
from protocols.errors import RefusalCode
from protocols.plans import MetricName


def test_an_approved_round_is_answered_with_the_update_in_fixed_point(wall: Wall) -> None:
    wall.approve(wall.offer())
    message, blob = update(answer(wall, train()))
    assert (message.plan_id, message.run_id, message.round, message.attempt) == (PLAN, RUN, 1, 1)
    assert message.base_model_sha256 == START_SHA256
    assert np.allclose(np.frombuffer(blob, "<i4") / 2**20, 0.001, atol=2**-21)
    assert {metric.name: metric.value for metric in message.metrics} == {
        MetricName.VALIDATION_LOSS: 0.6,
        MetricName.VALIDATION_AUC: 0.75,
        MetricName.TRAINING_LOSS: 0.693,
    }
    assert message.weight % 10 == 0


def test_the_answer_is_the_ledgers_last_entry_byte_for_byte(wall: Wall) -> None:
    approval = wall.approve(wall.offer())
    sealed = answer(wall, train())
    row = wall.ledger.page(0, 100)[-1]
    assert row.entry.sent_sha256 == hashlib.sha256(sealed).hexdigest()
    assert (row.entry.sent_bytes, row.entry.approval_id) == (len(sealed), approval.approval_id)
    assert row.entry.update_histogram is not None
    assert sum(row.entry.update_histogram) == sum(tensor.size for tensor in START.values())
    assert row.entry.update_norm == pytest.approx(0.001 * np.sqrt(sum(t.size for t in START.values())), rel=1e-3)
    assert verify_stored(wall.ledger.stored(wall.ledger.head().number), wall.ledger.head()) == 2


def test_the_same_exchange_asked_again_gives_the_same_bytes_and_no_new_entry(wall: Wall) -> None:
    wall.approve(wall.offer())
    first, entries = answer(wall, train()), wall.ledger.head()
    assert answer(wall, train()) == first
    assert wall.ledger.head() == entries
    assert wall.fit.trained == 1


def test_a_second_attempt_sends_the_same_vector_under_its_own_name(wall: Wall) -> None:
    wall.approve(wall.offer())
    (_, first), (message, second) = update(answer(wall, train())), update(answer(wall, train(attempt=2)))
    assert second == first
    assert message.attempt == 2
    assert wall.fit.trained == 1


def test_an_older_attempt_is_refused_even_when_its_bytes_are_stored(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    answer(wall, train(attempt=2))
    assert refusal(answer(wall, train(attempt=1))).code is RefusalCode.ATTEMPT_OUTDATED


def test_the_same_round_with_another_model_is_refused(wall: Wall) -> None:
    wall.approve(wall.offer())
    blob, digest = another_model()
    answer(wall, train(round=2))
    assert refusal(answer(wall, train(round=2, attempt=2, model_sha256=digest), blob)).code is RefusalCode.MODEL_REFUSED


def test_an_evaluation_tells_banded_counts_and_the_plans_figures(wall: Wall) -> None:
    wall.approve(wall.offer())
    wall.fit.cases = 47
    message = result(answer(wall, evaluate()))
    assert message.cases == 50
    assert {metric.name for metric in message.metrics} == {MetricName.VALIDATION_LOSS, MetricName.VALIDATION_AUC}


def test_figures_over_fewer_than_five_cases_leave_as_nothing(wall: Wall) -> None:
    wall.approve(wall.offer())
    wall.fit.cases = 4
    message = result(answer(wall, evaluate()))
    assert (message.cases, message.metrics) == (None, ())


def test_only_the_final_model_is_tested_for_membership_kept_and_judged(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, evaluate())
    assert wall.verdicts.verdicts() == []
    message = result(answer(wall, evaluate(final=True)))
    assert MetricName.MEMBERSHIP_AUC in {metric.name for metric in message.metrics}
    assert [held.run_id for held in wall.verdicts.verdicts()] == [RUN]
    assert wall.models.kept(f"{RUN}.final") is not None


def test_a_figure_outside_the_plans_list_does_not_leave(wall: Wall) -> None:
    wall.approve(wall.offer(a_real_plan(metrics=(MetricName.VALIDATION_LOSS,))))
    assert [metric.name for metric in update(answer(wall, train()))[0].metrics] == [MetricName.VALIDATION_LOSS]


def test_without_an_approval_nothing_is_trained(wall: Wall) -> None:
    wall.offer()
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_MISSING
    assert wall.fit.trained == 0


def test_a_plan_nobody_offered_is_refused_like_one_nobody_approved(wall: Wall) -> None:
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_MISSING


def test_an_approval_withdrawn_in_the_middle_of_training_lets_nothing_leave_but_the_code(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    wall.fit.meanwhile = lambda: void(wall.stop(offered))
    report = refusal(answer(wall, train()))
    assert (report.code, report.round) == (RefusalCode.APPROVAL_WITHDRAWN, 1)
    assert kinds(wall) == ["approval", "withdrawal", "error-report"]


def test_a_fit_child_killed_by_a_withdrawal_is_told_as_the_withdrawal(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)

    def killed() -> None:
        wall.stop(offered, Office.IT)
        raise FitFailed(FitCode.ENDED)

    wall.fit.meanwhile = killed
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_WITHDRAWN


def test_stored_bytes_are_not_sent_again_once_the_approval_is_withdrawn(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    answer(wall, train())
    wall.stop(offered)
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_WITHDRAWN


def void(_: object) -> None:
    return None


def test_an_expired_approval_is_refused(wall: Wall) -> None:
    wall.approve(wall.offer(), days=1)
    wall.clock.pass_time(timedelta(days=2))
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_EXPIRED


def test_an_approval_that_expires_during_training_lets_nothing_leave_but_the_code(wall: Wall) -> None:
    wall.approve(wall.offer(), days=1)
    wall.fit.meanwhile = lambda: wall.clock.pass_time(timedelta(days=2))
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_EXPIRED
    assert kinds(wall) == ["approval", "error-report"]
