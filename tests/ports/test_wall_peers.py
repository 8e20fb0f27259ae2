"""Roster versions, comparisons and words on keys in `wall.db`, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from factories import NOW, an_identity
from fakes.wall_cast import COORDINATOR_IDENTITY, SOMEBODY_ELSE
from secure_factories import a_roster, a_site
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.outbox import Origin, Parcel
from node.release.peers import Comparison, PeerWord
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_peers import WallPeers
from protocols.encoding import encode
from protocols.receipts import Channel
from protocols.roster import Roster, RosterRefused
from protocols.signing import Purpose, seal

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "test.done", "test:1")
KEY = an_identity(2).public.raw
WORD = PeerWord(a_site(2), KEY, b"word", NOW)
LATER = NOW + timedelta(hours=1)


def peers(engine: Engine) -> WallPeers:
    return WallPeers(engine, COORDINATOR_IDENTITY.public)


def sealed(roster: Roster) -> bytes:
    return seal(encode(roster), COORDINATOR_IDENTITY, Purpose.ROSTER)


def test_the_latest_version_is_the_last_and_none_is_written_twice(engine: Engine) -> None:
    kept, first, second = peers(engine), a_roster(), a_roster(number=2)
    assert kept.last() is None
    kept.keep(first, sealed(first), EVENT)
    kept.keep(second, sealed(second), EVENT)
    assert kept.last() == second
    with pytest.raises(IntegrityError):
        kept.keep(first, sealed(first), EVENT)


def test_a_version_of_another_coordinator_is_not_taken_for_this_ones(engine: Engine) -> None:
    peers(engine).keep(a_roster(), sealed(a_roster()), EVENT)
    with pytest.raises(RosterRefused):
        WallPeers(engine, SOMEBODY_ELSE.public).last()


def test_a_word_stands_once_a_key_ends_its_comparison_and_may_be_taken_back_and_given_again(engine: Engine) -> None:
    kept, begun = peers(engine), Comparison(a_site(2), KEY, b"12345678", True, NOW)
    kept.compare(Comparison(a_site(2), KEY, b"earlier.", False, NOW), EVENT)
    kept.compare(begun, EVENT)
    assert (kept.comparison(a_site(2)), kept.comparison(a_site(3))) == (begun, None)
    with kept.vouching() as door:
        door.keep_word(WORD, EVENT)
    assert (kept.words(), kept.comparison(a_site(2))) == ([WORD], None)
    with kept.vouching() as door:
        door.take_back(WORD, LATER, EVENT)
    assert [word.revoked_at for word in kept.words()] == [LATER]
    again = PeerWord(a_site(2), KEY, b"again", LATER)
    with kept.vouching() as door:
        door.keep_word(again, EVENT)
    assert kept.words() == [again]


def test_a_word_and_its_send_hold_together_or_not_at_all(engine: Engine) -> None:
    kept = peers(engine)

    def sent(*, fails: bool) -> None:
        with kept.vouching() as door:
            door.keep_word(WORD, EVENT)
            parcel = Parcel(b"word", "peer-key", Channel.API, Origin(), NOW)
            door.put(parcel)
            door.enter(parcel, EVENT)
            if fails:
                raise ValueError("the disk")

    with pytest.raises(ValueError, match="the disk"):
        sent(fails=True)
    assert (kept.words(), WallLedger(engine).head().number, WallOutbox(engine).waiting()) == ([], 0, [])
    sent(fails=False)
    assert [one.sealed for one in WallOutbox(engine).waiting()] == [b"word"]
