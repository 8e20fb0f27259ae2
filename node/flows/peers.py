"""Other hospitals' keys: compared by voice, signed, taken back; what may leave of it leaves like anything else.

Two people, one at each hospital, have each other on the telephone. One begins: the node fixes the other's key as its
roster has it, draws a nonce, and shows the nonce and one half of eight words to be read out. The other types the nonce
and is shown the other half. Each then types the half heard, and only if it is right does the node sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from node.flows.act import Act
from node.flows.peer_views import ComparisonView, PeersView, PeerView
from node.flows.send import OwnSite, Sending, parcel_of, release
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.release.gate import pass_gate
from node.release.outbox import Origin
from node.release.peers import Belief, Comparison, PeerFault, PeerRefused, PeerWord, believed_keys
from node.release.promise import Outgoing, Promise
from protocols.roster import PeerKey, PeerKeyRevocation, Roster, RosterMember
from protocols.signing import PublicIdentity
from protocols.spoken import NONCE_BYTES, unspoken


class RosterBook(Protocol):
    """The roster as this node took it, version by version."""

    def last(self) -> Roster | None:
        """The latest version this node took. Raises: RosterRefused."""
        ...

    def keep(self, roster: Roster, sealed: bytes, event: AuditEvent) -> None:
        """The version is the latest; versions before it stay."""
        ...


class Vouching(Sending, Protocol):
    """A send's transaction that can also hold a word on a key."""

    def keep_word(self, word: PeerWord, event: AuditEvent) -> None:
        """The word stands, in place of an earlier one on the same key; the comparison is over."""
        ...

    def take_back(self, word: PeerWord, at: datetime, event: AuditEvent) -> None:
        """The word is taken back."""
        ...


class PeerStore(Protocol):
    """Comparisons under way, and this hospital's words."""

    def words(self) -> list[PeerWord]:
        """This hospital's words, by site and moment."""
        ...

    def comparison(self, site_id: str) -> Comparison | None:
        """The comparison with a site that is under way."""
        ...

    def compare(self, comparison: Comparison, event: AuditEvent) -> None:
        """The comparison is under way, in place of an earlier one with the site."""
        ...

    def vouching(self) -> AbstractContextManager[Vouching]:
        """One transaction: everything in it holds, or nothing."""
        ...


_COMPARISON_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Peers:
    """What acts on peers' keys need. Implements `PeerBook`."""

    site: OwnSite
    rosters: RosterBook
    store: PeerStore
    clock: Clock
    random_bytes: Callable[[int], bytes]

    def believed(self, *, vouchers: int) -> Mapping[str, PublicIdentity]:
        """The members whose keys this hospital compared, or so many believed members did. Raises: RosterRefused."""
        own = self.site.site_id, self.site.identity.public
        return believed_keys(self.rosters.last(), self.store.words(), own, vouchers=vouchers)


def see(peers: Peers) -> PeersView:
    """Every member of the roster, what this hospital makes of its key where one voucher is enough, and whom the roster
    leaves out though this hospital's word on their key stands."""
    roster = peers.rosters.last()
    if roster is None:
        return PeersView(number=0, members=[])
    known, words = peers.believed(vouchers=1), peers.store.words()
    everyone = [*roster.members, *_left_out(peers, roster)]
    members = [_seen(peers, one, _belief(peers, one, set(known), words)) for one in everyone]
    return PeersView(number=roster.number, members=members)


def compare(peers: Peers, peer: str, nonce_words: str | None, act: Act) -> ComparisonView:
    """A comparison is under way; what to read out. `nonce_words` are those heard from who began; without, this began.

    Raises:
        PeerRefused: no roster, nobody of that name in it, or words that are no nonce.
    """
    member = _member(peers, peer)
    nonce = peers.random_bytes(NONCE_BYTES) if nonce_words is None else unspoken(nonce_words)
    if nonce is None or len(nonce) != NONCE_BYTES:
        raise PeerRefused(PeerFault.NONCE_REFUSED)
    begun = Comparison(member.site_id, member.identity_key, nonce, nonce_words is None, act.now)
    peers.store.compare(begun, act.event("peer.comparing", f"site:{member.site_id}"))
    said = begun.spoken(peers.site.identity.public.raw)
    return ComparisonView(
        site_id=member.site_id, site_name=member.site_name, nonce=said.nonce, say=said.say, began=begun.began
    )


