"""Patients of private plans and what they spent, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW, PLAN, RUN, a_cohort
from fakes.wall_cast import a_real_plan
from sqlalchemy import Connection, Engine, text

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.asked import Asked, Exchange
from node.release.patients import Charge, History, spend_of
from node.release.refusals import BudgetExhausted, CohortTooSmall
from node.storage.audit import events
from node.storage.engine import Database, writing
from node.storage.wall_patients import WallPatients
from node.storage.wall_send import WallUnit
from node.storage.wall_tables import audit
from node.training import accounting
from node.training.accounting import Spend, epsilon_of
from protocols.plans import LocalTraining, Privacy, PrivacyMechanism, TrainingPlan

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "patients.charged", "run:1")
OTHER = PLAN[:-1] + "9"
ASKED = Asked(PLAN, RUN, Exchange.TRAIN, 1, 1, "ab" * 32)
MEMBERS = frozenset(range(100))
KEY = bytes(32)
NO_CAP = 1e9


def private_plan(plan_id: str = PLAN, **privacy: float) -> TrainingPlan:
    numbers = {"clip_norm": 1.0, "noise_multiplier": 2.0, "epsilon_cap": 1000.0, "delta_cap": 1e-4}
    return a_real_plan(
        plan_id=plan_id,
        privacy=Privacy(mechanism=PrivacyMechanism.DP_SGD, **{**numbers, **privacy}),
        training=LocalTraining(local_steps=5, batch_size=10, learning_rate=0.1),
        cohort=a_cohort(min_cases=10, max_cases=1000),
    )


def frozen(engine: Engine, plan: TrainingPlan, members: frozenset[int] = MEMBERS) -> WallPatients:
    with WallUnit(engine).deciding() as door:
        door.freeze(plan, members, NOW)
    return WallPatients(engine)


def charge(book: WallPatients, plan: TrainingPlan, asked: Asked = ASKED, *, cap: float = NO_CAP) -> Charge:
    return book.charge(plan, replace(asked, plan_id=plan.plan_id), EVENT, key=KEY, cap=cap)


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM private_charge")).scalar() or 0


def test_patients_are_frozen_with_the_first_approval_and_stay(engine: Engine) -> None:
    plan = private_plan()
    book = frozen(engine, plan)
    assert book.frozen(PLAN) == MEMBERS
    assert book.frozen(OTHER) is None
    frozen(engine, plan, frozenset({1, 2, 3}))
    assert book.frozen(PLAN) == MEMBERS


def test_patients_are_frozen_together_with_the_approval_or_not_at_all(engine: Engine) -> None:
    with suppress(ZeroDivisionError), WallUnit(engine).deciding() as door:
        door.freeze(private_plan(), MEMBERS, NOW)
        raise ZeroDivisionError
    assert WallPatients(engine).frozen(PLAN) is None


def test_a_training_without_frozen_patients_is_refused(engine: Engine) -> None:
    with pytest.raises(CohortTooSmall):
        charge(WallPatients(engine), private_plan())


def test_a_charge_is_made_once_and_found_again(engine: Engine) -> None:
    plan = private_plan()
    book = frozen(engine, plan)
    first = charge(book, plan)
    assert charge(WallPatients(engine), plan) == first, "the same after a restart"
    assert rows(engine) == 1
    assert first.epsilon == epsilon_of([spend_of(plan, 100)], delta=1e-4)


def test_every_attempt_run_and_round_that_trains_is_charged(engine: Engine) -> None:
    plan = private_plan()
    book = frozen(engine, plan)
    asks = [ASKED, replace(ASKED, attempt=2), replace(ASKED, round=2), replace(ASKED, run_id=RUN[:-1] + "8")]
    epsilons = [charge(book, plan, asked).epsilon for asked in asks]
    assert epsilons == sorted(set(epsilons))
    assert rows(engine) == 4
    assert book.spending(PLAN, MEMBERS).trainings == 4


def test_the_accountant_works_before_anything_is_locked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_under_lock: list[int] = []

    @contextmanager
    def watched(locked: Engine) -> Iterator[Connection]:
        with writing(locked) as connection:
            before = accounting._composed.cache_info().misses
            yield connection
            asked_under_lock.append(accounting._composed.cache_info().misses - before)

    plan = private_plan()
    book = frozen(engine, plan)
    monkeypatch.setattr("node.storage.wall_patients.writing", watched)
    accounting._composed.cache_clear()
    for number in (1, 2):
        charge(book, plan, replace(ASKED, round=number))
    assert asked_under_lock == [0, 0]
    assert rows(engine) == 2


def test_what_was_charged_between_the_look_and_the_lock_counts(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = private_plan(epsilon_cap=epsilon_of([Spend(2.0, 0.1, 5)], delta=1e-4))
    book = frozen(engine, plan)

    @contextmanager
    def after_another(locked: Engine) -> Iterator[Connection]:
        monkeypatch.undo()
        charge(book, plan, replace(ASKED, run_id=RUN[:-1] + "8"))
        with writing(locked) as connection:
            yield connection

    monkeypatch.setattr("node.storage.wall_patients.writing", after_another)
    with pytest.raises(BudgetExhausted):
        charge(book, plan)
    assert rows(engine) == 1


def test_the_plans_own_epsilon_ends_its_trainings(engine: Engine) -> None:
    plan = private_plan(epsilon_cap=epsilon_of([Spend(2.0, 0.1, 10)], delta=1e-4))
    book = frozen(engine, plan)
    charge(book, plan)
    charge(book, plan, replace(ASKED, round=2))
    with pytest.raises(BudgetExhausted):
        charge(book, plan, replace(ASKED, round=3))
    assert rows(engine) == 2


def test_a_patient_in_two_plans_spends_from_one_budget(engine: Engine) -> None:
    first, second = private_plan(), private_plan(OTHER)
    frozen(engine, first)
    book = frozen(engine, second, frozenset(range(99, 199)))
    charge(book, first)
    cap = epsilon_of([spend_of(first, 100)], delta=1e-4)
    with pytest.raises(BudgetExhausted):
        charge(book, second, cap=cap)
    assert rows(engine) == 1
    charge(book, second, cap=epsilon_of([spend_of(first, 100), spend_of(second, 100)], delta=1e-4))


def test_patients_of_no_plan_before_are_not_held_back_by_others(engine: Engine) -> None:
    first, second = private_plan(), private_plan(OTHER)
    frozen(engine, first)
    book = frozen(engine, second, frozenset(range(100, 200)))
    charge(book, first)
    charge(book, second, cap=epsilon_of([spend_of(second, 100)], delta=1e-4))


def test_one_history_stands_for_all_who_share_it(engine: Engine) -> None:
    first, second = private_plan(), private_plan(OTHER, delta_cap=1e-6)
    frozen(engine, first)
    book = frozen(engine, second, frozenset(range(50, 150)))
    charge(book, first)
    charge(book, second)
    spend = spend_of(first, 100)
    assert book.spending(PLAN, MEMBERS).histories == {History((spend,), 1e-4), History((spend, spend), 1e-6)}
    assert book.spending(PLAN, frozenset({500})).histories == {History((), 1.0)}


def test_many_trainings_at_once_never_spend_more_than_there_is(engine: Engine) -> None:
    plan = private_plan()
    book = frozen(engine, plan)
    cap = epsilon_of([Spend(2.0, 0.1, 15)], delta=1e-4)

    def train(number: int) -> bool:
        with suppress(BudgetExhausted):
            charge(book, plan, replace(ASKED, round=number), cap=cap)
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(train, range(1, 9))) == 3
    assert rows(engine) == 3


def test_a_charge_has_its_audit_event(engine: Engine) -> None:
    plan = private_plan()
    book = frozen(engine, plan)
    book.charge(plan, ASKED, replace(EVENT, at=NOW + timedelta(hours=1)), key=KEY, cap=NO_CAP)
    with engine.connect() as connection:
        assert [event.action for event in events(connection, audit)] == ["patients.charged"]
