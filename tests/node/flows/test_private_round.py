"""A private round with a real fit child: from the sealed instruction to bytes in the ledger."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from factories import a_cohort
from fakes.asking import answer, train, update
from fakes.wall import Wall
from fakes.wall_cast import SPECS, START_SHA256, a_real_plan, instruct

from node.edges.fit.process import FitLimits, FitModel, FitProcess
from node.flows.answer import Answering, AnswerRules
from node.flows.fit_rooms import FitRooms
from node.flows.round_work import RoundWork, child_maker_arguments
from node.release.patients import is_private
from protocols.plans import LocalTraining, Privacy, PrivacyMechanism, TrainingPlan

PRIVATE = Privacy(
    mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=4.0, epsilon_cap=5.0, delta_cap=1e-3
)


def a_child(plan: TrainingPlan, export: Path) -> FitProcess:
    architecture, numbers = child_maker_arguments(plan)
    return FitProcess(export, FitModel(architecture, numbers, is_private(plan)), FitLimits())


@pytest.fixture
def training(wall: Wall) -> Iterator[Answering]:
    rooms = FitRooms(a_child)
    work = RoundWork(wall.exports, rooms)
    rules = AnswerRules(min_survivors=3, stopping=lambda: False)
    yield Answering(wall.site, wall.stores, work, rules=rules, clock=wall.clock)
    rooms.end_all()


def test_a_private_update_is_noised_signed_charged_and_ledgered(wall: Wall, training: Answering) -> None:
    plan = a_real_plan(
        privacy=PRIVATE,
        training=LocalTraining(local_steps=2, batch_size=4, learning_rate=1e-4),
        cohort=a_cohort(min_cases=10, max_cases=100),
    )
    wall.approve(wall.offer(plan))
    wall.answering = training
    message, blob = update(answer(wall, train()))
    vector = np.frombuffer(blob, dtype="<i4")
    assert (vector != 0).mean() > 0.5, "noise is in every number"
    assert len(vector) == sum(int(np.prod(spec.shape)) for spec in SPECS)
    assert message.base_model_sha256 == START_SHA256
    patients = len(wall.stores.patients.patients_of(plan))
    assert wall.stores.patients.book.spending(plan.plan_id, frozenset()).trainings == 1
    assert patients > 10
    again = training.answer("train", instruct(train(attempt=2)))
    assert update(again)[1] == blob, "a second attempt sends the same noise"
