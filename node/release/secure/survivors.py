"""The last steps: one list of survivors, agreed on where it must be, and the shares that open its sum and no other.

A list is accepted when it names this node and enough members, all among its peers, and every one of them states the
same peers, adverts and model in its own hand. One list a round is ever revealed for, in whichever attempt: t shares
open a secret, so two lists would need t nodes each, and 2t > n + c leaves one honest node in both. Where the threshold
is below n - 1 that argument holds for lists only when t nodes said so beforehand (`MaskingRound.folds`).
Source: Bonawitz et al., CCS 2017, figure 4, rounds 3 and 4; Pasquini et al., arXiv 2111.07380.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from node.release.secure.place import Place, read_words
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.state import Act, SecureRound, after, check_same_attempt
from protocols.errors import SignatureRefused
from protocols.masking import MaskedStatement, RevealedShare, SurvivorInstruction, SurvivorVote, UnmaskingShares
from protocols.signing import Purpose, unseal_any


def vote(state: SecureRound, asked: SurvivorInstruction, place: Place) -> tuple[SecureRound, SurvivorVote]:
    """The round with this node's one vote in this attempt.

    Raises:
        SecureRefused: out of turn, or a list that is not accepted.
    """
    check_same_attempt(state, asked.about)
    stage = after(state, Act.VOTE)
    check_list(state, asked, place)
    return replace(state, stage=stage, voted_for=asked.survivors), _vote(state, asked.survivors, place.site_id)


def reveal(state: SecureRound, asked: SurvivorInstruction, place: Place) -> tuple[SecureRound, UnmaskingShares]:
    """The round with its secrets gone, and the shares that open the sum of the list.

    Raises:
        SecureRefused: out of turn, a list that is not accepted, or too few votes where rounds do not fold.
    """
    check_same_attempt(state, asked.about)
    stage = after(state, Act.REVEAL)
    check_list(state, asked, place)
    if not state.about.folds:
        _check_votes(state, asked, place)
    message = _shares(state, asked.survivors, place)
    revealed = replace(state, stage=stage, revealed_for=asked.survivors, secrets=None, own_share=None, held=())
    return revealed, message


def check_list(state: SecureRound, asked: SurvivorInstruction, place: Place) -> None:
    """Return when the list may be opened, as far as this node can know.

    Raises:
        SecureRefused: another list than this node voted or revealed for, too short, without this node or beyond its
            peers, or a statement that is forged or differs in peers, adverts or model.
    """
    survivors = asked.survivors
    for bound in (state.voted_for, state.revealed_for):
        if bound and bound != survivors:
            raise SecureRefused(SecureReason.OTHER_LIST)
    if place.site_id not in survivors or not set(survivors) <= set(state.peers):
        raise SecureRefused(SecureReason.LIST_REFUSED)
    if len(survivors) < max(state.about.least_survivors, place.min_survivors):
        raise SecureRefused(SecureReason.LIST_REFUSED)
    sealed = dict(zip(survivors, asked.sealed_statements, strict=True))
    if hashlib.sha256(sealed[place.site_id]).hexdigest() != state.statement_sha256:
        raise SecureRefused(SecureReason.STATEMENT_FORGED)
    statements = read_words(
        sealed, MaskedStatement, Purpose.MASKED_STATEMENT, place=place, forged=SecureReason.STATEMENT_FORGED
    )
    for site, said in statements.items():
        if (said.site_id, said.about) != (site, state.about):
            raise SecureRefused(SecureReason.STATEMENT_FORGED)
        if (said.adverts_sha256, said.peers) != (state.adverts_sha256, state.peers):
            raise SecureRefused(SecureReason.STATEMENTS_DIFFER)
        if said.model_sha256 != state.trained_sha256:
            raise SecureRefused(SecureReason.OTHER_MODEL)


def _check_votes(state: SecureRound, asked: SurvivorInstruction, place: Place) -> None:
    """Return when t members of the list voted for it, each in its own hand."""
    sealed = _by_signer(asked, place)
    votes = read_words(sealed, SurvivorVote, Purpose.SURVIVOR_VOTE, place=place, forged=SecureReason.VOTE_FORGED)
    if any(said != _vote(state, asked.survivors, site) for site, said in votes.items()):
        raise SecureRefused(SecureReason.VOTE_FORGED)
    if len(votes) < state.about.threshold_t:
        raise SecureRefused(SecureReason.TOO_FEW_VOTES)


def _by_signer(asked: SurvivorInstruction, place: Place) -> dict[str, bytes]:
    """Votes by the member of the list whose key sealed them, each member's once."""
    owners = {place.believed[site].raw: site for site in asked.survivors}
    found: dict[str, bytes] = {}
    for one in asked.sealed_votes:
        try:
            site = owners.get(unseal_any(one, Purpose.SURVIVOR_VOTE).signer.raw)
        except SignatureRefused:
            raise SecureRefused(SecureReason.VOTE_FORGED) from None
        if site is None or site in found:
            raise SecureRefused(SecureReason.VOTE_FORGED)
        found[site] = one
    return found


def _vote(state: SecureRound, survivors: tuple[str, ...], site_id: str) -> SurvivorVote:
    return SurvivorVote(
        site_id=site_id,
        about=state.about,
        adverts_sha256=state.adverts_sha256,
        model_sha256=state.trained_sha256,
        survivors=survivors,
    )


def _shares(state: SecureRound, survivors: tuple[str, ...], place: Place) -> UnmaskingShares:
    """Of a survivor its seed's share, of another peer its mask key's; nobody's both."""
    if state.own_share is None:
        raise SecureRefused(SecureReason.OUT_OF_TURN)
    held = {**dict(state.held), place.site_id: state.own_share}
    return UnmaskingShares(
        site_id=place.site_id,
        about=state.about,
        survivors=survivors,
        seeds=tuple(RevealedShare(site_id=peer, share=held[peer].seed_share) for peer in survivors),
        mask_keys=tuple(
            RevealedShare(site_id=peer, share=held[peer].key_share) for peer in state.peers if peer not in survivors
        ),
    )
