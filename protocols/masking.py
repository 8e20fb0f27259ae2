"""Secure aggregation on the wire: what members of a run and the coordinator say so that only a sum is ever read.

Five exchanges: adverts of two fresh keys, sealed shares, the masked update with its signed statement, a signed vote for
one survivor list, and the shares that unmask the sum. Adverts, statements and votes are sealed by the hospital's
identity and travel on to the other hospitals, which believe nobody else. Where the threshold is all members or all but
one, the vote may be left out (`MaskingRound.folds`); anywhere else two lists could be answered and part of a sum read.
Nothing here decides: the node's rules are in `node.release.secure`, the sum is in `coordinator.aggregation`.
Source: Bonawitz et al., Practical Secure Aggregation, CCS 2017, figure 4 (active adversaries).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from protocols.encoding import Base64, Digest, Part, Wire
from protocols.ids import Uuid
from protocols.instructions import Attempt, RoundNumber
from protocols.models import TensorSpec
from protocols.plans import Aggregation
from protocols.secret_shares import SHARE_BYTES
from protocols.updates import Metric

MEMBERS_MIN, MEMBERS_MAX = 3, 64
"""So many statements and votes fit in one frame's header."""
SURVIVORS_MIN = 3
"""How many honest updates a sum must hide one among."""
SEALED_SHARES_BYTES = 12 + 2 * SHARE_BYTES + 16
"""Nonce, two shares, tag."""
SEALED_BYTES_MAX = 6_000
"""A sealed statement or vote that names every member of the largest run."""
ADVERT_BYTES_MAX = 2_000


def _ascending(sites: tuple[str, ...]) -> tuple[str, ...]:
    if any(later <= earlier for earlier, later in pairwise(sites)):
        raise ValueError("sites are named in ascending order, each once")
    return sites


Sites = Annotated[tuple[Uuid, ...], Field(min_length=MEMBERS_MIN, max_length=MEMBERS_MAX), AfterValidator(_ascending)]
"""Members in ascending order, each once: one set has one spelling."""
AgreementKey = Annotated[Base64, Field(min_length=32, max_length=32)]
"""An X25519 public key. Source: RFC 7748 section 5."""
Share = Annotated[Base64, Field(min_length=SHARE_BYTES, max_length=SHARE_BYTES)]
SealedWord = Annotated[Base64, Field(min_length=1, max_length=SEALED_BYTES_MAX)]
SealedAdvert = Annotated[Base64, Field(min_length=1, max_length=ADVERT_BYTES_MAX)]
WordBits = Literal[16, 32, 64]
"""16 for updates that go in parts (`protocols.sparse`)."""


class MaskingRound(Part):
    """Which attempt of which round, among whom, and how many members a lie must corrupt."""

    plan_id: Uuid
    run_id: Uuid
    round: RoundNumber
    attempt: Attempt
    members_sha256: Digest
    """The members of the run with their identity keys (`members_digest`); the same for the whole run."""
    members_n: Annotated[int, Field(ge=MEMBERS_MIN, le=MEMBERS_MAX)]
    threshold_t: Annotated[int, Field(ge=2, le=MEMBERS_MAX)]
    """How many members' shares open a secret."""
    colluders_c: Annotated[int, Field(ge=0, le=MEMBERS_MAX)]
    """How many members may stand with the coordinator without an honest update being read."""

    @model_validator(mode="after")
    def _no_two_lists_can_win(self) -> MaskingRound:
        if self.threshold_t > self.members_n or 2 * self.threshold_t <= self.members_n + self.colluders_c:
            raise ValueError("a threshold must be within n and over half of n + c")
        if self.least_survivors > self.members_n:
            raise ValueError("too few members to hide one among them")
        return self

    @property
    def least_survivors(self) -> int:
        """The fewest members a sum may be of."""
        return max(self.threshold_t, self.colluders_c + SURVIVORS_MIN)

    @property
    def folds(self) -> bool:
        """Whether unmasking may follow the list at once, without a vote: no two lists can be answered."""
        return self.threshold_t >= self.members_n - 1


class MaskingAdvert(Wire):
    """A member's two fresh public keys for one attempt, and its word on the seed and the model it holds."""

    kind: ClassVar[str] = "masking-advert"
    version: ClassVar[int] = 1

    site_id: Uuid
    about: MaskingRound
    model_sha256: Digest
    """The global model this member held when it spoke: in round one the starting weights."""
    mask_key: AgreementKey
    share_key: AgreementKey
    seed_commitment: Digest


class SumTold(Part):
    """How many members a sum is of, and the sum of their weights; the sum itself rides as the frame's blob."""

    survivors: Annotated[int, Field(ge=SURVIVORS_MIN, le=MEMBERS_MAX)]
    weight: Annotated[int, Field(ge=1, le=2**40)]
    sites: Sites | None = None
    """Who they are, told where updates go in turns: what of a member's update was in no sum it sends again."""

    @model_validator(mode="after")
    def _so_many_are_named(self) -> SumTold:
        if self.sites is not None and len(self.sites) != self.survivors:
            raise ValueError("not as many sites as survivors")
        return self


class AdvertInstruction(Wire):
    """Make fresh keys for this attempt. `members` are the run's.

    From round two on `opened` and the blob are the sum of the round before: the plan's words, signed, little endian, of
    weight x fixed-point update; where updates go in turns, of the steps of the numbers whose turn it was. Each hospital
    makes the model named from it. Version 1 said nothing of a sum, version 2 not of whom it is.
    """

    kind: ClassVar[str] = "advert-instruction"
    version: ClassVar[int] = 3
    reads: ClassVar[tuple[int, ...]] = (1, 2)

    about: MaskingRound
    model_sha256: Digest
    members: Sites
    opened: SumTold | None = None


