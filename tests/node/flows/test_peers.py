"""Other hospitals' keys at a node: two walls compare by telephone, over the roster of one coordinator."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW, an_identity
from fakes.wall import Wall, a_wall
from fakes.wall_cast import COORDINATOR_IDENTITY, PERSON, SOMEBODY_ELSE
from secure_factories import a_roster, a_site

from node.flows.act import act_of
from node.flows.coordinator_line import CoordinatorRefused, CoordinatorUnreachable
from node.flows.peers import Peers, compare, revoke, see, sign
from node.flows.rosters import REFUSED_SECONDS, RosterMail, fetch_rosters
from node.flows.send import OwnSite
from node.release.peers import Belief, PeerFault, PeerRefused
from node.storage.wall_peers import WallPeers
from protocols.encoding import encode
from protocols.roster import GENESIS, Roster, RosterMember, read_peer_key, read_revocation, roster_digest
from protocols.signing import Purpose, seal

ACT = act_of(PERSON, NOW)


def member(number: int, *, key: int | None = None) -> RosterMember:
    identity = an_identity(number if key is None else key).public.raw
    return RosterMember(site_id=a_site(number), site_name=f"Hospital {number}", identity_key=identity)


@dataclass
class PlayedLine:
    """A coordinator that hands round what the test says."""

    versions: list[bytes] = field(default_factory=list)
    failure: Exception | None = None

    def roster(self, number: int) -> bytes | None:
        if self.failure is not None:
            raise self.failure
        return self.versions[number - 1] if number <= len(self.versions) else None

    def tell(self, last: Roster | None, *members: RosterMember, words: tuple[bytes, ...] = ()) -> Roster:
        """The next version, chained onto the last."""
        roster = a_roster(
            number=len(self.versions) + 1,
            previous_sha256=GENESIS if last is None else roster_digest(last),
            members=members,
            sealed_peer_keys=words,
        )
        self.versions.append(seal(encode(roster), COORDINATOR_IDENTITY, Purpose.ROSTER))
        return roster


class Node:
    """One hospital with its wall."""

    def __init__(self, number: int, home: Path, line: PlayedLine) -> None:
        home.mkdir()
        self.site = OwnSite(a_site(number), an_identity(number), COORDINATOR_IDENTITY.public)
        self.wall: Wall = a_wall(home, site=self.site)
        self.kept = WallPeers(self.wall.engine, COORDINATOR_IDENTITY.public)
        drawn = iter(range(1, 200))
        self.peers = Peers(self.site, self.kept, self.kept, self.wall.clock, lambda count: bytes([next(drawn)] * count))
        self.mail = RosterMail(self.site, line, self.kept, self.wall.clock)

    def fetch(self) -> float:
        return fetch_rosters(self.mail, base_seconds=5.0)

    def beliefs(self) -> dict[int, Belief]:
        return {int(one.site_id[:8]): one.belief for one in see(self.peers).members}

    def believed(self, vouchers: int = 1) -> set[int]:
        return {int(site[:8]) for site in self.peers.believed(vouchers=vouchers)}

    def sent(self) -> list[tuple[str, bytes]]:
        """What waits for the coordinator, each named by a ledger entry."""
        waiting = self.wall.outbox.waiting()
        entered = {row.entry.sent_sha256 for row in self.wall.ledger.page(0, 100)}
        assert {hashlib.sha256(one.sealed).hexdigest() for one in waiting} == entered
        return [(one.message_kind, one.sealed) for one in waiting]

    def compares_with(self, other: "Node") -> None:
        """Two people have each other on the telephone."""
        begun = compare(self.peers, other.site.site_id, None, ACT)
        joined = compare(other.peers, self.site.site_id, begun.nonce.upper(), ACT)
        sign(self.peers, other.site.site_id, joined.say, ACT)
        sign(other.peers, self.site.site_id, f" {begun.say} ", ACT)


@dataclass
class Street:
    line: PlayedLine
    nodes: dict[int, Node]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """Three hospitals that hold the first version of one roster."""
    line = PlayedLine()
    line.tell(None, member(1), member(2), member(3))
    nodes = {number: Node(number, tmp_path / str(number), line) for number in (1, 2, 3)}
    for node in nodes.values():
        assert node.fetch() == 5.0
    yield Street(line, nodes)
    for node in nodes.values():
        node.wall.engine.dispose()
        node.wall.round_engine.dispose()


def refused(fault: PeerFault) -> pytest.RaisesExc[PeerRefused]:
    return pytest.raises(PeerRefused, match=fault.value)


def test_two_people_who_hear_the_right_words_have_their_nodes_sign_and_believe(street: Street) -> None:
    one, two = street.nodes[1], street.nodes[2]
    assert one.beliefs() == {1: Belief.OWN, 2: Belief.UNKNOWN, 3: Belief.UNKNOWN}
    one.compares_with(two)
    assert (one.believed(), two.believed(), street.nodes[3].believed()) == ({1, 2}, {1, 2}, {3})
    assert one.beliefs()[2] is Belief.COMPARED
    ((kind, sealed),) = one.sent()
    signer, word = read_peer_key(sealed)
    assert (kind, signer, word.peer_key) == ("peer-key", one.site.identity.public, an_identity(2).public.raw)


def test_what_hospitals_signed_reaches_others_by_the_roster(street: Street) -> None:
    one, two, three = (street.nodes[number] for number in (1, 2, 3))
    one.compares_with(two)
    two.compares_with(three)
    words = tuple(sealed for node in (one, two, three) for _, sealed in node.sent())
    street.line.tell(one.kept.last(), member(1), member(2), member(3), words=words)
    for node in (one, two, three):
        node.fetch()
        assert node.believed() == {1, 2, 3}
    assert one.beliefs() == {1: Belief.OWN, 2: Belief.COMPARED, 3: Belief.VOUCHED}
    assert one.believed(vouchers=2) == {1, 2}


def test_a_key_put_between_two_hospitals_is_heard(street: Street, tmp_path: Path) -> None:
    lying = PlayedLine()
    lying.tell(None, member(1, key=9), member(2), member(3))
    one, two = street.nodes[1], Node(2, tmp_path / "lied to", lying)
    two.fetch()
    begun = compare(one.peers, a_site(2), None, ACT)
    joined = compare(two.peers, a_site(1), begun.nonce, ACT)
    for node, peer, heard in ((one, a_site(2), joined.say), (two, a_site(1), begun.say)):
        with refused(PeerFault.WORDS_DIFFER):
            sign(node.peers, peer, heard, ACT)
        assert node.believed() == {int(node.site.site_id[:8])}
        assert node.sent() == []
    two.wall.engine.dispose()
    two.wall.round_engine.dispose()


def test_nothing_is_signed_without_a_comparison_or_with_ones_own_half(street: Street) -> None:
    one = street.nodes[1]
    with refused(PeerFault.NOT_COMPARED):
        sign(one.peers, a_site(2), "lusab babad gutih tugad", ACT)
    begun = compare(one.peers, a_site(2), None, ACT)
    for heard in (begun.say, "", f"{begun.say} {begun.say}"):
        with refused(PeerFault.WORDS_DIFFER):
            sign(one.peers, a_site(2), heard, ACT)
    for nonce in ("lusab", "not words at all", "lusab babad gutih tugad lusab"):
        with refused(PeerFault.NONCE_REFUSED):
            compare(one.peers, a_site(2), nonce, ACT)


def test_a_key_that_changed_after_the_comparison_began_is_not_signed(street: Street) -> None:
    one, two = street.nodes[1], street.nodes[2]
    begun = compare(one.peers, a_site(2), None, ACT)
    joined = compare(two.peers, a_site(1), begun.nonce, ACT)
    street.line.tell(one.kept.last(), member(1), member(2, key=9), member(3))
    one.fetch()
    with refused(PeerFault.NOT_COMPARED):
        sign(one.peers, a_site(2), joined.say, ACT)


def test_words_heard_more_than_an_hour_after_the_comparison_began_sign_nothing(street: Street) -> None:
    one, two = street.nodes[1], street.nodes[2]
    begun = compare(one.peers, a_site(2), None, ACT)
    joined = compare(two.peers, a_site(1), begun.nonce, ACT)
    began_at = one.wall.clock.now()
    with refused(PeerFault.NOT_COMPARED):
        sign(one.peers, a_site(2), joined.say, replace(ACT, now=began_at + timedelta(hours=1, seconds=1)))
    assert one.beliefs()[2] is Belief.UNKNOWN
    sign(one.peers, a_site(2), joined.say, replace(ACT, now=began_at + timedelta(hours=1)))
    assert one.beliefs()[2] is Belief.COMPARED


def test_a_hospital_is_named_by_its_name_or_its_identifier_and_is_another_one(street: Street) -> None:
    one = street.nodes[1]
    assert compare(one.peers, "Hospital 2", None, ACT).site_id == a_site(2)
    for wrong in ("Hospital 1", a_site(1), "Hospital 9", ""):
        with refused(PeerFault.PEER_UNKNOWN):
            compare(one.peers, wrong, None, ACT)


@pytest.mark.parametrize("belief", [Belief.COMPARED, Belief.VOUCHED])
def test_a_key_distrusted_is_told_and_believed_no_more_whoever_vouches(street: Street, belief: Belief) -> None:
    one, two, three = (street.nodes[number] for number in (1, 2, 3))
    for left, right in ((one, two), (two, three), (one, three))[: 3 if belief is Belief.COMPARED else 2]:
        left.compares_with(right)
    words = tuple(sealed for node in (one, two, three) for _, sealed in node.sent())
    street.line.tell(one.kept.last(), member(1), member(2), member(3), words=words)
    one.fetch()
    assert (one.beliefs()[3], one.believed()) == (belief, {1, 2, 3})
    assert revoke(one.peers, a_site(3), ACT).belief is Belief.REVOKED
    assert (one.believed(), one.beliefs()[3]) == ({1, 2}, Belief.REVOKED)
    kind, sealed = one.sent()[-1]
    signer, said = read_revocation(sealed)
    assert (kind, signer, said.peer_site_id) == ("peer-key-revocation", one.site.identity.public, a_site(3))
    with refused(PeerFault.NOT_SIGNED):
        revoke(one.peers, a_site(3), ACT)
    one.compares_with(three)
    assert one.believed() == {1, 2, 3}


def test_a_word_is_taken_back_though_the_coordinator_leaves_the_hospital_out(street: Street) -> None:
    one, two = street.nodes[1], street.nodes[2]
    one.compares_with(two)
    street.line.tell(one.kept.last(), member(1), member(3))
    one.fetch()
    assert one.beliefs() == {1: Belief.OWN, 3: Belief.UNKNOWN, 2: Belief.COMPARED}
    assert one.believed() == {1}, "who is in no roster counts in no sum"
    assert revoke(one.peers, a_site(2), ACT).belief is Belief.REVOKED
    assert one.sent()[-1][0] == "peer-key-revocation"
    street.line.tell(one.kept.last(), member(1), member(2), member(3))
    one.fetch()
    assert (one.believed(), one.beliefs()[2]) == ({1}, Belief.REVOKED)
    with refused(PeerFault.PEER_UNKNOWN):
        revoke(one.peers, a_site(9), ACT)


def test_before_there_is_a_roster_nobody_is_believed_and_nothing_is_compared(tmp_path: Path) -> None:
    node = Node(1, tmp_path / "1", PlayedLine())
    assert (node.fetch(), node.believed(), see(node.peers).members) == (5.0, set(), [])
    with refused(PeerFault.NO_ROSTER):
        compare(node.peers, a_site(2), None, ACT)
    node.wall.engine.dispose()
    node.wall.round_engine.dispose()


def test_a_node_that_is_not_in_the_roster_yet_takes_it_and_believes_nobody(street: Street, tmp_path: Path) -> None:
    late = Node(4, tmp_path / "4", street.line)
    late.fetch()
    assert late.believed() == set()
    street.line.tell(late.kept.last(), member(1), member(2), member(3), member(4))
    late.fetch()
    assert late.believed() == {4}
    late.wall.engine.dispose()
    late.wall.round_engine.dispose()


def held_bytes(kind: str, last: Roster) -> bytes:
    """A second version that must be refused."""
    good = {"number": 2, "previous_sha256": roster_digest(last), "members": last.members}
    wrong = {
        "foreign": good,
        "other-purpose": good,
        "broken-chain": {**good, "previous_sha256": "ab" * 32},
        "left-out": {**good, "number": 3},
        "own-key": {**good, "members": (member(1, key=9), member(2), member(3))},
        "forged-word": {**good, "sealed_peer_keys": (b"nothing",)},
        "blob": good,
        "unsealed": good,
    }[kind]
    frame = encode(a_roster(**wrong), b"x" if kind == "blob" else b"")
    if kind == "unsealed":
        return frame
    by = SOMEBODY_ELSE if kind == "foreign" else COORDINATOR_IDENTITY
    return seal(frame, by, Purpose.INBOX if kind == "other-purpose" else Purpose.ROSTER)


@pytest.mark.parametrize(
    "kind", ["foreign", "other-purpose", "broken-chain", "left-out", "own-key", "forged-word", "blob", "unsealed"]
)
def test_a_version_that_does_not_hold_is_refused_and_the_one_held_stays(street: Street, kind: str) -> None:
    one = street.nodes[1]
    last = one.kept.last()
    assert last is not None
    street.line.versions.append(held_bytes(kind, last))
    assert one.fetch() == REFUSED_SECONDS
    assert one.kept.last() == last


@pytest.mark.parametrize(
    "failure", [CoordinatorUnreachable("away", sent=False), CoordinatorRefused("site-not-admitted", 403)]
)
def test_a_line_that_is_down_is_waited_for(street: Street, failure: Exception) -> None:
    street.line.failure = failure
    assert street.nodes[1].fetch() == REFUSED_SECONDS
