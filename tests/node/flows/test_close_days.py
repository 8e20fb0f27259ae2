"""Days of the ledger: closed in order and without gaps, witnessed, and never over a ledger that was written anew."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from factories import NOW, SITE
from fakes.asking import answer, train, update
from fakes.wall import Wall
from fakes.wall_cast import COORDINATOR_IDENTITY, SOMEBODY_ELSE

from node.flows.close_days import DAYS_A_LOOK, Witnessing, close_days, look, witness_roots
from node.flows.coordinator_line import CoordinatorRefused, CoordinatorUnreachable
from node.flows.ledger_proof import prove_ledger
from node.release.ledger import EMPTY
from node.release.outbox import Passage
from node.storage.wall_roots import WallRoots
from node.storage.wall_sent import WallSent
from protocols.encoding import decode, encode
from protocols.ledger_roots import LedgerRoot, LedgerWitness, RootBroken, check_follows, witness_of
from protocols.receipts import LedgerBroken, LedgerFault
from protocols.signing import Identity, Purpose, seal, unseal_any

DAY = timedelta(days=1)


def countersigned(sealed: bytes, *, signer: Identity = COORDINATOR_IDENTITY, **changes: object) -> bytes:
    root, _ = decode(unseal_any(sealed, Purpose.LEDGER_ROOT).frame, LedgerRoot)
    witness = witness_of(root, now=NOW).model_copy(update=changes)
    return seal(encode(witness), signer, Purpose.LEDGER_WITNESS)


@dataclass
class PlayedLine:
    answers: Callable[[bytes], bytes] = countersigned
    delivered: list[bytes] = field(default_factory=list)

    def deliver(self, message_kind: str, sealed: bytes) -> bytes:
        assert message_kind == LedgerRoot.kind
        self.delivered.append(sealed)
        return self.answers(sealed)


def parts(wall: Wall, line: PlayedLine) -> Witnessing:
    return Witnessing(wall.site, WallRoots(wall.engine), line, wall.outbox, wall.clock)


def closed(wall: Wall) -> int:
    return close_days(WallRoots(wall.engine), wall.site, wall.clock.now())


def roots(wall: Wall) -> list[LedgerRoot]:
    return [held.root for held in WallRoots(wall.engine).every()]


def used(wall: Wall) -> None:
    wall.approve(wall.offer())
    update(answer(wall, train()))


def test_nothing_is_closed_before_anything_left_or_before_the_day_is_over(wall: Wall) -> None:
    assert closed(wall) == 0
    used(wall)
    assert closed(wall) == 0
    assert roots(wall) == []


def test_a_day_is_closed_once_by_a_root_that_left_through_the_ledger(wall: Wall) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    assert (closed(wall), closed(wall)) == (1, 0)
    (root,) = roots(wall)
    rows = wall.ledger.page(0, 10)
    assert (root.site_id, root.day, root.entries, root.head_hash) == (SITE, NOW.date(), 2, rows[1].entry_hash)
    assert [row.entry.message_kind for row in rows] == ["approval", "model-update", "ledger-root"]
    (held,) = WallRoots(wall.engine).every()
    assert rows[2].entry.sent_sha256 == hashlib.sha256(held.sealed).hexdigest()
    assert prove_ledger(wall.ledger, WallSent(wall.engine)).entries == 3


def test_days_without_entries_are_closed_too_in_order_and_without_gaps(wall: Wall) -> None:
    used(wall)
    wall.clock.pass_time(5 * DAY)
    assert closed(wall) == 1
    wall.clock.pass_time(4 * DAY)
    assert closed(wall) == 4
    before = None
    for root in roots(wall):
        check_follows(root, before)
        before = root
    assert [root.entries for root in roots(wall)] == [2, 3, 3, 3, 3]


def test_a_node_that_was_off_for_long_closes_a_month_a_look(wall: Wall) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    closed(wall)
    wall.clock.pass_time(40 * DAY)
    assert [closed(wall) for _ in range(3)] == [DAYS_A_LOOK, 40 - DAYS_A_LOOK, 0]


def test_roots_are_witnessed_oldest_first_and_once(wall: Wall) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    closed(wall)
    wall.clock.pass_time(2 * DAY)
    line = PlayedLine()
    look(parts(wall, line))
    look(parts(wall, line))
    held = WallRoots(wall.engine).every()
    assert line.delivered == [one.sealed for one in held]
    assert {one.witnessed_at for one in held} == {NOW}
    assert [row.passage for row in wall.ledger.page(2, 10)] == [Passage.DELIVERED] * 3


BAD_ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "of another coordinator": lambda sealed: countersigned(sealed, signer=SOMEBODY_ELSE),
    "of another root of the day": lambda sealed: countersigned(sealed, root_sha256="cd" * 32),
    "of another number of entries": lambda sealed: countersigned(sealed, entries=9),
    "nothing": lambda sealed: b"",
    "for another purpose": lambda sealed: seal(b"x", COORDINATOR_IDENTITY, Purpose.RECEIPT),
}


@pytest.mark.parametrize("bad", sorted(BAD_ANSWERS))
def test_a_witness_of_another_root_is_refused_and_the_root_waits(wall: Wall, bad: str) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    line = PlayedLine(BAD_ANSWERS[bad])
    assert look(parts(wall, line)) > 0
    with pytest.raises(RootBroken):
        witness_roots(parts(wall, line))
    assert [held.sealed_witness for held in WallRoots(wall.engine).every()] == [None]


@pytest.mark.parametrize(
    "failure", [CoordinatorUnreachable("down", sent=True), CoordinatorRefused("root-refused", 422)]
)
def test_a_root_that_was_not_taken_is_sent_again_with_the_same_bytes(wall: Wall, failure: Exception) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    line = PlayedLine(lambda _sealed: fail(failure))
    look(parts(wall, line))
    line.answers = countersigned
    look(parts(wall, line))
    assert line.delivered[0] == line.delivered[1]
    assert WallRoots(wall.engine).waiting(SITE) == []


def fail(failure: Exception) -> bytes:
    raise failure


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE ledger_entry SET hash = 'cd' WHERE number = 2", LedgerFault.UNROOTED),
        ("DELETE FROM ledger_entry WHERE number > 1", LedgerFault.MISSING),
    ],
)
def test_no_day_is_closed_over_a_ledger_that_was_written_anew(wall: Wall, change: str, fault: LedgerFault) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    closed(wall)
    with wall.engine.begin() as connection:
        connection.exec_driver_sql(change)
    wall.clock.pass_time(DAY)
    with pytest.raises(LedgerBroken) as broken:
        closed(wall)
    assert broken.value.fault is fault
    assert look(parts(wall, PlayedLine())) > 0
    assert len(roots(wall)) == 1


def test_a_clock_that_goes_back_makes_no_root_shorter(wall: Wall) -> None:
    wall.clock.pass_time(2 * DAY)
    used(wall)
    wall.clock.pass_time(-DAY)
    assert closed(wall) == 0
    wall.clock.pass_time(3 * DAY)
    closed(wall)
    wall.clock.pass_time(DAY)
    closed(wall)
    numbers = [root.entries for root in roots(wall)]
    assert numbers == sorted(numbers)
    assert EMPTY.hash not in {root.head_hash for root in roots(wall)}


def test_the_witness_that_is_kept_is_the_coordinators(wall: Wall) -> None:
    used(wall)
    wall.clock.pass_time(DAY)
    look(parts(wall, PlayedLine()))
    held = WallRoots(wall.engine).of_day(None)
    assert held is not None
    assert held.sealed_witness is not None
    opened = unseal_any(held.sealed_witness, Purpose.LEDGER_WITNESS)
    assert opened.signer == COORDINATOR_IDENTITY.public
    assert decode(opened.frame, LedgerWitness)[0].root_sha256 == witness_of(held.root, now=NOW).root_sha256
