"""Approving and withdrawing: what is signed, what is refused, and that both are in the ledger at once."""

from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from factories import NOW, a_cohort
from fakes.asking import answer, kinds, refusal, train, update
from fakes.wall import Wall, decided
from fakes.wall_cast import HOSPITAL, PERSON, a_real_manifest, a_real_plan

from node.flows.act import act_of
from node.flows.approve import OfferUnknown, PlanTaken, approve
from node.flows.stop import lift_stop, stop_plan
from node.release.approvals import ActRefused, Standing
from node.release.refusals import (
    ArchitectureUnknown,
    GateRefused,
    InstructionRefused,
    OutsideApproval,
    PlanExpired,
    PlanStopped,
    SchemaUnknown,
)
from node.release.stops import NotStopped, Office, StopLiftReason, StoppedAlready
from node.release.wish import ApprovalWish
from node.storage.audit import events
from node.storage.wall_tables import audit
from protocols.approvals import Approval, Bounds, Withdrawal, WithdrawalReason
from protocols.encoding import decode
from protocols.errors import RefusalCode
from protocols.signing import Purpose, unseal


def void(_: object) -> None:
    """Whatever was done, nothing is said of it."""


def wish(offer_sha256: str, *, days: int = 30, **bounds: int) -> ApprovalWish:
    fields = {"max_rounds": 3, "max_attempts_per_round": 3, "max_cases": 100}
    return ApprovalWish(offer_sha256, Bounds(**{**fields, **bounds}), True, NOW + timedelta(days=days))


def test_an_approval_is_held_sealed_ledgered_and_waits_to_be_delivered(wall: Wall) -> None:
    offered = wall.offer()
    given = approve(wall.stewardship, wish(offered.sha256), PERSON)
    known = wall.plans.offer(offered.sha256)
    assert known is not None
    assert known.standing(wall.clock.now()) is Standing.APPROVED
    (waiting,) = wall.outbox.waiting()
    assert decode(unseal(waiting.sealed, HOSPITAL.public, Purpose.APPROVAL), Approval)[0] == given
    assert [row.entry.sent_sha256 for row in wall.ledger.page(0, 10)] == [waiting.sent_sha256]


def test_a_decision_names_the_person_in_the_audit_and_never_on_the_wire(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    with wall.engine.connect() as connection:
        told = {event.action: event.actor.actor_id for event in events(connection, audit)}
    assert told["plan.approved"] == PERSON
    assert PERSON.encode() not in wall.outbox.waiting()[0].sealed


def test_an_offer_nobody_received_cannot_be_approved_stopped_or_lifted(wall: Wall) -> None:
    with pytest.raises(OfferUnknown):
        approve(wall.stewardship, wish("ab" * 32), PERSON)
    act = act_of(PERSON, wall.clock.now())
    with pytest.raises(OfferUnknown):
        stop_plan(wall.stops, "ab" * 32, Office.STEWARD, act)
    with pytest.raises(OfferUnknown):
        lift_stop(wall.stops, "ab" * 32, Office.STEWARD, StopLiftReason.MISTAKE, act)


def test_an_approved_offer_cannot_be_approved_again_until_it_was_stopped_and_the_stop_lifted(wall: Wall) -> None:
    offered = wall.offer()
    first = wall.approve(offered)
    with pytest.raises(ActRefused):
        wall.approve(offered)
    wall.stop(offered)
    with pytest.raises(PlanStopped):
        wall.approve(offered)
    wall.lift(offered)
    assert wall.approve(offered).approval_id != first.approval_id


def test_two_offers_of_one_plan_are_never_approved_together(wall: Wall) -> None:
    first, second = wall.offer(), wall.offer(offered_at=NOW + timedelta(hours=1))
    wall.approve(first)
    with pytest.raises(PlanTaken):
        wall.approve(second)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"cohort": a_cohort(schema_code="another-schema")}, SchemaUnknown),
        ({"model": a_real_manifest(architecture="resnet-9000")}, ArchitectureUnknown),
        ({"update_norm_bound": 5000.0}, OutsideApproval),
        ({"expires_at": NOW + timedelta(days=90), "processing_from": NOW.date() + timedelta(days=1)}, PlanExpired),
    ],
)
def test_a_plan_this_node_cannot_take_part_in_cannot_be_approved(
    wall: Wall, changes: dict[str, Any], refusal: type[InstructionRefused]
) -> None:
    with pytest.raises(refusal):
        wall.approve(wall.offer(a_real_plan(**changes)))
    assert wall.ledger.head().number == 0


def test_an_approval_goes_no_further_than_its_plan_and_no_longer(wall: Wall) -> None:
    offered = wall.offer()
    for further in ({"max_rounds": 4}, {"max_cases": 101}):
        with pytest.raises(OutsideApproval):
            approve(wall.stewardship, wish(offered.sha256, **further), PERSON)
    with pytest.raises(GateRefused):
        approve(wall.stewardship, wish(offered.sha256, days=-1), PERSON)
    assert approve(wall.stewardship, wish(offered.sha256, days=900), PERSON).expires_at == offered.plan.expires_at


