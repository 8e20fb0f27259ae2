"""The mail round: offers, receipts, runs; a line that is down; deliveries that are repeated until they arrive."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from factories import NOW, PLAN, RUN, a_train_instruction, an_inbox
from fakes.wall import Wall
from fakes.wall_cast import (
    COORDINATOR_IDENTITY,
    PARTNER,
    SOMEBODY_ELSE,
    START_SHA256,
    a_sealed_offer,
    a_sealed_receipt,
    instruct,
)

from node.flows.coordinator_line import CoordinatorRefused, CoordinatorUnreachable
from node.flows.inbox import Mail, mail_round, pause_seconds
from node.release.outbox import Passage
from protocols.encoding import encode
from protocols.enrolment import EnrolmentState
from protocols.errors import RefusalCode
from protocols.signing import Identity, Purpose, seal


@dataclass
class PlayedLine:
    """The coordinator's interface as a test wants it."""

    inbox_made: Callable[[], bytes]
    delivered: list[tuple[str, bytes]] = field(default_factory=list)
    answers: Callable[[str, bytes], bytes] = lambda _kind, sealed: a_sealed_receipt(hashlib.sha256(sealed).hexdigest())

    def inbox(self) -> bytes:
        return self.inbox_made()

    def deliver(self, message_kind: str, sealed: bytes) -> bytes:
        self.delivered.append((message_kind, sealed))
        return self.answers(message_kind, sealed)


def an_inbox_with(*, signer: Identity = COORDINATOR_IDENTITY, **changes: object) -> Callable[[], bytes]:
    return lambda: seal(encode(an_inbox(**changes)), signer, Purpose.INBOX)


def mail_of(wall: Wall, line: PlayedLine) -> Mail:
    return Mail(wall.site, line, wall.plans, wall.outbox, wall.contact, wall.clock)


def fetch(wall: Wall, line: PlayedLine, *, base_seconds: float = 10.0) -> float:
    return mail_round(mail_of(wall, line), base_seconds=base_seconds)


def unreachable(*, sent: bool = False) -> bytes:
    raise CoordinatorUnreachable("ConnectError", sent=sent)


def passages(wall: Wall) -> list[Passage]:
    return [row.passage for row in wall.ledger.page(0, 100)]


def test_an_offer_in_the_inbox_is_kept_once(wall: Wall) -> None:
    line = PlayedLine(an_inbox_with(sealed_offers=(a_sealed_offer(),)))
    fetch(wall, line)
    fetch(wall, line)
    assert [known.offered.plan.plan_id for known in wall.plans.offers()] == [PLAN]


BAD_OFFERS = {
    "sealed by another key": a_sealed_offer(signer=SOMEBODY_ELSE),
    "a plan of another partner than it names": a_sealed_offer(partner=SOMEBODY_ELSE),
    "a partner's key that is none": a_sealed_offer(partner_key=b"short"),
    "a plan for another purpose": a_sealed_offer(sealed_plan=seal(b"x", PARTNER, Purpose.PASSPORT)),
    "no plan": a_sealed_offer(sealed_plan=seal(b"x", PARTNER, Purpose.PLAN)),
    "no offer": b"nothing",
}


@pytest.mark.parametrize("name", BAD_OFFERS)
def test_a_bad_offer_is_left_out_and_the_good_one_beside_it_is_kept(wall: Wall, name: str) -> None:
    line = PlayedLine(an_inbox_with(sealed_offers=(BAD_OFFERS[name], a_sealed_offer())))
    assert fetch(wall, line) == 10.0
    assert len(wall.plans.offers()) == 1


def test_a_receipt_delivers_its_parcel(wall: Wall) -> None:
    wall.approve(wall.offer())
    sealed = wall.answering.answer("train", instruct(a_train_instruction(model_sha256=START_SHA256)))
    receipt = a_sealed_receipt(hashlib.sha256(sealed).hexdigest())
    fetch(wall, PlayedLine(an_inbox_with(sealed_receipts=(receipt,))))
    assert passages(wall) == [Passage.DELIVERED, Passage.DELIVERED]
    assert wall.ledger.page(1, 1)[0].receipt_at == NOW


def test_receipts_for_unknown_bytes_by_other_keys_or_for_other_sites_are_ignored_and_logged(
    wall: Wall, capfd: pytest.CaptureFixture[str]
) -> None:
    sealed = wall.answering.refuse(RefusalCode.BUNDLE_REFUSED)
    sent = hashlib.sha256(sealed).hexdigest()
    receipts = (
        a_sealed_receipt("cd" * 32),
        a_sealed_receipt(sent, signer=SOMEBODY_ELSE),
        a_sealed_receipt(sent, site_id=PLAN),
        b"nothing",
    )
    fetch(wall, PlayedLine(an_inbox_with(sealed_receipts=receipts)))
    assert passages(wall) == [Passage.RELEASED]
    told = capfd.readouterr()
    assert (told.out + told.err).count("receipt") >= 4


