"""What the coordinator carries between the members of a secure round: it relays, and can read none of it.

Every word is checked as its member's before it travels on, so that one broken site costs itself and not the round;
members check it all again, because they believe hospitals alone. A member that is silent at a step is left out of the
steps that follow. Source: Bonawitz et al., CCS 2017, figure 4, the server's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from coordinator.ground.errors import CoordinatorError
from protocols.encoding import Wire, decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.mask_streams import MaskContext
from protocols.masking import (
    SEALED_BYTES_MAX,
    MaskedStatement,
    MaskingAdvert,
    MaskingRound,
    MaskingShares,
    MaskInstruction,
    ShareInstruction,
    SharePacket,
    SurvivorInstruction,
    SurvivorVote,
    adverts_digest,
)
from protocols.signing import PublicIdentity, Purpose, unseal

W = TypeVar("W", bound=Wire)


class SecureFault(StrEnum):
    """Why a secure round gives no sum."""

    TOO_FEW_MEMBERS = "too-few-members"
    MODELS_DIFFER = "models-differ"
    SHARES_DO_NOT_OPEN = "shares-do-not-open"
    SUM_OUT_OF_RANGE = "sum-out-of-range"


class SecureRoundFailed(CoordinatorError):
    """No sum of this attempt; which site is to blame is not claimed."""

    def __init__(self, fault: SecureFault) -> None:
        super().__init__(f"no sum: {fault.value}")
        self.fault = fault


class WordRefused(CoordinatorError):
    """A member's word that is not its own or not of this attempt; it counts as silence."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a run, and the attempt under way."""

    about: MaskingRound
    identities: Mapping[str, PublicIdentity]

    def number_of(self, site_id: str) -> int:
        """A member's number as a holder of shares: its place in ascending order, from 1."""
        return sorted(self.identities).index(site_id) + 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """The adverts of an attempt, fixed: from here on everything is over their digest."""

    members: Members
    model_sha256: str
    """The model members held when they spoke; with folded rounds that of one round before."""
    sealed: Mapping[str, bytes]
    adverts: Mapping[str, MaskingAdvert]

    @property
    def sha256(self) -> str:
        """The digest of the sheet."""
        return adverts_digest(self.sealed[site] for site in sorted(self.sealed))

    @property
    def context(self) -> MaskContext:
        """What masks of this attempt are derived under."""
        return MaskContext(self.members.about, self.sha256)

    def instruction(self) -> ShareInstruction:
        """What every member of the sheet is sent."""
        ascending = tuple(self.sealed[site] for site in sorted(self.sealed))
        return ShareInstruction(about=self.members.about, sealed_adverts=ascending)


def read_word(sealed: bytes, expected: type[W], purpose: Purpose, *, by: PublicIdentity) -> W:
    """A member's word. Raises: WordRefused."""
    try:
        message, _ = decode(unseal(sealed, by, purpose), expected, max_bytes=SEALED_BYTES_MAX)
    except (SignatureRefused, FrameRefused):
        raise WordRefused("not this member's word") from None
    return message


def sheet_of(members: Members, model_sha256: str, sealed: Mapping[str, bytes]) -> Sheet:
    """The sheet of all adverts that hold. Raises: SecureRoundFailed when they are too few."""
    adverts: dict[str, MaskingAdvert] = {}
    for site, one in sealed.items():
        try:
            advert = read_word(one, MaskingAdvert, Purpose.MASKING_ADVERT, by=members.identities[site])
        except WordRefused:
            continue
        if (advert.site_id, advert.about, advert.model_sha256) == (site, members.about, model_sha256):
            adverts[site] = advert
    check_enough(members.about, len(adverts))
    return Sheet(members, model_sha256, {site: sealed[site] for site in adverts}, adverts)


def mask_instructions(
    sheet: Sheet, dealt: Mapping[str, MaskingShares], *, model_sha256: str
) -> dict[str, MaskInstruction]:
    """What each member that gave whole shares is sent with the model to train on: the shares of all others that did.

    Raises:
        SecureRoundFailed: too few gave theirs.
    """
    whole = {site: shares for site, shares in dealt.items() if _is_whole(sheet, site, shares)}
    check_enough(sheet.members.about, len(whole))
    return {
        site: MaskInstruction(about=sheet.members.about, model_sha256=model_sha256, packets=_packets(site, whole))
        for site in whole
    }


def survivor_instruction(
    sheet: Sheet, statements: Mapping[str, bytes], *, votes: tuple[bytes, ...] | None = None, unmask: bool
) -> SurvivorInstruction:
    """The list of all whose masked update is held, with their statements. Raises: SecureRoundFailed."""
    check_enough(sheet.members.about, len(statements))
    said = {
        site: read_word(sealed, MaskedStatement, Purpose.MASKED_STATEMENT, by=sheet.members.identities[site])
        for site, sealed in statements.items()
    }
    if len({(word.adverts_sha256, word.peers, word.model_sha256) for word in said.values()}) != 1:
        raise SecureRoundFailed(SecureFault.MODELS_DIFFER)
    survivors = tuple(sorted(statements))
    return SurvivorInstruction(
        about=sheet.members.about,
        survivors=survivors,
        sealed_statements=tuple(statements[site] for site in survivors),
        unmask=unmask,
        sealed_votes=votes or (),
    )


def counted_votes(sheet: Sheet, survivors: tuple[str, ...], sealed: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """The votes of members of the list for it. Raises: SecureRoundFailed when they are too few."""
    counted = []
    for site in survivors:
        try:
            said = read_word(sealed[site], SurvivorVote, Purpose.SURVIVOR_VOTE, by=sheet.members.identities[site])
        except (KeyError, WordRefused):
            continue
        if (said.site_id, said.about, said.survivors) == (site, sheet.members.about, survivors):
            counted.append(sealed[site])
    if len(counted) < sheet.members.about.threshold_t:
        raise SecureRoundFailed(SecureFault.TOO_FEW_MEMBERS)
    return tuple(counted)


def check_enough(about: MaskingRound, count: int) -> None:
    """Return when so many members can still make a sum. Raises: SecureRoundFailed."""
    if count < about.least_survivors:
        raise SecureRoundFailed(SecureFault.TOO_FEW_MEMBERS)


def _is_whole(sheet: Sheet, site: str, shares: MaskingShares) -> bool:
    receivers = tuple(packet.site_id for packet in shares.packets)
    others = tuple(sorted(set(sheet.adverts) - {site}))
    named = (shares.site_id, shares.about, shares.adverts_sha256)
    return named == (site, sheet.members.about, sheet.sha256) and receivers == others


def _packets(receiver: str, whole: Mapping[str, MaskingShares]) -> tuple[SharePacket, ...]:
    found = {
        sender: packet.sealed_shares
        for sender, shares in whole.items()
        for packet in shares.packets
        if packet.site_id == receiver
    }
    return tuple(SharePacket(site_id=sender, sealed_shares=found[sender]) for sender in sorted(found))
