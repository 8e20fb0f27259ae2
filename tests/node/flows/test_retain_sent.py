"""Bytes that left go after their time, and only then; the ledger says what they were, and nothing takes their place."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import PLAN
from fakes.asking import answer, evaluate, kinds, refusal, train, update
from fakes.wall import Wall, a_wall
from fakes.wall_cast import SetClock

from node.flows.ledger_proof import LedgerProof, prove_ledger
from node.flows.retain_sent import BATCH_PARCELS, SentBytes, empty_next_sent
from node.ground.audit import AuditEvent
from node.release.outbox import News, Passage
from node.storage.audit import events
from node.storage.wall_sent import WallSent
from node.storage.wall_tables import audit
from protocols.errors import RefusalCode

KEEP = timedelta(days=10)


def delivered(wall: Wall) -> None:
    """The coordinator's receipts came for everything that left."""
    for row in wall.ledger.page(0, 100):
        wall.outbox.tell(row.entry.sent_sha256, News.RECEIPT, wall.clock.now())


def empty(wall: Wall) -> int:
    return empty_next_sent(WallSent(wall.engine), wall.clock, keep=KEEP)


def empty_all(sent: SentBytes, clock: SetClock) -> None:
    while empty_next_sent(sent, clock, keep=KEEP):
        continue


def proof(wall: Wall) -> LedgerProof:
    return prove_ledger(wall.ledger, WallSent(wall.engine))


def emptied_after_its_time(wall: Wall) -> None:
    delivered(wall)
    wall.clock.pass_time(KEEP + timedelta(seconds=1))
    empty_all(WallSent(wall.engine), wall.clock)


def test_bytes_that_left_are_kept_for_their_time_and_not_longer(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    delivered(wall)
    wall.clock.pass_time(KEEP)
    assert empty(wall) == 0
    wall.clock.pass_time(timedelta(seconds=1))
    assert empty(wall) == 2
    assert empty(wall) == 0
    assert proof(wall) == LedgerProof(entries=2, here=0, emptied=2)
    assert [row.emptied_at for row in wall.ledger.page(0, 9)] == [wall.clock.now()] * 2


def test_every_emptying_is_an_audit_event_that_names_the_bytes(wall: Wall) -> None:
    wall.approve(wall.offer())
    emptied_after_its_time(wall)
    (row,) = wall.ledger.page(0, 9)
    with wall.engine.connect() as connection:
        latest = next(events(connection, audit))
    assert (latest.action, latest.subject) == ("message.emptied", f"message:{row.entry.sent_sha256}")
    assert (latest.actor.actor_id, latest.at) == ("wall", wall.clock.now())


def test_bytes_of_which_nothing_was_heard_are_kept_whatever_their_age(wall: Wall) -> None:
    wall.approve(wall.offer())
    sealed = answer(wall, train())
    wall.outbox.tell(wall.ledger.page(1, 1)[0].entry.sent_sha256, News.SILENCE, wall.clock.now())
    wall.clock.pass_time(KEEP + timedelta(days=1))
    assert empty(wall) == 0
    assert [row.passage for row in wall.ledger.page(0, 9)] == [Passage.RELEASED, Passage.UNKNOWN]
    assert answer(wall, train()) == sealed


def test_an_emptied_exchange_is_refused_and_nothing_is_worked_out_anew(wall: Wall) -> None:
    wall.approve(wall.offer())
    for asked in (train(), evaluate(), evaluate(final=True)):
        answer(wall, asked)
    emptied_after_its_time(wall)
    trained, entries = wall.fit.trained, wall.ledger.head().number
    for asked in (train(), evaluate(), evaluate(final=True)):
        report = refusal(answer(wall, asked))
        assert (report.code, report.plan_id, report.round) == (RefusalCode.ATTEMPT_OUTDATED, PLAN, asked.round)
    assert wall.fit.trained == trained
    assert set(kinds(wall)[entries:]) == {"error-report"}
    assert proof(wall).emptied == entries


def test_the_refusal_of_an_emptied_exchange_is_the_same_bytes_for_ever(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    emptied_after_its_time(wall)
    first = answer(wall, train())
    emptied_after_its_time(wall)
    entries = wall.ledger.head()
    assert wall.ledger.page(entries.number - 1, 1)[0].emptied_at == wall.clock.now()
    assert answer(wall, train()) == first
    assert wall.ledger.head() == entries


def test_a_later_attempt_still_sends_the_rounds_own_vector(wall: Wall) -> None:
    wall.approve(wall.offer())
    _, vector = update(answer(wall, train()))
    emptied_after_its_time(wall)
    assert update(answer(wall, train(attempt=2)))[1] == vector
    assert wall.fit.trained == 1


def test_decisions_that_were_emptied_still_bind(wall: Wall) -> None:
    offered = wall.offer()
    wall.approve(offered)
    wall.stop(offered)
    emptied_after_its_time(wall)
    assert refusal(answer(wall, train())).code is RefusalCode.APPROVAL_WITHDRAWN
    assert wall.outbox.waiting() == []


class Killed(BaseException):
    """The process ended here."""


class DyingSent:
    """The wall's bytes, in a process that ends after so many batches."""

    def __init__(self, sent: SentBytes, batches: int, die: Callable[[], None]) -> None:
        self._sent = sent
        self._left = batches
        self._die = die

    def emptiable(self, released_before: datetime, limit: int) -> Sequence[str]:
        return self._sent.emptiable(released_before, limit)

    def empty(self, sent_sha256s: Sequence[str], events: Sequence[AuditEvent]) -> None:
        self._sent.empty(sent_sha256s, events)
        self._left -= 1
        if not self._left:
            self._die()

    def settle(self) -> None:
        self._sent.settle()


def with_many_refusals(home: Path, clock: SetClock) -> Wall:
    """A wall whose bytes fill two batches and a half, all old enough to go."""
    wall = a_wall(home, clock=clock)
    for number in range(1, BATCH_PARCELS * 5 // 2 + 1):
        answer(wall, train(round=number))
    delivered(wall)
    clock.pass_time(KEEP + timedelta(seconds=1))
    return wall


def raise_killed() -> None:
    raise Killed


def end_process() -> None:
    os._exit(9)


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_a_crash_between_two_batches_leaves_a_ledger_that_holds_and_the_rest_for_later(
    tmp_path: Path, batches: int
) -> None:
    clock = SetClock()
    before = with_many_refusals(tmp_path, clock)
    dying, everything = DyingSent(WallSent(before.engine), batches, raise_killed), before.ledger.head().number
    with pytest.raises(Killed):
        empty_all(dying, clock)
    emptied = min(batches * BATCH_PARCELS, everything)
    after = a_wall(tmp_path, clock=clock)
    assert proof(after) == LedgerProof(everything, here=everything - emptied, emptied=emptied)
    empty_all(WallSent(after.engine), clock)
    assert proof(after) == LedgerProof(everything, here=0, emptied=everything)
    with after.engine.connect() as connection:
        told = [event.subject for event in events(connection, audit) if event.action == "message.emptied"]
    assert len(told) == len(set(told)) == everything


def test_a_process_that_really_dies_after_a_batch_loses_nothing_it_should_keep(tmp_path: Path) -> None:
    clock = SetClock()
    before = with_many_refusals(tmp_path, clock)
    before.engine.dispose()
    before.round_engine.dispose()
    child = os.fork()
    if child == 0:
        empty_next_sent(DyingSent(WallSent(a_wall(tmp_path).engine), 1, end_process), clock, keep=KEEP)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    after = a_wall(tmp_path, clock=clock)
    assert proof(after).emptied == BATCH_PARCELS
