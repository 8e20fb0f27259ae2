"""The wall's stores on both databases: approvals, budget, the send, the outbox, contact, cohorts, verdicts."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import APPROVAL, NOW, PLAN, RUN, a_withdrawal, an_approval, an_enrolment_request, an_error_report
from fakes.wall_cast import COORDINATOR_IDENTITY, a_sealed_offer, opened
from sqlalchemy import Engine, text

from node.flows.benefit import VerdictTask
from node.flows.cohort import FrozenCohort
from node.flows.desk_ports import VerdictState
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.approvals import ActRefused, HeldApproval
from node.release.asked import Asked, Exchange
from node.release.ledger import verify_stored
from node.release.offers import OfferRefused
from node.release.outbox import News, Origin, Parcel, Passage
from node.release.refusals import AttemptOutdated, BudgetExhausted, ModelRefused
from node.storage.engine import Database
from node.storage.wall_budget import WallBudget
from node.storage.wall_contact import WallContact
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_plans import WallPlans
from node.storage.wall_send import WallUnit
from node.storage.wall_verdicts import WallCohorts, WallVerdicts
from node.training.benefit import Benefit, BenefitVerdict, Comparison, Unmeasurable
from protocols.approvals import Approval, Bounds
from protocols.encoding import encode
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice, RunState
from protocols.plans import Privacy, PrivacyMechanism
from protocols.receipts import Channel, LedgerBroken

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "test.done", "test:1")
ASKED = Asked(PLAN, RUN, Exchange.TRAIN, 1, 1, "ab" * 32)
NO_PRIVACY = Privacy(mechanism=PrivacyMechanism.NONE)
SEALED_OFFER = a_sealed_offer()
OFFERED = opened(SEALED_OFFER)


def a_parcel(content: bytes = b"sealed", **changes: object) -> Parcel:
    parcel = Parcel(content, "model-update", Channel.FLEET, Origin(PLAN, RUN, 1, 1, APPROVAL), NOW, answers=ASKED)
    return replace(parcel, **changes)  # type: ignore[arg-type] # each test names the field it changes


def plans(engine: Engine) -> WallPlans:
    return WallPlans(engine, COORDINATOR_IDENTITY.public)


def put(engine: Engine, parcel: Parcel) -> None:
    with WallUnit(engine).sending() as door:
        door.put(parcel)
        door.enter(parcel, EVENT)


def approved(engine: Engine, *, max_rounds: int = 3) -> Approval:
    plans(engine).keep(OFFERED, SEALED_OFFER, EVENT)
    given = an_approval(
        offer_sha256=OFFERED.sha256, bounds=Bounds(max_rounds=max_rounds, max_attempts_per_round=3, max_cases=9)
    )
    with WallUnit(engine).deciding() as door:
        door.hold(given, EVENT)
    return given


def test_an_offer_is_kept_once_and_found_by_digest_and_by_its_approval(engine: Engine) -> None:
    assert plans(engine).keep(OFFERED, SEALED_OFFER, EVENT)
    assert not plans(engine).keep(OFFERED, SEALED_OFFER, EVENT)
    known = plans(engine).offer(OFFERED.sha256)
    assert known is not None
    assert (known.offered, known.held) == (OFFERED, None)
    assert plans(engine).approved(PLAN) is None
    assert plans(engine).offer("cd" * 32) is None
    given = approved(engine)
    found = plans(engine).approved(PLAN)
    assert found is not None
    assert found.held == HeldApproval(given)


def test_an_offer_changed_on_disk_is_no_offer(engine: Engine) -> None:
    plans(engine).keep(OFFERED, SEALED_OFFER, EVENT)
    with engine.begin() as connection:
        connection.execute(text("UPDATE offer SET sealed = :sealed"), {"sealed": SEALED_OFFER[:-1] + b"x"})
    with pytest.raises(OfferRefused):
        plans(engine).offers()


def test_the_latest_approval_is_the_one_that_counts_and_ends_once(engine: Engine) -> None:
    approved(engine)
    withdrawal = a_withdrawal()
    with WallUnit(engine).deciding() as door:
        door.end(withdrawal, EVENT)
    with pytest.raises(ActRefused), WallUnit(engine).deciding() as door:
        door.end(withdrawal, EVENT)
    later = an_approval(approval_id=RUN, offer_sha256=OFFERED.sha256)
    with WallUnit(engine).deciding() as door:
        door.hold(later, EVENT)
        held = door.held_approval(PLAN)
    assert held == HeldApproval(later)


def test_a_reservation_is_taken_once_and_found_again(engine: Engine) -> None:
    given, budget = approved(engine), WallBudget(engine)
    first = budget.reserve(ASKED, given, EVENT, privacy=NO_PRIVACY)
    assert budget.reserve(ASKED, given, EVENT, privacy=NO_PRIVACY) == first
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM reservation")).scalar() == 1


def test_attempts_only_grow_and_keep_their_model(engine: Engine) -> None:
    given, budget = approved(engine), WallBudget(engine)
    budget.reserve(replace(ASKED, attempt=2), given, EVENT, privacy=NO_PRIVACY)
    with pytest.raises(AttemptOutdated):
        budget.reserve(ASKED, given, EVENT, privacy=NO_PRIVACY)
    with pytest.raises(ModelRefused):
        budget.reserve(replace(ASKED, attempt=3, model_sha256="cd" * 32), given, EVENT, privacy=NO_PRIVACY)


def test_each_exchange_has_its_own_rounds(engine: Engine) -> None:
    given, budget = approved(engine, max_rounds=1), WallBudget(engine)
    for exchange in Exchange:
        budget.reserve(replace(ASKED, exchange=exchange), given, EVENT, privacy=NO_PRIVACY)
        with pytest.raises(BudgetExhausted):
            budget.reserve(replace(ASKED, exchange=exchange, round=2), given, EVENT, privacy=NO_PRIVACY)


def test_many_requests_at_once_never_take_more_rooms_than_there_are(engine: Engine) -> None:
    given, budget = approved(engine, max_rounds=3), WallBudget(engine)

    def reserve(number: int) -> bool:
        with suppress(BudgetExhausted):
            budget.reserve(replace(ASKED, round=number), given, EVENT, privacy=NO_PRIVACY)
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(reserve, range(1, 17))) == 3


def test_a_send_is_all_or_nothing(engine: Engine) -> None:
    with suppress(ZeroDivisionError), WallUnit(engine).sending() as door:
        door.put(a_parcel())
        door.enter(a_parcel(), EVENT)
        raise ZeroDivisionError
    assert WallUnit(engine).answer_to(ASKED) is None
    assert WallLedger(engine).head().number == 0


def test_stored_bytes_are_found_by_their_exchange_and_by_themselves(engine: Engine) -> None:
    put(engine, a_parcel())
    with WallUnit(engine).sending() as door:
        assert door.stored(a_parcel(b"made again")) == b"sealed"
        assert door.stored(a_parcel(answers=None)) == b"sealed"
        assert door.stored(a_parcel(b"other", answers=replace(ASKED, attempt=2))) is None
    assert WallUnit(engine).answer_to(ASKED) == b"sealed"
    assert WallUnit(engine).answer_to(replace(ASKED, exchange=Exchange.FINAL)) is None


def test_messages_that_answer_nothing_do_not_stand_in_each_others_way(engine: Engine) -> None:
    for content in (b"one", b"two", b"three"):
        put(engine, a_parcel(content, answers=None, origin=Origin()))
    assert WallLedger(engine).head().number == 3


def test_the_ledger_is_numbered_without_a_gap_by_many_at_once(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: put(engine, a_parcel(b"%d" % number, answers=None)), range(24)))
    ledger = WallLedger(engine)
    assert verify_stored(ledger.stored(ledger.head().number), ledger.head()) == 24
    assert [row.entry.number for row in ledger.page(20, 100)] == [21, 22, 23, 24]
    assert ledger.lines(22, 1) == list(ledger.stored(24))[22:23]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("UPDATE ledger_entry SET body = replace(body, 'fleet', 'flEet') WHERE number = 2", 2),
        ("UPDATE ledger_entry SET body = replace(body, '\"sent_bytes\":', '\"sent_bytes\":1') WHERE number = 2", 2),
        ("UPDATE ledger_entry SET hash = replace(hash, substr(hash, 1, 1), 'z') WHERE number = 1", 1),
        ("DELETE FROM ledger_entry WHERE number = 3", 3),
        ("DELETE FROM ledger_entry WHERE number = 1", 1),
    ],
)
def test_a_change_in_the_database_is_named_by_its_entry(engine: Engine, change: str, number: int) -> None:
    for content in (b"one", b"two", b"three"):
        put(engine, a_parcel(content, answers=None))
    with engine.begin() as connection:
        connection.exec_driver_sql(change)
    ledger = WallLedger(engine)
    with pytest.raises(LedgerBroken) as broken:
        verify_stored(ledger.stored(ledger.head().number), ledger.head())
    assert broken.value.number == number


def test_a_parcel_follows_its_news(engine: Engine) -> None:
    put(engine, a_parcel())
    outbox, sent = WallOutbox(engine), a_parcel().sent_sha256
    assert outbox.quiet_since(NOW + timedelta(seconds=1), Channel.FLEET) == [sent]
    assert outbox.quiet_since(NOW, Channel.FLEET) == []
    assert outbox.tell(sent, News.SILENCE, NOW)
    assert outbox.quiet_since(NOW + timedelta(seconds=1), Channel.FLEET) == []
    assert outbox.tell(sent, News.RECEIPT, NOW, sealed_receipt=b"receipt")
    assert outbox.tell(sent, News.RECEIPT, NOW + timedelta(days=1), sealed_receipt=b"later")
    (row,) = WallLedger(engine).page(0, 10)
    assert (row.passage, row.receipt_at) == (Passage.DELIVERED, NOW)
    assert not outbox.tell("cd" * 32, News.RECEIPT, NOW)


def test_only_messages_for_the_interface_wait_to_be_delivered(engine: Engine) -> None:
    put(engine, a_parcel())
    put(engine, a_parcel(b"yes", message_kind="approval", channel=Channel.API, answers=None))
    put(engine, a_parcel(b"join", message_kind=an_enrolment_request().kind, channel=Channel.API, answers=None))
    put(engine, a_parcel(b"no", message_kind="withdrawal", channel=Channel.API, answers=None))
    outbox = WallOutbox(engine)
    assert [waiting.sealed for waiting in outbox.waiting()] == [b"yes", b"no"]
    outbox.tell(outbox.waiting()[0].sent_sha256, News.RECEIPT, NOW)
    assert [waiting.sealed for waiting in outbox.waiting()] == [b"no"]
    assert outbox.undelivered() == 1
    assert outbox.enrolment_requests() == [b"join"]


def test_contact_remembers_since_when_and_how_often_it_failed(engine: Engine) -> None:
    contact = WallContact(engine)
    assert [contact.missed("unreachable", NOW + timedelta(minutes=number)) for number in range(3)] == [1, 2, 3]
    assert contact.contact().failing_since == NOW
    run = RunNotice(run_id=RUN, plan_id=PLAN, state=RunState.RUNNING, rounds_done=1)
    contact.reached(EnrolmentState.ADMITTED, (run,), NOW)
    contact.reached(EnrolmentState.ADMITTED, (run.model_copy(update={"rounds_done": 2}),), NOW)
    told = contact.contact()
    assert (told.enrolment, told.reached_at, told.failing_since, told.failures) == (
        EnrolmentState.ADMITTED,
        NOW,
        None,
        0,
    )
    assert [found.rounds_done for found in contact.runs()] == [2]


def test_a_cohort_is_frozen_and_replaced_only_as_a_whole(engine: Engine) -> None:
    cohorts = WallCohorts(engine)
    assert cohorts.frozen(PLAN) is None
    frozen = FrozenCohort(PLAN, "ab" * 32, 30, 24, NOW)
    cohorts.freeze(frozen, EVENT)
    cohorts.freeze(replace(frozen, cases=31), EVENT)
    assert cohorts.frozen(PLAN) == replace(frozen, cases=31)


def test_a_verdict_waits_is_tried_and_reached_once(engine: Engine) -> None:
    verdicts = WallVerdicts(engine)
    verdicts.ask(replace(ASKED, exchange=Exchange.FINAL), EVENT)
    verdicts.ask(replace(ASKED, exchange=Exchange.FINAL), EVENT)
    assert verdicts.next_waiting() == VerdictTask(RUN, PLAN, 1)
    task = verdicts.next_waiting()
    assert task == VerdictTask(RUN, PLAN, 2)
    compared = Comparison(own_auc=0.7, federated_auc=0.8, low=0.01, high=0.19, smallest_detectable=0.1)
    reached = BenefitVerdict(Benefit.BETTER, 20, 15, compared, None)
    verdicts.reached(task, reached, EVENT)
    assert verdicts.next_waiting() is None
    (held,) = verdicts.verdicts()
    assert (held.state, held.verdict, held.reached_at) == (VerdictState.REACHED, reached, NOW)


def test_a_verdict_without_figures_keeps_its_reason(engine: Engine) -> None:
    verdicts = WallVerdicts(engine)
    verdicts.ask(ASKED, EVENT)
    reached = BenefitVerdict(Benefit.CANNOT_BE_MEASURED, 20, 15, None, Unmeasurable.ONE_CLASS_ONLY)
    verdicts.reached(VerdictTask(RUN, PLAN, 1), reached, EVENT)
    assert verdicts.verdicts()[0].verdict == reached


def test_a_verdict_given_up_says_so(engine: Engine) -> None:
    verdicts = WallVerdicts(engine)
    verdicts.ask(ASKED, EVENT)
    verdicts.given_up(VerdictTask(RUN, PLAN, 3), EVENT)
    assert verdicts.verdicts()[0].state is VerdictState.FAILED
    assert verdicts.next_waiting() is None


def test_every_decision_left_its_audit_event(engine: Engine) -> None:
    given = approved(engine)
    WallBudget(engine).reserve(ASKED, given, EVENT, privacy=NO_PRIVACY)
    put(engine, a_parcel(encode(an_error_report()), answers=None))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_event")).scalar() == 4
