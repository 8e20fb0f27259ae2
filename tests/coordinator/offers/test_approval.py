from datetime import timedelta
from typing import Any

import pytest
from factories import NOW
from fakes.coordinator_world import World
from fakes.hospitals import Hospital

from coordinator.flows.approve import receive_approval, receive_withdrawal
from coordinator.flows.join import remove
from coordinator.membership.site import SiteNotAdmitted, SiteUnknown
from coordinator.offers.approval import ApprovalReason, ApprovalRefused, HeldApproval
from coordinator.offers.offer import Offer
from protocols.approvals import Bounds
from protocols.encoding import decode
from protocols.receipts import Receipt
from protocols.signing import Identity, Purpose, unseal

OTHER = "99999999-9999-4999-8999-999999999999"


def held(world: World, offer: Offer) -> tuple[HeldApproval, ...]:
    with world.work.reading() as books:
        return books.approvals.of_plan(offer.plan_id)


def test_an_approval_is_held_and_answered_with_a_receipt_for_exactly_its_bytes(world: World) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    sealed = world.approval(hospital, offer)
    answer = receive_approval(world.work, world.face, sealed, now=NOW)
    receipt, _ = decode(unseal(answer, world.face.identity.public, Purpose.RECEIPT), Receipt)
    assert receipt.site_id == hospital.site_id
    assert held(world, offer)[0].in_force(NOW)
    assert receive_approval(world.work, world.face, sealed, now=NOW + timedelta(hours=1)) == answer


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"offer_sha256": "ef" * 32}, ApprovalReason.OTHER_OFFER),
        ({"plan_id": OTHER}, ApprovalReason.OTHER_OFFER),
        ({"site_id": OTHER}, ApprovalReason.OTHER_SITE),
        ({"bounds": Bounds(max_rounds=4, max_attempts_per_round=1, max_cases=10)}, ApprovalReason.BEYOND_PLAN),
        ({"bounds": Bounds(max_rounds=1, max_attempts_per_round=1, max_cases=10**6)}, ApprovalReason.BEYOND_PLAN),
        ({"epsilon_cap": 1.0}, ApprovalReason.BEYOND_PLAN),
        ({"expires_at": NOW}, ApprovalReason.EXPIRED),
    ],
)
def test_an_approval_for_anything_but_this_offer_is_refused(
    world: World, changes: dict[str, Any], reason: ApprovalReason
) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    with pytest.raises(ApprovalRefused) as refused:
        world.approve(hospital, offer, **changes)
    assert refused.value.reason is reason
    assert held(world, offer) == ()


def test_an_approval_by_a_site_that_only_waits_is_refused(world: World) -> None:
    hospital, offer = world.enrolled("a"), world.offered()
    with pytest.raises(SiteNotAdmitted):
        world.approve(hospital, offer)


def test_an_approval_by_a_removed_site_is_refused_and_its_withdrawal_still_taken(world: World) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    world.approve(hospital, offer)
    remove(world.work, "a", now=NOW)
    with pytest.raises(SiteNotAdmitted):
        world.approve(hospital, offer, approval_id=OTHER)
    world.withdraw(hospital, offer)
    assert not held(world, offer)[0].in_force(NOW)


def test_an_approval_by_a_stranger_or_without_a_seal_is_refused(world: World) -> None:
    offer = world.offered()
    stranger = Hospital("stranger", Identity.generate(), site_id=OTHER)
    with pytest.raises(SiteUnknown):
        world.approve(stranger, offer)
    with pytest.raises(ApprovalRefused):
        receive_approval(world.work, world.face, b"no seal", now=NOW)


def test_an_approval_sealed_for_another_purpose_is_refused(world: World) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    sealed = world.approval(hospital, offer)
    with pytest.raises(ApprovalRefused):
        receive_withdrawal(world.work, world.face, sealed, now=NOW)


def test_a_withdrawal_replayed_after_a_new_approval_leaves_the_new_one_in_force(world: World) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    world.approve(hospital, offer)
    replayed = world.withdraw(hospital, offer)
    world.approve(hospital, offer, approval_id=OTHER)
    receive_withdrawal(world.work, world.face, replayed, now=NOW + timedelta(minutes=1))
    assert [one.in_force(NOW) for one in held(world, offer)] == [False, True]


def test_an_approval_replayed_after_its_withdrawal_stays_withdrawn(world: World) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    replayed = world.approve(hospital, offer)
    world.withdraw(hospital, offer)
    receive_approval(world.work, world.face, replayed, now=NOW + timedelta(minutes=1))
    assert [one.in_force(NOW) for one in held(world, offer)] == [False]


def test_a_withdrawal_of_another_sites_approval_is_refused(world: World) -> None:
    offer = world.ready("a", "b")
    with world.work.reading() as books:
        first = books.approvals.of_plan(offer.plan_id)[0]
    thief = next(hospital for hospital in world.hospitals if hospital.site_id != first.site_id)
    own = thief.site_id
    thief.site_id = first.site_id
    sealed_for_other = world.approval(thief, offer)
    with pytest.raises(ApprovalRefused):
        receive_approval(world.work, world.face, sealed_for_other, now=NOW)
    with pytest.raises(ApprovalRefused):
        world.withdraw(thief, offer)
    thief.site_id = own
    assert all(one.in_force(NOW) for one in held(world, offer))


def test_another_approval_under_the_same_identifier_is_refused(world: World) -> None:
    hospital, offer = world.admitted("a"), world.offered()
    world.approve(hospital, offer)
    with pytest.raises(ApprovalRefused) as refused:
        world.approve(hospital, offer, accepts_red_attack_light=False)
    assert refused.value.reason is ApprovalReason.APPROVAL_REPEATS
