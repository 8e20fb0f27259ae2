"""The coordinator's roster: made when it is asked for, chained, and only what hospitals sealed themselves is in it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.coordinator_world import World
from fakes.hospitals import COORDINATOR, Hospital

from coordinator.flows.join import remove
from coordinator.flows.roster import (
    last_roster,
    receive_peer_key,
    receive_revocation,
    roster_version,
    vouched_sites,
)
from coordinator.membership.roster import PeerWordRefused, RosterFull, RosterMissing
from coordinator.membership.site import SiteNotAdmitted, SiteUnknown
from node.release.peers import read_roster
from protocols.encoding import encode
from protocols.plans import Aggregation, AggregationMode, TrainingPlan
from protocols.roster import PeerKey, PeerKeyRevocation, Roster
from protocols.signing import Identity, Purpose, seal


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def says(world: World, signer: Hospital, peer: Hospital, *, by: Identity | None = None, key: bytes = b"") -> bytes:
    """The signer's word on the peer's key arrives; the bytes it came as."""
    word = PeerKey(
        signer_site_id=signer.site_id,
        peer_site_id=peer.site_id,
        peer_key=key or peer.identity.public.raw,
        signed_at=world.clock.now(),
    )
    sealed = seal(encode(word), by or signer.identity, Purpose.PEER_KEY)
    receive_peer_key(world.work, world.face, sealed, now=world.clock.now())
    return sealed


def takes_back(world: World, signer: Hospital, peer: Hospital) -> None:
    said = PeerKeyRevocation(
        signer_site_id=signer.site_id,
        peer_site_id=peer.site_id,
        peer_key=peer.identity.public.raw,
        revoked_at=world.clock.now(),
    )
    sealed = seal(encode(said), signer.identity, Purpose.PEER_KEY_REVOCATION)
    receive_revocation(world.work, world.face, sealed, now=world.clock.now())


def version(world: World, number: int, last: Roster | None, own: Hospital) -> Roster:
    """A version as a node reads it."""
    sealed = roster_version(world.work, world.face, number, now=world.clock.now())
    return read_roster(sealed, COORDINATOR.public, last, own=(own.site_id, own.identity.public))


def test_a_version_is_made_when_it_is_asked_for_and_only_when_it_says_something_new(world: World) -> None:
    with pytest.raises(RosterMissing):
        roster_version(world.work, world.face, 1, now=world.clock.now())
    one, two = world.admitted("a"), world.admitted("b")
    world.enrolled("waits")
    first = version(world, 1, None, one)
    assert [member.site_id for member in first.members] == sorted((one.site_id, two.site_id))
    for number in (2, 3):
        with pytest.raises(RosterMissing):
            roster_version(world.work, world.face, number, now=world.clock.now())
    sealed = says(world, one, two)
    second = version(world, 2, first, one)
    assert (second.members, second.sealed_peer_keys) == (first.members, (sealed,))
    assert version(world, 1, None, two) == first
    remove(world.work, "b", now=world.clock.now())
    third = version(world, 3, second, one)
    assert ([member.site_id for member in third.members], third.sealed_peer_keys) == ([one.site_id], ())


def test_a_word_taken_back_is_in_no_later_version_until_it_is_said_anew(world: World) -> None:
    one, two = world.admitted("a"), world.admitted("b")
    says(world, one, two)
    first = version(world, 1, None, one)
    takes_back(world, one, two)
    second = version(world, 2, first, one)
    assert second.sealed_peer_keys == ()
    world.clock.sleep(1)
    sealed = says(world, one, two)
    assert version(world, 3, second, one).sealed_peer_keys == (sealed,)


def test_the_same_bytes_get_the_same_receipt_and_change_nothing(world: World) -> None:
    one, two = world.admitted("a"), world.admitted("b")
    sealed = says(world, one, two)
    first = receive_peer_key(world.work, world.face, sealed, now=world.clock.now())
    world.clock.sleep(5)
    assert receive_peer_key(world.work, world.face, sealed, now=world.clock.now()) == first


def test_nobody_speaks_for_another_hospital(world: World) -> None:
    one, two, waiting = world.admitted("a"), world.admitted("b"), world.enrolled("waits")
    with pytest.raises(PeerWordRefused):
        says(world, one, two, by=two.identity)
    with pytest.raises(SiteUnknown):
        says(world, one, two, by=Identity.generate())
    with pytest.raises(SiteNotAdmitted):
        says(world, waiting, two)
    for nonsense in (b"", b"nothing", seal(b"no frame", one.identity, Purpose.PEER_KEY)):
        with pytest.raises(PeerWordRefused):
            receive_peer_key(world.work, world.face, nonsense, now=world.clock.now())
        with pytest.raises(PeerWordRefused):
            receive_revocation(world.work, world.face, nonsense, now=world.clock.now())
    with world.work.reading() as books:
        assert books.rosters.words() == ()


def test_a_word_on_a_key_that_no_member_has_is_refused_and_not_kept(world: World) -> None:
    one, two, waiting = world.admitted("a"), world.admitted("b"), world.enrolled("waits")
    with pytest.raises(PeerWordRefused):
        says(world, one, two, key=Identity.generate().public.raw)
    with pytest.raises(PeerWordRefused):
        says(world, one, waiting)
    assert version(world, 1, None, one).sealed_peer_keys == ()
    with world.work.reading() as books:
        assert books.rosters.words() == ()


def test_a_full_roster_refuses_the_next_word_until_one_is_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordinator.membership.roster.SIGNATURES_MAX", 2)
    one, two, three = (world.admitted(name) for name in "abc")
    first, second = says(world, one, two), says(world, two, one)
    with pytest.raises(RosterFull):
        says(world, one, three)
    world.clock.sleep(1)
    again = says(world, one, two)  # in place of the earlier word on the same key
    assert version(world, 1, None, one).sealed_peer_keys == (second, again) != (second, first)
    takes_back(world, two, one)
    says(world, one, three)


def secure_plan(world: World, colluders: int = 0) -> TrainingPlan:
    terms = Aggregation(mode=AggregationMode.SECURE, threshold_t=4, colluders_c=colluders)
    return world.plan(aggregation=terms)


def test_members_of_a_secure_run_are_those_who_believe_each_other(world: World) -> None:
    a, b, c, d = (world.admitted(name) for name in "abcd")

    def together(colluders: int = 0, among: list[Hospital] | None = None) -> set[str]:
        last = _versions(world)
        with world.work.reading() as books:
            assert last_roster(books, world.face) == last
            named = None if among is None else [one.site_id for one in among]
            return set(vouched_sites(books, world.face, secure_plan(world, colluders), named))

    assert len(together()) == 1
    for one, two in ((a, b), (b, a), (b, c), (c, b)):
        says(world, one, two)
    assert together() == {a.site_id, b.site_id, c.site_id}
    assert together(among=[a, b, d]) == {a.site_id, b.site_id}
    assert len(together(colluders=1)) == 2
    says(world, c, d)
    assert together() == {a.site_id, b.site_id, c.site_id}
    says(world, d, c)
    assert together() == {one.site_id for one in (a, b, c, d)}
    takes_back(world, c, d)
    assert together() == {a.site_id, b.site_id, c.site_id}


def test_a_plain_plan_asks_for_no_roster(world: World) -> None:
    world.admitted("a")
    _versions(world)
    with world.work.reading() as books:
        assert vouched_sites(books, world.face, world.plan()) == ()


def _versions(world: World) -> Roster | None:
    """The latest version, after every node asked for what is new."""
    with world.work.reading() as books:
        held = books.rosters.last()
    with contextlib.suppress(RosterMissing):
        roster_version(world.work, world.face, 1 if held is None else held.number + 1, now=world.clock.now())
    with world.work.reading() as books:
        return last_roster(books, world.face)
