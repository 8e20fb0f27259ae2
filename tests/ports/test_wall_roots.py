"""Daily roots in `wall.db`, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from factories import APPROVAL, DIGEST, NOW, PLAN, RUN, SITE, a_ledger_root
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.ledger import EMPTY
from node.release.outbox import Origin, Parcel
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger
from node.storage.wall_roots import WallClosing, WallRoots
from protocols.receipts import Channel

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "test.done", "test:1")
DAY = timedelta(days=1)
FIRST = a_ledger_root()
SECOND = a_ledger_root(day=FIRST.day + DAY, previous_sha256=DIGEST)
OTHER = "99999999-9999-4999-8999-999999999999"


def written(engine: Engine, content: bytes, *, days: int) -> str:
    at = NOW + days * DAY
    parcel = Parcel(content, "model-update", Channel.FLEET, Origin(PLAN, RUN, 1, 1, APPROVAL), at)
    with WallRoots(engine).closing() as door:
        door.put(parcel)
        door.enter(parcel, EVENT)
    return WallLedger(engine).head().hash


def test_the_head_at_a_moment_is_the_last_entry_written_before_it(engine: Engine) -> None:
    one, two = written(engine, b"one", days=0), written(engine, b"two", days=2)
    with WallRoots(engine).closing() as door:
        heads = [door.head_before(NOW + days * DAY) for days in (0, 1, 2, 3)]
        assert [(head.number, head.hash) for head in heads] == [(0, EMPTY.hash), (1, one), (1, one), (2, two)]
        assert [door.hash_at(number) for number in (0, 1, 2, 3)] == [EMPTY.hash, one, two, ""]


def test_roots_come_back_as_they_were_kept_and_wait_until_they_are_witnessed(engine: Engine) -> None:
    roots = WallRoots(engine)
    with roots.closing() as door:
        assert door.last_root(SITE) is None
        door.keep_root(SECOND, b"second")
        door.keep_root(FIRST, b"first")
        assert (door.last_root(SITE), door.last_root(OTHER)) == (SECOND, None)
    assert [held.sealed for held in roots.waiting(SITE)] == [b"first", b"second"]
    roots.witness(FIRST, b"witness", NOW)
    roots.witness(FIRST, b"another", NOW + DAY)
    assert [held.root for held in roots.waiting(SITE)] == [SECOND]
    held = roots.of_day(FIRST.day)
    assert held is not None
    assert (held.root, held.sealed, held.sealed_witness, held.witnessed_at) == (FIRST, b"first", b"witness", NOW)
    latest = roots.of_day(None)
    assert latest is not None
    assert latest.root == SECOND
    assert roots.of_day(FIRST.day - DAY) is None
    assert [one.root for one in roots.every()] == [FIRST, SECOND]


def test_a_day_has_one_root_and_what_broke_off_left_none(engine: Engine) -> None:
    roots = WallRoots(engine)
    with roots.closing() as door:
        door.keep_root(FIRST, b"first")
    with pytest.raises(IntegrityError), roots.closing() as door:
        door.keep_root(FIRST.model_copy(update={"entries": 9}), b"again")
    with pytest.raises(IntegrityError), roots.closing() as door:
        _second_and_again(door)
    assert [one.sealed for one in roots.every()] == [b"first"]


def _second_and_again(door: WallClosing) -> None:
    for sealed in (b"second", b"again"):
        door.keep_root(SECOND, sealed)
