import hashlib
from datetime import timedelta

from factories import NOW
from fakes.coordinator_world import World
from fakes.hospitals import Hospital

from coordinator.flows import inbox as inbox_flow
from coordinator.flows.books import HeldReceipt
from coordinator.flows.inbox import make_inbox
from coordinator.flows.join import remove
from protocols.encoding import MAX_HEADER_BYTES, decode
from protocols.enrolment import EnrolmentState
from protocols.inbox import Inbox, RunState
from protocols.plans import offer_digest
from protocols.receipts import Receipt
from protocols.signing import Purpose, unseal


def inbox_of(world: World, hospital: Hospital, **options: object) -> Inbox:
    with world.work.reading() as books:
        site = next(held for held in books.sites.all() if held.site_id == hospital.site_id)
    now = world.clock.now()
    sealed = make_inbox(world.work, world.face, site, since=None, **{"now": now, **options})  # type: ignore[arg-type]  # options are the caller's
    return decode(unseal(sealed, world.face.identity.public, Purpose.INBOX), Inbox)[0]


def test_a_site_sees_the_offers_its_state_and_receipts_for_its_own_bytes(world: World) -> None:
    offer = world.ready("a", "b")
    seen = inbox_of(world, world.hospitals[0])
    assert seen.state is EnrolmentState.ADMITTED
    assert [offer_digest(sealed) for sealed in seen.sealed_offers] == [offer.offer_sha256]
    public = world.face.identity.public
    receipts = [decode(unseal(held, public, Purpose.RECEIPT), Receipt)[0] for held in seen.sealed_receipts]
    approval = world.approval(world.hospitals[0], offer)
    assert {receipt.site_id for receipt in receipts} == {world.hospitals[0].site_id}
    assert hashlib.sha256(approval).hexdigest() in {receipt.sent_sha256 for receipt in receipts}


def test_a_site_that_waits_or_was_removed_sees_no_offer_and_no_run(world: World) -> None:
    world.carried(world.ready("a", "b"))
    waiting = world.enrolled("c")
    remove(world.work, "a", now=NOW)
    for hospital, state in ((waiting, EnrolmentState.WAITING), (world.hospitals[0], EnrolmentState.REMOVED)):
        seen = inbox_of(world, hospital)
        assert (seen.state, seen.sealed_offers, seen.runs) == (state, (), ())


def test_runs_are_told_to_the_sites_that_approved_their_plan_only(world: World) -> None:
    offer = world.ready("a", "b")
    world.admitted("onlooker")
    run = world.carried(offer)
    told = inbox_of(world, world.hospitals[0]).runs
    assert [(held.run_id, held.state, held.rounds_done) for held in told] == [(run.run_id, RunState.FINISHED, 3)]
    assert inbox_of(world, world.hospitals[2]).runs == ()


def test_released_and_expired_plans_are_not_offered_any_more(world: World) -> None:
    offer = world.ready("a", "b")
    assert inbox_of(world, world.hospitals[0], now=offer.expires_at).sealed_offers == ()
    world.carried(offer)
    assert inbox_of(world, world.hospitals[0]).sealed_offers == ()


def test_the_inbox_stays_below_the_bound_of_a_frame_however_much_there_is(world: World) -> None:
    hospital = world.admitted("a")
    with world.work.writing() as books:
        for number in range(inbox_flow.RECEIPTS_MAX + 100):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            books.receipts.add(HeldReceipt(hospital.site_id, digest, NOW + timedelta(seconds=number), bytes(400)))
    seen = inbox_of(world, hospital, now=NOW + timedelta(days=1))
    assert len(seen.sealed_receipts) == inbox_flow.RECEIPTS_MAX
    assert len(seen.model_dump_json()) + inbox_flow.OFFERS_MAX_BYTES * 4 / 3 < MAX_HEADER_BYTES
