from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW, PLAN
from fakes.coordinator_world import PARTNER_IDENTITY, World
from fakes.hospitals import Hospital, Instruction

from coordinator.flows.partners import add_partner, submit_plan
from coordinator.flows.start import StartRefused, start_run
from coordinator.membership.partner import PartnerExists, PartnerUnknown
from coordinator.offers.plan import PlanReason, PlanRefused, PlanUnknown
from protocols.encoding import encode
from protocols.models import model_digest
from protocols.signing import Identity, Purpose, seal


def test_a_plan_nobody_submitted_cannot_start(world: World) -> None:
    with pytest.raises(PlanUnknown):
        start_run(world.work, PLAN, now=NOW)


def test_a_plan_starts_only_with_as_many_admitted_approving_sites_as_its_quorum(world: World) -> None:
    first, second, offer = world.admitted("a"), world.enrolled("b"), world.offered()
    world.approve(first, offer)
    with pytest.raises(StartRefused, match="1 of at least 2"):
        start_run(world.work, offer.plan_id, now=NOW)
    assert second.site_id


def test_withdrawn_and_expired_approvals_do_not_count(world: World) -> None:
    offer = world.ready("a", "b")
    world.withdraw(world.hospitals[0], offer)
    with pytest.raises(StartRefused):
        start_run(world.work, offer.plan_id, now=NOW)


def test_an_expired_plan_cannot_start(world: World) -> None:
    offer = world.ready("a", "b")
    with pytest.raises(StartRefused, match="expired"):
        start_run(world.work, offer.plan_id, now=NOW + timedelta(days=91))


def test_a_released_plan_cannot_start_again(world: World) -> None:
    offer = world.ready("a", "b")
    world.carried(offer)
    with pytest.raises(StartRefused, match="released"):
        start_run(world.work, offer.plan_id, now=NOW)


def test_a_run_that_ended_early_can_be_started_anew(world: World) -> None:
    offer = world.ready("a", "b")
    world.hospitals[0].online = False
    ended = world.carried(offer)
    again = start_run(world.work, offer.plan_id, now=world.clock.now())
    assert again.new
    assert again.run.run_id != ended.run_id


def test_the_offer_names_the_digest_of_the_weights_the_run_begins_with(world: World) -> None:
    offer = world.ready("a", "b")
    seen: list[str] = []
    hospital = world.hospitals[0]

    def remember_and_answer(held: Hospital, asked: Instruction, blob: bytes) -> bytes:
        seen.append(asked.model_sha256)
        return held.honest(asked, blob)

    hospital.answers = remember_and_answer
    world.carried(offer)
    assert seen[0] == offer.starting_sha256
    assert model_digest(offer.plan.model.tensors, bytes(24)) != offer.starting_sha256


def test_a_plan_sent_twice_is_one_offer_and_another_plan_under_its_identifier_is_refused(world: World) -> None:
    first = world.offered()
    assert world.offered() == first
    with pytest.raises(PlanRefused) as refused:
        world.offered(rounds=5)
    assert refused.value.reasons == (PlanReason.PLAN_EXISTS,)


def test_a_plan_of_a_stranger_is_refused(world: World) -> None:
    plan = world.plan()
    with pytest.raises(PartnerUnknown):
        submit_plan(world.work, world.face, seal(encode(plan), Identity.generate(), Purpose.PLAN), now=NOW)
    with pytest.raises(PlanRefused):
        submit_plan(world.work, world.face, encode(plan), now=NOW)


def test_a_partner_is_added_once(world: World) -> None:
    world.plan()
    with pytest.raises(PartnerExists):
        add_partner(world.work, world.face, "Another name", PARTNER_IDENTITY.public.raw.hex(), now=NOW)


def test_the_card_holds_what_the_partner_must_believe(world: World) -> None:
    key = "intramuros-partner-key:" + PARTNER_IDENTITY.public.raw.hex()
    card = add_partner(world.work, replace(world.face, name="조정 기관"), "AI", key, now=NOW)
    assert (card.coordinator_name, card.coordinator_key) == ("조정 기관", world.face.identity.public.raw)