def sign(peers: Peers, peer: str, heard: str, act: Act) -> PeerView:
    """The member whose key is this hospital's word from now on; the word is on its way.

    Raises:
        PeerRefused: nothing was compared within the hour, the key changed since, or other words were heard than this
            node expects.
    """
    member = _member(peers, peer)
    begun = peers.store.comparison(member.site_id)
    if begun is None or begun.peer_key != member.identity_key or act.now - begun.begun_at > _COMPARISON_LASTS:
        raise PeerRefused(PeerFault.NOT_COMPARED)
    if heard.lower().split() != begun.spoken(peers.site.identity.public.raw).hear.split():
        raise PeerRefused(PeerFault.WORDS_DIFFER)
    message = PeerKey(
        signer_site_id=peers.site.site_id,
        peer_site_id=member.site_id,
        peer_key=member.identity_key,
        signed_at=act.now,
    )
    passed = pass_gate(Outgoing(message), _promise(peers, member), peers.site.identity)
    word = PeerWord(member.site_id, member.identity_key, passed.sealed, act.now)
    with peers.store.vouching() as door:
        door.keep_word(word, act.event("peer.signed", f"site:{member.site_id}"))
        release(door, parcel_of(passed, Origin(), act.now), needs_approval=passed.row.needs_approval, now=act.now)
    return _seen(peers, member, Belief.COMPARED)


def revoke(peers: Peers, peer: str, act: Act) -> PeerView:
    """The member whose key this hospital believes no more, whoever vouches for it; the others are on their way to know.
    A coordinator that leaves the member out of the roster keeps nobody from it, nor does it take a word of this
    hospital: a key that only others vouched for is distrusted the same way.

    Raises:
        PeerRefused: nobody of that name, or this hospital does not believe the key already.
    """
    left_out = {one.site_id: one for one in _left_out(peers, peers.rosters.last())}
    member = left_out.get(peer) or _member(peers, peer)
    words = [word for word in peers.store.words() if word.peer_site_id == member.site_id]
    believed = [word for word in words if not word.revoked_at]
    if all(word.peer_key != member.identity_key for word in words):
        believed.append(PeerWord(member.site_id, member.identity_key, b"", act.now))
    if not believed:
        raise PeerRefused(PeerFault.NOT_SIGNED)
    for word in believed:
        _take_back(peers, member, word, act)
    return _seen(peers, member, Belief.REVOKED)


def _take_back(peers: Peers, member: RosterMember, word: PeerWord, act: Act) -> None:
    message = PeerKeyRevocation(
        signer_site_id=peers.site.site_id,
        peer_site_id=word.peer_site_id,
        peer_key=word.peer_key,
        revoked_at=act.now,
    )
    named = replace(_promise(peers, member), peer=(word.peer_site_id, word.peer_key))
    passed = pass_gate(Outgoing(message), named, peers.site.identity)
    with peers.store.vouching() as door:
        door.take_back(word, act.now, act.event("peer.revoked", f"site:{word.peer_site_id}"))
        release(door, parcel_of(passed, Origin(), act.now), needs_approval=passed.row.needs_approval, now=act.now)


def _promise(peers: Peers, member: RosterMember) -> Promise:
    own = peers.site.identity.public.raw
    return Promise(own, peers.site.site_id, peer=(member.site_id, member.identity_key))


def _member(peers: Peers, named: str) -> RosterMember:
    """The other member of this identifier or name."""
    roster = peers.rosters.last()
    if roster is None:
        raise PeerRefused(PeerFault.NO_ROSTER)
    found = [one for one in roster.members if named in (one.site_id, one.site_name)]
    if len(found) != 1 or found[0].site_id == peers.site.site_id:
        raise PeerRefused(PeerFault.PEER_UNKNOWN)
    return found[0]


def _left_out(peers: Peers, roster: Roster | None) -> list[RosterMember]:
    """Whom a standing word of this hospital is about and the roster does not name; their names are not known here."""
    named = {one.site_id for one in roster.members} if roster else set()
    standing = {word.peer_site_id: word.peer_key for word in peers.store.words() if not word.revoked_at}
    return [
        RosterMember(site_id=site_id, site_name=site_id, identity_key=key)
        for site_id, key in standing.items()
        if site_id not in named
    ]


def _belief(peers: Peers, member: RosterMember, known: set[str], words: list[PeerWord]) -> Belief:
    if member.site_id == peers.site.site_id:
        return Belief.OWN
    on_key = [word for word in words if (word.peer_site_id, word.peer_key) == (member.site_id, member.identity_key)]
    if any(word.revoked_at is not None for word in on_key):
        return Belief.REVOKED
    if on_key:
        return Belief.COMPARED
    return Belief.VOUCHED if member.site_id in known else Belief.UNKNOWN


def _seen(peers: Peers, member: RosterMember, belief: Belief) -> PeerView:
    fingerprint = PublicIdentity(member.identity_key).fingerprint
    return PeerView(site_id=member.site_id, site_name=member.site_name, fingerprint=fingerprint, belief=belief)
