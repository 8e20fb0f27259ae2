"""This hospital among the members of a run: whom it believes, what its plan allows, and who seals its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.encoding import Wire, decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.masking import SEALED_BYTES_MAX, MaskingRound, members_digest
from protocols.plans import Aggregation
from protocols.secret_shares import RandomBytes
from protocols.signing import PublicIdentity, Purpose, unseal

W = TypeVar("W", bound=Wire)


@dataclass(frozen=True, slots=True)
class Place:
    """What a node holds every step against."""

    site_id: str
    believed: Mapping[str, PublicIdentity]
    """Keys of the roster that hospitals vouched for, its own included."""
    aggregation: Aggregation
    """The approved plan's."""
    min_survivors: int
    """This hospital's own minimum."""
    sealed: Callable[[Wire, bytes], bytes]
    """The hospital's seal on a message and its blob, once they passed the gate."""
    sealed_part: Callable[[Wire], bytes]
    """The hospital's seal on what rides inside a message."""
    random_bytes: RandomBytes


def check_terms(about: MaskingRound, members: tuple[str, ...], place: Place) -> None:
    """Return when members and thresholds are what this hospital vouched for and approved.

    Raises:
        SecureRefused: another threshold than the plan's, too few survivors for this hospital, or a member whose key
            nobody vouched for.
    """
    aggregation = place.aggregation
    asked = (about.threshold_t, about.colluders_c, about.members_n)
    if asked != (aggregation.threshold_t, aggregation.colluders_c, len(members)):
        raise SecureRefused(SecureReason.OTHER_TERMS)
    if about.least_survivors < place.min_survivors:
        raise SecureRefused(SecureReason.OTHER_TERMS)
    if place.site_id not in members or not set(members) <= set(place.believed):
        raise SecureRefused(SecureReason.NOT_VOUCHED)
    if members_digest({member: place.believed[member].raw for member in members}) != about.members_sha256:
        raise SecureRefused(SecureReason.OTHER_MEMBERS)


def read_word(sealed: bytes, expected: type[W], purpose: Purpose, *, by: PublicIdentity) -> W:
    """What another hospital says, by its own seal.

    Raises:
        SignatureRefused, FrameRefused: it is not that hospital's, or not such a word.
    """
    message, blob = decode(unseal(sealed, by, purpose), expected, max_bytes=SEALED_BYTES_MAX)
    if blob:
        raise FrameRefused("a word carries no blob")
    return message


def read_words(
    sealed: Mapping[str, bytes], expected: type[W], purpose: Purpose, *, place: Place, forged: SecureReason
) -> dict[str, W]:
    """The words of named members, each by its own seal. Raises: SecureRefused with `forged`."""
    try:
        return {site: read_word(word, expected, purpose, by=place.believed[site]) for site, word in sealed.items()}
    except (SignatureRefused, FrameRefused, KeyError):
        raise SecureRefused(forged) from None