def test_an_expired_offer_cannot_be_approved(wall: Wall) -> None:
    offered = wall.offer()
    wall.clock.pass_time(timedelta(days=91))
    with pytest.raises(ActRefused):
        wall.approve(offered)


def test_a_stop_binds_at_once_and_its_withdrawal_waits_to_be_delivered(wall: Wall) -> None:
    offered = wall.offer()
    given = wall.approve(offered)
    wall.stop(offered, Office.ETHICS)
    known = wall.plans.approved(offered.plan.plan_id)
    assert known is not None
    assert known.standing(wall.clock.now()) is Standing.WITHDRAWN
    sealed = wall.outbox.waiting()[-1].sealed
    said, _ = decode(unseal(sealed, HOSPITAL.public, Purpose.WITHDRAWAL), Withdrawal)
    assert (said.approval_id, said.reason) == (given.approval_id, WithdrawalReason.ETHICS_SUSPENDED)
    with pytest.raises(StoppedAlready):
        wall.stop(offered, Office.ETHICS)


@pytest.mark.parametrize("office", list(Office))
def test_a_stop_holds_until_the_same_office_lifts_it(wall: Wall, office: Office) -> None:
    offered = wall.offer()
    wall.stop(offered, office)
    for other in set(Office) - {office}:
        with pytest.raises(NotStopped):
            wall.lift(offered, other)
    with pytest.raises(PlanStopped):
        wall.approve(offered)
    wall.clock.pass_time(timedelta(days=1))
    with pytest.raises(PlanStopped):
        wall.approve(offered)
    lifted = wall.lift(offered, office)
    assert (lifted.lifted_at, lifted.lift_reason) == (wall.clock.now(), StopLiftReason.ANSWERED)
    with pytest.raises(NotStopped):
        wall.lift(offered, office)
    wall.approve(offered)


def test_every_office_lifts_its_own_stop_before_anybody_approves_again(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    for office in Office:
        wall.stop(offered, office)
    for office in Office:
        with pytest.raises(PlanStopped):
            wall.approve(offered)
        wall.lift(offered, office)
    wall.approve(offered)
    kinds = [row.entry.message_kind for row in wall.ledger.page(0, 10)]
    assert kinds == ["approval", "withdrawal", "approval"], "one approval ends once, whoever else stops"


def test_a_stop_is_of_the_plan_and_holds_for_a_later_offer_of_it(wall: Wall) -> None:
    first, second = wall.offer(), wall.offer(offered_at=NOW + timedelta(hours=1))
    approved = wall.approve(first)
    wall.stop(second, Office.IT)
    held = wall.plans.approved(approved.plan_id)
    assert held is not None
    assert held.held is not None
    assert held.held.withdrawal_reason is WithdrawalReason.IT_STOPPED
    with pytest.raises(PlanStopped):
        wall.approve(second)


def test_an_approval_that_was_written_beside_a_stop_lets_nothing_leave(wall: Wall) -> None:
    offered = wall.offer()
    wall.stop(offered, Office.ETHICS)
    decided(wall, offered)
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_WITHDRAWN
    wall.lift(offered, Office.ETHICS)
    update(answer(wall, train()))


def test_a_stop_between_the_training_and_the_ledger_lets_nothing_leave_but_the_code(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    wall.fit.meanwhile = lambda: void(wall.stop(offered, Office.IT))
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_WITHDRAWN
    assert kinds(wall) == ["approval", "withdrawal", "error-report"]


def test_stops_and_liftings_stand_in_the_audit_trail_with_office_person_and_reason(wall: Wall) -> None:
    offered = wall.offer()
    wall.stop(offered, Office.ETHICS)
    wall.lift(offered, Office.ETHICS)
    with wall.engine.connect() as connection:
        told = [
            (event.action, event.subject, event.actor.actor_id, event.reason) for event in events(connection, audit)
        ]
    subject = f"plan:{offered.plan.plan_id}"
    assert told[:2] == [
        ("plan.lifted", subject, PERSON, "ethics: question-answered"),
        ("plan.stopped", subject, PERSON, "ethics"),
    ]


def test_a_stop_beside_an_approval_leaves_one_of_them_and_never_a_plan_that_runs(wall: Wall) -> None:
    offered, failed = wall.offer(), []

    def sign() -> None:
        try:
            wall.approve(offered)
        except (ActRefused, PlanStopped) as refused:
            failed.append(refused)

    threads = [Thread(target=sign), Thread(target=lambda: wall.stop(offered, Office.IT))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusal(answer(wall, train())).code in {RefusalCode.APPROVAL_WITHDRAWN, RefusalCode.APPROVAL_MISSING}
    assert len(failed) + len([kind for kind in kinds(wall) if kind == "withdrawal"]) == 1


def test_two_stewards_at_once_give_one_approval(wall: Wall, tmp_path: Path) -> None:
    offered, failed = wall.offer(), []

    def sign() -> None:
        try:
            wall.approve(offered)
        except (ActRefused, PlanTaken) as refusal:
            failed.append(refusal)

    threads = [Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 1
    assert wall.ledger.head().number == 1
