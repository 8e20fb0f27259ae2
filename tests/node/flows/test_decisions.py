"""Approving and withdrawing: what is signed, what is refused, and that both are in the ledger at once."""

from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from factories import NOW, a_cohort
from fakes.wall import Wall
from fakes.wall_cast import HOSPITAL, PERSON, a_real_manifest, a_real_plan

from node.flows.approve import ApprovalWish, OfferUnknown, PlanTaken, approve
from node.flows.withdraw import withdraw
from node.release.approvals import ActRefused, Standing
from node.release.refusals import (
    ArchitectureUnknown,
    GateRefused,
    InstructionRefused,
    OutsideApproval,
    PlanExpired,
    SchemaUnknown,
)
from node.storage.audit import events
from node.storage.wall_tables import audit
from protocols.approvals import Approval, Bounds, Withdrawal, WithdrawalReason
from protocols.encoding import decode
from protocols.signing import Purpose, unseal

REASON = WithdrawalReason.STEWARD_REVOKED


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


def test_an_offer_nobody_received_cannot_be_approved_or_withdrawn(wall: Wall) -> None:
    with pytest.raises(OfferUnknown):
        approve(wall.stewardship, wish("ab" * 32), PERSON)
    with pytest.raises(OfferUnknown):
        withdraw(wall.stewardship, "ab" * 32, REASON, person_id=PERSON)


def test_an_approved_offer_cannot_be_approved_again_until_it_is_withdrawn(wall: Wall) -> None:
    offered = wall.offer()
    first = wall.approve(offered)
    with pytest.raises(ActRefused):
        wall.approve(offered)
    withdraw(wall.stewardship, offered.sha256, REASON, person_id=PERSON)
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


def test_a_withdrawal_binds_at_once_and_waits_to_be_delivered(wall: Wall) -> None:
    offered = wall.offer()
    given = wall.approve(offered)
    withdraw(wall.stewardship, offered.sha256, WithdrawalReason.ETHICS_SUSPENDED, person_id=PERSON)
    known = wall.plans.approved(offered.plan.plan_id)
    assert known is not None
    assert known.standing(wall.clock.now()) is Standing.WITHDRAWN
    sealed = wall.outbox.waiting()[-1].sealed
    said, _ = decode(unseal(sealed, HOSPITAL.public, Purpose.WITHDRAWAL), Withdrawal)
    assert (said.approval_id, said.reason) == (given.approval_id, WithdrawalReason.ETHICS_SUSPENDED)
    with pytest.raises(ActRefused):
        withdraw(wall.stewardship, offered.sha256, REASON, person_id=PERSON)


def test_a_plan_never_approved_cannot_be_withdrawn(wall: Wall) -> None:
    with pytest.raises(ActRefused):
        withdraw(wall.stewardship, wall.offer().sha256, REASON, person_id=PERSON)


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
