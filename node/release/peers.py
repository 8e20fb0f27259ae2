"""Whom this hospital believes: roster versions in their order, comparisons by voice, and its own words on keys.

A comparison is of the two keys as they stood when its nonce was drawn or heard. The two people read each other one
half of the eight words each, so that what one of them types is what only the other node could tell.
Not done here: who may compare, and how versions and words travel (`node.flows.peers`, `node.flows.rosters`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.ground.errors import NodeError
from protocols.encoding import decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.roster import ROSTER_BYTES_MAX, Roster, RosterRefused, believed, check_follows, read_peer_key
from protocols.signing import PublicIdentity, Purpose, unseal
from protocols.spoken import comparison_words, halves, spoken


class PeerFault(StrEnum):
    """Why nothing was compared, signed or taken back."""

    NO_ROSTER = "no-roster"
    PEER_UNKNOWN = "peer-unknown"
    NONCE_REFUSED = "nonce-refused"
    NOT_COMPARED = "not-compared"
    """No comparison is under way, or the key changed since."""
    WORDS_DIFFER = "words-differ"
    NOT_SIGNED = "not-signed"


class PeerRefused(NodeError):
    """An act on a peer's key that is not done; `fault` says why."""

    def __init__(self, fault: PeerFault) -> None:
        super().__init__(f"peers: {fault.value}")
        self.fault = fault


class Belief(StrEnum):
    """What this hospital makes of a member's key."""

    OWN = "own"
    COMPARED = "compared"
    VOUCHED = "vouched"
    """Believed because hospitals that are believed compared it."""
    UNKNOWN = "unknown"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison under way: the other's key when it began, and the nonce; `began` when this node drew it."""

    peer_site_id: str
    peer_key: bytes
    nonce: bytes
    began: bool
    begun_at: datetime

    def spoken(self, own_key: bytes) -> Spoken:
        """What is read out and what must be heard."""
        first, second = halves(comparison_words(self.nonce, (own_key, self.peer_key)))
        say, hear = (first, second) if self.began else (second, first)
        return Spoken(spoken(self.nonce), say, hear)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The nonce in words, the half this hospital reads out, and the half it must hear."""

    nonce: str
    say: str
    hear: str


@dataclass(frozen=True, slots=True)
class PeerWord:
    """This hospital's sealed word on one key, perhaps taken back."""

    peer_site_id: str
    peer_key: bytes
    sealed: bytes
    signed_at: datetime
    revoked_at: datetime | None = None


def read_roster(
    sealed: bytes, coordinator: PublicIdentity, last: Roster | None, *, own: tuple[str, PublicIdentity]
) -> Roster:
    """The version after the last.

    Raises:
        RosterRefused: not sealed by this hospital's coordinator, no roster, not the version after the last, with
            another key for this hospital, or with a signature that is forged.
    """
    roster = opened_roster(sealed, coordinator)
    check_follows(roster, last)
    site_id, identity = own
    if roster.keys().get(site_id, identity.raw) != identity.raw:
        raise RosterRefused("another key for this hospital")
    for one in roster.sealed_peer_keys:
        read_peer_key(one)
    return roster


def opened_roster(sealed: bytes, coordinator: PublicIdentity) -> Roster:
    """A version as it was sealed. Raises: RosterRefused."""
    try:
        frame = unseal(sealed, coordinator, Purpose.ROSTER)
        roster, blob = decode(frame, Roster, max_bytes=ROSTER_BYTES_MAX)
    except (SignatureRefused, FrameRefused) as reason:
        raise RosterRefused(str(reason)) from None
    if blob:
        raise RosterRefused("a roster carries no bytes")
    return roster


def believed_keys(
    roster: Roster | None, words: Iterable[PeerWord], own: tuple[str, PublicIdentity], *, vouchers: int
) -> dict[str, PublicIdentity]:
    """The members this hospital believes, itself included; nobody before there is a roster it stands in.

    Raises:
        RosterRefused: the roster has another key for this hospital, or a signature in it is forged.
    """
    site_id, _ = own
    if roster is None or all(member.site_id != site_id for member in roster.members):
        return {}
    held = tuple(words)
    return believed(
        roster,
        own=own,
        vouchers=vouchers,
        own_words=[one.sealed for one in held if one.revoked_at is None],
        revoked=frozenset(one.peer_key for one in held if one.revoked_at is not None),
    )
