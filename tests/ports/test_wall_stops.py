"""Stops of plans in `wall.db`, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW, PLAN, RUN, a_withdrawal, an_approval
from fakes.wall_cast import COORDINATOR_IDENTITY, a_sealed_offer, opened
from sqlalchemy import Engine, text

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.stops import NotStopped, Office, Stop, StopLiftReason
from node.storage.engine import Database
from node.storage.migrate import upgrade
from node.storage.wall_plans import WallPlans
from node.storage.wall_send import WallUnit
from protocols.approvals import WithdrawalReason

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "test.done", "test:1")
SEALED_OFFER = a_sealed_offer()
OFFERED = opened(SEALED_OFFER)
OTHER = PLAN[:-1] + "9"
BY_IT, BY_ETHICS = Stop(Office.IT, NOW), Stop(Office.ETHICS, NOW + timedelta(hours=1))
LIFTED = replace(BY_IT, lifted_at=NOW + timedelta(days=1), lift_reason=StopLiftReason.MENDED)
TABLES_SINCE = (
    *("plan_stop", "first_yes", "roster_version", "peer_comparison", "peer_word"),
    *("round_patients", "patient_group_member", "patient_group"),
)


def approved(engine: Engine) -> WallPlans:
    plans = WallPlans(engine, COORDINATOR_IDENTITY.public)
    plans.keep(OFFERED, SEALED_OFFER, EVENT)
    with WallUnit(engine).deciding() as door:
        door.hold(an_approval(offer_sha256=OFFERED.sha256), EVENT)
    return plans


def test_stops_come_back_in_their_order_and_an_offer_carries_them(engine: Engine) -> None:
    plans = approved(engine)
    with WallUnit(engine).deciding() as door:
        door.stop(PLAN, BY_IT, EVENT)
        door.stop(PLAN, BY_ETHICS, EVENT)
        door.stop(OTHER, BY_ETHICS, EVENT)
        assert door.stops(PLAN) == (BY_IT, BY_ETHICS)
    for known in (plans.offer(OFFERED.sha256), plans.approved(PLAN), *plans.offers()):
        assert known is not None
        assert known.stops == (BY_IT, BY_ETHICS)


def test_the_approval_that_a_send_asks_for_carries_the_stops_that_stand(engine: Engine) -> None:
    approved(engine)
    with WallUnit(engine).deciding() as door:
        door.stop(PLAN, BY_IT, EVENT)
        door.stop(PLAN, BY_ETHICS, EVENT)
        door.lift(PLAN, LIFTED, EVENT)
        held = door.held_approval(PLAN)
        assert held is not None
        assert held.stops == (BY_ETHICS,)
        assert door.stops(PLAN) == (LIFTED, BY_ETHICS)


def test_only_a_stop_that_stands_is_lifted_and_one_that_was_lifted_keeps_its_reason(engine: Engine) -> None:
    with WallUnit(engine).deciding() as door, pytest.raises(NotStopped):
        door.lift(PLAN, LIFTED, EVENT)
    again = Stop(Office.IT, NOW + timedelta(days=2))
    with WallUnit(engine).deciding() as door:
        door.stop(PLAN, BY_IT, EVENT)
        door.lift(PLAN, LIFTED, EVENT)
        door.stop(PLAN, again, EVENT)
        assert door.stops(PLAN) == (LIFTED, again)


@pytest.mark.parametrize(
    ("reason", "office"),
    [
        (WithdrawalReason.STEWARD_REVOKED, Office.STEWARD),
        (WithdrawalReason.ETHICS_SUSPENDED, Office.ETHICS),
        (WithdrawalReason.IT_STOPPED, Office.IT),
    ],
)
def test_what_ended_the_latest_approval_before_the_upgrade_is_a_stop_after_it(
    engine: Engine, reason: WithdrawalReason, office: Office
) -> None:
    plans = approved(engine)
    with WallUnit(engine).deciding() as door:
        door.end(a_withdrawal(reason=reason), EVENT)
    before_the_stops(engine)
    upgrade(DATABASE, engine)
    known = plans.offer(OFFERED.sha256)
    assert known is not None
    assert known.stops == (Stop(office, a_withdrawal().withdrawn_at),)


def test_an_approval_given_anew_before_the_upgrade_is_not_stopped_by_it(engine: Engine) -> None:
    plans = approved(engine)
    with WallUnit(engine).deciding() as door:
        door.end(a_withdrawal(), EVENT)
        door.hold(an_approval(approval_id=RUN, offer_sha256=OFFERED.sha256), EVENT)
    before_the_stops(engine)
    upgrade(DATABASE, engine)
    known = plans.offer(OFFERED.sha256)
    assert known is not None
    assert known.stops == ()


def before_the_stops(engine: Engine) -> None:
    """The database is as the release before left it."""
    with engine.begin() as connection:
        for table in TABLES_SINCE:
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'wall_0004'"))
