"""Where one round of secure aggregation stands on this node: one value per run and round, of its latest attempt.

| stage | what was sent | what may be asked next |
| --- | --- | --- |
| advertised | two public keys | shares |
| shared | sealed shares for every peer | the masked update |
| masked | the masked vector and its statement | a vote; unmasking where rounds fold |
| voted | one vote for one list | unmasking |
| revealed | the shares that open the sum | nothing |
| ended | - | nothing: a lie was found, or a newer attempt began |

A newer attempt starts over with fresh keys. What outlives attempts: the members, the model, and the list this node
revealed for; a later attempt can open no other sum, or the difference of two sums would be one hospital's update. The
same holds for another run of the plan, and for any plan in which the very same update comes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from node.release.secure.refusals import SecureReason, SecureRefused
from protocols.mask_streams import SharePair
from protocols.masking import MaskingAdvert, MaskingRound


class Stage(StrEnum):
    """Where an attempt stands."""

    ADVERTISED = "advertised"
    SHARED = "shared"
    MASKED = "masked"
    VOTED = "voted"
    REVEALED = "revealed"
    ENDED = "ended"


class Act(StrEnum):
    """What a coordinator can ask for in an attempt."""

    ADVERTISE = "advertise"
    """Begins one; the others need one under way."""
    SHARE = "share"
    MASK = "mask"
    VOTE = "vote"
    REVEAL = "reveal"


TRANSITIONS: Mapping[tuple[Stage, Act], Stage] = MappingProxyType(
    {
        (Stage.ADVERTISED, Act.SHARE): Stage.SHARED,
        (Stage.SHARED, Act.MASK): Stage.MASKED,
        (Stage.MASKED, Act.VOTE): Stage.VOTED,
        (Stage.MASKED, Act.REVEAL): Stage.REVEALED,
        (Stage.VOTED, Act.REVEAL): Stage.REVEALED,
    }
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must never leave, nor enter a backup: two private keys and the self-mask seed, 32 bytes each."""

    mask_private: bytes
    share_private: bytes
    seed: bytes


@dataclass(frozen=True, slots=True)
class RoundName:
    """Which round of which run; the key it is kept under."""

    plan_id: str
    run_id: str
    round: int


@dataclass(frozen=True, slots=True)
class SecureRound:
    """One round on this node."""

    about: MaskingRound
    stage: Stage
    members: tuple[str, ...]
    """All members of the run, ascending; a member's place in it, from 1, is its number as a holder of shares."""
    model_sha256: str
    """The model this member held when it spoke its advert."""
    secrets: Secrets | None
    adverts_sha256: str = ""
    adverts: tuple[MaskingAdvert, ...] = ()
    own_share: SharePair | None = None
    held: tuple[tuple[str, SharePair], ...] = ()
    """What this node holds of its peers."""
    peers: tuple[str, ...] = ()
    """Whom it masked with, itself included."""
    trained_sha256: str = ""
    """The model its masked update was trained on."""
    statement_sha256: str = ""
    """Its own sealed statement."""
    words_sha256: str = ""
    """What it masked, before the mask: the same update is never in two sums."""
    voted_for: tuple[str, ...] = ()
    revealed_for: tuple[str, ...] = ()
    """The list this node revealed shares for, in whichever attempt of this round or with the same update before."""

    @property
    def name(self) -> RoundName:
        """The key it is kept under."""
        return name_of(self.about)

    def advert_of(self, site_id: str) -> MaskingAdvert:
        """The advert of a member of the sheet."""
        return next(advert for advert in self.adverts if advert.site_id == site_id)


def name_of(about: MaskingRound) -> RoundName:
    """The round an instruction is about."""
    return RoundName(about.plan_id, about.run_id, about.round)


def after(state: SecureRound, act: Act) -> Stage:
    """The stage after the act. Raises: SecureRefused."""
    try:
        return TRANSITIONS[(state.stage, act)]
    except KeyError:
        raise SecureRefused(SecureReason.OUT_OF_TURN) from None


def ended(state: SecureRound) -> SecureRound:
    """The round with its attempt ended and every secret of it gone; what binds later attempts stays."""
    return replace(state, stage=Stage.ENDED, secrets=None, own_share=None, held=())


def check_same_attempt(state: SecureRound, about: MaskingRound) -> None:
    """Return when this is the attempt under way. Raises: SecureRefused."""
    if about.attempt < state.about.attempt:
        raise SecureRefused(SecureReason.OLD_ATTEMPT)
    if about.attempt > state.about.attempt:
        raise SecureRefused(SecureReason.OUT_OF_TURN)
    if about != state.about:
        raise SecureRefused(SecureReason.OTHER_TERMS)
