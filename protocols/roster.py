"""The roster: which hospitals belong together, with the keys the hospitals themselves vouch for.

A hospital signs another's identity key once two people compared words over both keys (`protocols.spoken`). The
coordinator only keeps the list: a key it puts in by itself has no hospital's signature and is believed by nobody.
Versions are chained by hash, so a version cannot be rewritten nor two be told for one. A changed key has no signatures
until the hospitals compared again; who is left out of a version is a member no more. A hospital may take its word back;
the coordinator then leaves the word out of the versions that follow. It could go on telling the others the old one, but
whoever took a word back believes that key no more, whoever else vouches for it.
Not done here: which version a node has seen last, and how people compare (`node.flows.peers`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, TypeVar

from pydantic import Field, model_validator

from protocols.encoding import Base64, Digest, Instant, Name, Part, Wire, canonical_json, decode
from protocols.errors import FrameRefused, ProtocolError, SignatureRefused
from protocols.ids import Uuid
from protocols.signing import PublicIdentity, Purpose, unseal_any

W = TypeVar("W", bound=Wire)
GENESIS = "0" * 64
MEMBERS_MAX = 256
SIGNATURES_MAX = 1024
ROSTER_BYTES_MAX = 2 * 1_048_576
PEER_KEY_BYTES_MAX = 1_024

IdentityKey = Annotated[Base64, Field(min_length=32, max_length=32)]
"""An Ed25519 public key. Source: RFC 8032."""


class RosterRefused(ProtocolError):
    """A roster that does not follow the last one, names a member twice, or carries a signature that does not hold."""


class PeerKey(Wire):
    """One hospital's word that this key is that hospital's: two people compared it (sealed for `peer-key`)."""

    kind: ClassVar[str] = "peer-key"
    version: ClassVar[int] = 1

    signer_site_id: Uuid
    peer_site_id: Uuid
    peer_key: IdentityKey
    signed_at: Instant


class PeerKeyRevocation(Wire):
    """One hospital takes its word on another's key back (sealed for `peer-key-revocation`)."""

    kind: ClassVar[str] = "peer-key-revocation"
    version: ClassVar[int] = 1

    signer_site_id: Uuid
    peer_site_id: Uuid
    peer_key: IdentityKey
    revoked_at: Instant


class RosterMember(Part):
    """One hospital and the key it is said to have."""

    site_id: Uuid
    site_name: Name
    identity_key: IdentityKey

    @property
    def identity(self) -> PublicIdentity:
        """The key as what others verify with."""
        return PublicIdentity(self.identity_key)


class Roster(Wire):
    """One version of the list, with every hospital's signatures over the others' keys (sealed for `roster`)."""

    kind: ClassVar[str] = "roster"
    version: ClassVar[int] = 1

    number: Annotated[int, Field(ge=1, le=1_000_000)]
    previous_sha256: Digest
    made_at: Instant
    members: Annotated[tuple[RosterMember, ...], Field(min_length=1, max_length=MEMBERS_MAX)]
    sealed_peer_keys: Annotated[
        tuple[Annotated[Base64, Field(min_length=1, max_length=PEER_KEY_BYTES_MAX)], ...],
        Field(max_length=SIGNATURES_MAX),
    ]

    @model_validator(mode="after")
    def _each_once(self) -> Roster:
        sites = [member.site_id for member in self.members]
        if sites != sorted(set(sites)) or len({member.identity_key for member in self.members}) != len(sites):
            raise ValueError("members are named in ascending order, each site and key once")
        return self

    def keys(self) -> dict[str, bytes]:
        """Identity keys by site, as the list has them; believed by nobody for that."""
        return {member.site_id: member.identity_key for member in self.members}


def roster_digest(roster: Roster) -> str:
    """SHA-256 of a version, hexadecimal; the next version's `previous_sha256`."""
    return hashlib.sha256(b"intramuros/roster/1" + canonical_json(roster.model_dump(mode="json"))).hexdigest()


def check_follows(roster: Roster, last: Roster | None) -> None:
    """Return when this version is the one after the last this node held, or the first.

    Raises:
        RosterRefused: an older one, one left out, or a rewritten past.
    """
    number, digest = (1, GENESIS) if last is None else (last.number + 1, roster_digest(last))
    if (roster.number, roster.previous_sha256) != (number, digest):
        raise RosterRefused(f"not the version after {number - 1}")


def believed(
    roster: Roster,
    *,
    own: tuple[str, PublicIdentity],
    vouchers: int,
    own_words: Iterable[bytes] = (),
    revoked: frozenset[bytes] = frozenset(),
) -> dict[str, PublicIdentity]:
    """The members whose keys this hospital may believe, itself included.

    A key is believed when this hospital compared it itself (`own_words`: its own sealed signatures), or when
    `vouchers` members believed already did. With one more voucher than there are dishonest hospitals, one of them is
    honest and compared; so no key the coordinator made up is ever believed. Keys this hospital took its word back from
    (`revoked`) are not believed, and vouch for nobody.

    Raises:
        RosterRefused: this hospital is not in it under its own key, or a signature in it is forged or unreadable.
    """
    site_id, identity = own
    keys = roster.keys()
    if keys.get(site_id) != identity.raw:
        raise RosterRefused("this hospital is not in the roster under its own key")
    signed = _signatures((*roster.sealed_peer_keys, *own_words), keys)
    open_to = [peer for peer, key in keys.items() if key not in revoked]
    known = {site_id}
    while True:
        reached = {peer for peer in open_to if site_id in signed[peer] or len(signed[peer] & known) >= max(1, vouchers)}
        if reached <= known:
            return {member: PublicIdentity(keys[member]) for member in sorted(known)}
        known |= reached


def _signatures(sealed: Iterable[bytes], keys: Mapping[str, bytes]) -> dict[str, set[str]]:
    """By member, who signed the very key it has in the roster."""
    signed: dict[str, set[str]] = {site_id: set() for site_id in keys}
    for one in sealed:
        signer, word = read_peer_key(one)
        if keys.get(word.signer_site_id) == signer.raw and keys.get(word.peer_site_id) == word.peer_key:
            signed[word.peer_site_id].add(word.signer_site_id)
    return signed


def read_peer_key(sealed: bytes) -> tuple[PublicIdentity, PeerKey]:
    """A hospital's word on another's key, and whose seal it carries; whose key that is, is not said here.

    Raises:
        RosterRefused: no such word, or one on the signer's own key.
    """
    signer, word = _opened(sealed, PeerKey, Purpose.PEER_KEY)
    if word.signer_site_id == word.peer_site_id:
        raise RosterRefused("not a word on another's key")
    return signer, word


def read_revocation(sealed: bytes) -> tuple[PublicIdentity, PeerKeyRevocation]:
    """A word taken back, and whose seal it carries. Raises: RosterRefused."""
    return _opened(sealed, PeerKeyRevocation, Purpose.PEER_KEY_REVOCATION)


def _opened(sealed: bytes, expected: type[W], purpose: Purpose) -> tuple[PublicIdentity, W]:
    try:
        opened = unseal_any(sealed, purpose)
        word, blob = decode(opened.frame, expected, max_bytes=PEER_KEY_BYTES_MAX)
    except (SignatureRefused, FrameRefused) as reason:
        raise RosterRefused(str(reason)) from None
    if blob:
        raise RosterRefused("a word on a key carries no bytes")
    return opened.signer, word