class ShareInstruction(Wire):
    """The adverts of the attempt, ascending by site: give every other member its shares."""

    kind: ClassVar[str] = "share-instruction"
    version: ClassVar[int] = 1

    about: MaskingRound
    sealed_adverts: Annotated[tuple[SealedAdvert, ...], Field(min_length=MEMBERS_MIN, max_length=MEMBERS_MAX)]


class SharePacket(Part):
    """A pair of shares on its way; `site_id` is the receiver when it leaves, the sender when it arrives."""

    site_id: Uuid
    sealed_shares: Annotated[Base64, Field(min_length=SEALED_SHARES_BYTES, max_length=SEALED_SHARES_BYTES)]


SharePackets = Annotated[tuple[SharePacket, ...], Field(min_length=1, max_length=MEMBERS_MAX)]


class MaskingShares(Wire):
    """A member's sealed shares, one packet for every other member of the sheet."""

    kind: ClassVar[str] = "masking-shares"
    version: ClassVar[int] = 1

    site_id: Uuid
    about: MaskingRound
    adverts_sha256: Digest
    packets: SharePackets


class MaskInstruction(Wire):
    """Train on the model in the blob (float32) and answer masked, with the peers whose shares these are."""

    kind: ClassVar[str] = "mask-instruction"
    version: ClassVar[int] = 1

    about: MaskingRound
    model_sha256: Digest
    packets: SharePackets


class MaskedStatement(Wire):
    """What a member's masked vector is of; sealed, and read by all other members before they unmask."""

    kind: ClassVar[str] = "masked-statement"
    version: ClassVar[int] = 1

    site_id: Uuid
    about: MaskingRound
    adverts_sha256: Digest
    peers: Sites
    """Every member it masked with, itself included."""
    model_sha256: Digest
    vector_sha256: Digest


class MaskedUpdate(Wire):
    """One hospital's masked update: words, little endian, of weight x update and then the weight, modulo 2**bits.

    Words of 16 bits are of the steps whose turn it is and then the weight in two digits (`protocols.sparse`).
    """

    kind: ClassVar[str] = "masked-update"
    version: ClassVar[int] = 1

    site_id: Uuid
    sealed_statement: SealedWord
    scale_bits: Annotated[int, Field(ge=8, le=24)]
    word_bits: WordBits
    tensors: Annotated[tuple[TensorSpec, ...], Field(min_length=1, max_length=4096)]
    metrics: Annotated[tuple[Metric, ...], Field(max_length=16)]


class SurvivorInstruction(Wire):
    """The members in the sum with their statements, in one order: to vote for, or with the votes, if any, to unmask."""

    kind: ClassVar[str] = "survivor-instruction"
    version: ClassVar[int] = 1

    about: MaskingRound
    survivors: Sites
    sealed_statements: Annotated[tuple[SealedWord, ...], Field(min_length=MEMBERS_MIN, max_length=MEMBERS_MAX)]
    unmask: bool
    sealed_votes: Annotated[tuple[SealedWord, ...], Field(max_length=MEMBERS_MAX)]

    @model_validator(mode="after")
    def _one_statement_each(self) -> SurvivorInstruction:
        if len(self.sealed_statements) != len(self.survivors):
            raise ValueError("one statement for every survivor")
        if self.sealed_votes and not self.unmask:
            raise ValueError("votes come with the asking for shares")
        return self


class SurvivorVote(Wire):
    """A member's one word in an attempt on who is in the sum."""

    kind: ClassVar[str] = "survivor-vote"
    version: ClassVar[int] = 1

    site_id: Uuid
    about: MaskingRound
    adverts_sha256: Digest
    model_sha256: Digest
    survivors: Sites


class RevealedShare(Part):
    """A share of the named member's secret."""

    site_id: Uuid
    share: Share


RevealedShares = Annotated[tuple[RevealedShare, ...], Field(max_length=MEMBERS_MAX)]


class UnmaskingShares(Wire):
    """What unmasks a sum: of each survivor a share of its seed, of each other peer one of its mask key; never both."""

    kind: ClassVar[str] = "unmasking-shares"
    version: ClassVar[int] = 1

    site_id: Uuid
    about: MaskingRound
    survivors: Sites
    seeds: RevealedShares
    mask_keys: RevealedShares

    @model_validator(mode="after")
    def _never_both(self) -> UnmaskingShares:
        named = [shown.site_id for shown in (*self.seeds, *self.mask_keys)]
        if len(set(named)) != len(named):
            raise ValueError("two shares of one member")
        return self


def members_digest(identities: Mapping[str, bytes]) -> str:
    """SHA-256 over the members of a run and their identity keys, ascending; hexadecimal."""
    digest = hashlib.sha256(b"intramuros/members/1")
    for site_id in sorted(identities):
        digest.update(f"{site_id}|{identities[site_id].hex()}\n".encode("ascii"))
    return digest.hexdigest()


def adverts_digest(sealed_adverts: Iterable[bytes]) -> str:
    """SHA-256 over the sealed adverts of an attempt in the order of their sheet; hexadecimal."""
    digest = hashlib.sha256(b"intramuros/adverts/1")
    for sealed in sealed_adverts:
        digest.update(hashlib.sha256(sealed).digest())
    return digest.hexdigest()


def most_members(asked: Aggregation) -> int:
    """The most members a run of such a plan can have, so that no two lists can win; 0 when no number fits."""
    most = min(MEMBERS_MAX, 2 * asked.threshold_t - asked.colluders_c - 1)
    return most if most >= max(asked.threshold_t, asked.colluders_c + SURVIVORS_MIN) else 0