def test_an_inbox_of_another_site_or_another_key_is_refused_and_counted(wall: Wall) -> None:
    fetch(wall, PlayedLine(an_inbox_with(site_id=PLAN, sealed_offers=(a_sealed_offer(),))))
    fetch(wall, PlayedLine(an_inbox_with(signer=SOMEBODY_ELSE, sealed_offers=(a_sealed_offer(),))))
    fetch(wall, PlayedLine(lambda: b"nothing"))
    contact = wall.contact.contact()
    assert (contact.failures, contact.problem, wall.plans.offers()) == (3, "inbox-refused", [])


def test_a_coordinator_out_of_reach_is_a_state_with_growing_pauses_and_nothing_lost(wall: Wall) -> None:
    wall.approve(wall.offer())
    line = PlayedLine(unreachable)
    pauses = []
    for _ in range(7):
        pauses.append(fetch(wall, line))
        wall.clock.pass_time(timedelta(minutes=1))
    assert pauses == [20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    contact = wall.contact.contact()
    assert (contact.failures, contact.failing_since, contact.reached_at) == (7, NOW, None)
    assert len(wall.outbox.waiting()) == 1
    fetch(wall, PlayedLine(an_inbox_with()))
    contact = wall.contact.contact()
    assert (contact.failures, contact.failing_since, contact.reached_at) == (0, None, wall.clock.now())
    assert wall.outbox.waiting() == []


def test_approvals_and_withdrawals_are_offered_again_in_order_until_a_receipt_comes(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    wall.stop(offered)
    broken = PlayedLine(an_inbox_with(), answers=lambda _kind, _sealed: unreachable(sent=True))
    fetch(wall, broken)
    assert [kind for kind, _ in broken.delivered] == ["approval"]
    assert passages(wall) == [Passage.UNKNOWN, Passage.RELEASED]
    good = PlayedLine(an_inbox_with())
    fetch(wall, good)
    assert [kind for kind, _ in good.delivered] == ["approval", "withdrawal"]
    assert good.delivered[0] == broken.delivered[0], "the same bytes again"
    assert passages(wall) == [Passage.DELIVERED, Passage.DELIVERED]


def test_a_receipt_that_does_not_hold_leaves_the_message_waiting(wall: Wall) -> None:
    wall.approve(wall.offer())
    fetch(wall, PlayedLine(an_inbox_with(), answers=lambda _kind, _sealed: a_sealed_receipt("cd" * 32)))
    assert len(wall.outbox.waiting()) == 1


def test_a_delivery_that_is_refused_holds_up_no_other(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    wall.stop(offered)

    def refuses_approvals(kind: str, sealed: bytes) -> bytes:
        if kind == "approval":
            raise CoordinatorRefused("plan-unknown", 404)
        return a_sealed_receipt(hashlib.sha256(sealed).hexdigest())

    assert fetch(wall, PlayedLine(an_inbox_with(), answers=refuses_approvals)) == 10.0
    assert [waiting.message_kind for waiting in wall.outbox.waiting()] == ["approval"]


def test_what_flower_carried_and_nobody_confirmed_is_unknown_after_a_while_and_can_still_arrive(wall: Wall) -> None:
    sealed = wall.answering.refuse(RefusalCode.BUNDLE_REFUSED)
    wall.clock.pass_time(timedelta(minutes=11))
    fetch(wall, PlayedLine(an_inbox_with()))
    assert passages(wall) == [Passage.UNKNOWN]
    fetch(wall, PlayedLine(an_inbox_with(sealed_receipts=(a_sealed_receipt(hashlib.sha256(sealed).hexdigest()),))))
    assert passages(wall) == [Passage.DELIVERED]


def test_the_inbox_tells_where_the_site_and_its_runs_stand(wall: Wall) -> None:
    fetch(wall, PlayedLine(an_inbox_with()))
    assert wall.contact.contact().enrolment is EnrolmentState.ADMITTED
    assert [(run.run_id, run.rounds_done) for run in wall.contact.runs()] == [(RUN, 1)]
    fetch(wall, PlayedLine(an_inbox_with(state=EnrolmentState.REMOVED, runs=())))
    assert wall.contact.contact().enrolment is EnrolmentState.REMOVED
    assert len(wall.contact.runs()) == 1


def test_a_refused_inbox_request_is_told_by_its_code(wall: Wall) -> None:
    def refused() -> bytes:
        raise CoordinatorRefused("site-unknown", 401)

    fetch(wall, PlayedLine(refused))
    assert wall.contact.contact().problem == "site-unknown"


def test_pauses_never_fall_below_the_base_nor_grow_without_bound() -> None:
    assert [pause_seconds(failures, 600.0) for failures in (0, 1, 50)] == [600.0, 600.0, 600.0]
    assert pause_seconds(10_000, 1.0) == 300.0
