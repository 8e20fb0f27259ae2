"""The third step: the vector under its own mask and one mask for every peer, and the signed word on what it is of.

Masks cancel in pairs: of two members the one named later adds, the other subtracts. A member's own mask hides its
vector even when its pair masks become known (it was late, not gone). Source: Bonawitz et al., CCS 2017, section 4 and
figure 4, round 2.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from node.release.secure.place import Place
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.sharing import secrets_of
from node.release.secure.state import Act, SecureRound, after, check_same_attempt
from node.release.secure.words import Words, bits_of, from_bytes, to_bytes
from protocols.mask_streams import (
    KeyRefused,
    MaskContext,
    ShareLine,
    SharePair,
    SharesDamaged,
    pair_seed,
    self_seed,
    stream,
)
from protocols.masking import MaskedStatement, MaskInstruction, SharePacket, WordBits


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked vector's bytes and the sealed statement that goes with it."""

    blob: bytes
    sealed_statement: bytes


def accept_shares(state: SecureRound, asked: MaskInstruction, place: Place) -> SecureRound:
    """The round with its peers fixed and their shares held; asked for before any training.

    Raises:
        SecureRefused: out of turn, too few peers, one who is not in the sheet, shares that do not open, or another
            model than an earlier attempt was trained on.
    """
    check_same_attempt(state, asked.about)
    after(state, Act.MASK)
    if state.trained_sha256 not in {"", asked.model_sha256}:
        raise SecureRefused(SecureReason.OTHER_MODEL)
    senders = [packet.site_id for packet in asked.packets]
    sheet = {advert.site_id for advert in state.adverts} - {place.site_id}
    if senders != sorted(set(senders)) or not set(senders) <= sheet:
        raise SecureRefused(SecureReason.SHARES_DAMAGED)
    peers = tuple(sorted((*senders, place.site_id)))
    if len(peers) < max(state.about.least_survivors, place.min_survivors):
        raise SecureRefused(SecureReason.TOO_FEW_PEERS)
    held = tuple((packet.site_id, _opened(state, packet, place)) for packet in asked.packets)
    return replace(state, held=held, peers=peers, trained_sha256=asked.model_sha256)


def mask(state: SecureRound, words: Words, place: Place) -> tuple[SecureRound, Masked]:
    """The masked vector of a round whose peers are fixed (`accept_shares`). `words` are those of its one update.

    Raises:
        SecureRefused: out of turn.
    """
    stage = after(state, Act.MASK)
    bits = bits_of(words)
    blob = to_bytes(words + _mask(state, words.size, bits, place))
    statement = MaskedStatement(
        site_id=place.site_id,
        about=state.about,
        adverts_sha256=state.adverts_sha256,
        peers=state.peers,
        model_sha256=state.trained_sha256,
        vector_sha256=hashlib.sha256(blob).hexdigest(),
    )
    sealed = place.sealed_part(statement)
    own = hashlib.sha256(to_bytes(words)).hexdigest()
    masked = replace(state, stage=stage, statement_sha256=hashlib.sha256(sealed).hexdigest(), words_sha256=own)
    return masked, Masked(blob, sealed)


def _mask(state: SecureRound, count: int, bits: WordBits, place: Place) -> Words:
    """The sum of a member's masks, modulo 2**bits."""
    secrets, context = secrets_of(state), MaskContext(state.about, state.adverts_sha256)
    length = count * bits // 8
    own = self_seed(context, secrets.seed, site_id=place.site_id, model=state.trained_sha256)
    total = from_bytes(stream(own, length), bits)
    for peer in state.peers:
        if peer == place.site_id:
            continue
        pair = (place.site_id, peer)
        seed = pair_seed(
            context, secrets.mask_private, state.advert_of(peer).mask_key, pair=pair, model=state.trained_sha256
        )
        shared = from_bytes(stream(seed, length), bits)
        total = total + shared if place.site_id > peer else total - shared
    return total


def _opened(state: SecureRound, packet: SharePacket, place: Place) -> SharePair:
    line = ShareLine(MaskContext(state.about, state.adverts_sha256), packet.site_id, place.site_id)
    private, peer_key = secrets_of(state).share_private, state.advert_of(packet.site_id).share_key
    try:
        return line.open(packet.sealed_shares, private=private, peer_key=peer_key)
    except (SharesDamaged, KeyRefused):
        raise SecureRefused(SecureReason.SHARES_DAMAGED) from None
