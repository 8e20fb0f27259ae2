"""The first two steps: fresh keys for an attempt, and shares of its secrets for every peer.

Source: Bonawitz et al., CCS 2017, figure 4, rounds 0 and 1.
"""

from __future__ import annotations

from dataclasses import replace

from node.release.secure.place import Place, check_terms, read_word
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.state import Act, Secrets, SecureRound, Stage, after, check_same_attempt
from protocols.errors import FrameRefused, SignatureRefused
from protocols.mask_streams import KeyRefused, MaskContext, ShareLine, SharePair, commitment_of, public_of
from protocols.masking import (
    AdvertInstruction,
    MaskingAdvert,
    MaskingShares,
    ShareInstruction,
    SharePacket,
    adverts_digest,
)
from protocols.secret_shares import split
from protocols.signing import Purpose, unseal_any

_SECRET_BYTES = 32


def advertise(
    before: SecureRound | None, asked: AdvertInstruction, place: Place, *, members_of_run: str | None
) -> tuple[SecureRound, MaskingAdvert]:
    """An attempt under way, and its advert. `before` is the round's earlier state, `members_of_run` the digest the
    run began with.

    Raises:
        SecureRefused: other terms or members than plan, roster and run have, an attempt that is not newer, or another
            model than earlier attempts had.
    """
    about = asked.about
    check_terms(about, asked.members, place)
    if members_of_run not in {None, about.members_sha256}:
        raise SecureRefused(SecureReason.OTHER_MEMBERS)
    if before is not None and about.attempt <= before.about.attempt:
        raise SecureRefused(SecureReason.OLD_ATTEMPT)
    if before is not None and asked.model_sha256 not in {before.model_sha256, before.trained_sha256}:
        raise SecureRefused(SecureReason.OTHER_MODEL)
    secrets = Secrets(*(place.random_bytes(_SECRET_BYTES) for _ in range(3)))
    state = SecureRound(about, Stage.ADVERTISED, asked.members, asked.model_sha256, secrets)
    if before is not None:
        state = replace(
            state,
            trained_sha256=before.trained_sha256,
            words_sha256=before.words_sha256,
            revealed_for=before.revealed_for,
        )
    return state, _advert(state, secrets, place)


def share(state: SecureRound, asked: ShareInstruction, place: Place) -> tuple[SecureRound, MaskingShares]:
    """The round with its adverts fixed, and this node's shares for every peer.

    Raises:
        SecureRefused: out of turn, an advert that is not its member's or of another attempt or model, too few, or one
            this node did not make for itself.
    """
    check_same_attempt(state, asked.about)
    stage = after(state, Act.SHARE)
    secrets = secrets_of(state)
    adverts = _adverts(state, asked.sealed_adverts, place)
    if _advert(state, secrets, place) not in adverts:
        raise SecureRefused(SecureReason.ADVERT_FORGED)
    digest = adverts_digest(asked.sealed_adverts)
    dealt = _dealt(state, secrets, place)
    context = MaskContext(state.about, digest)
    message = MaskingShares(
        site_id=place.site_id,
        about=state.about,
        adverts_sha256=digest,
        packets=tuple(
            _packet(context, advert, dealt[advert.site_id], (secrets, place))
            for advert in adverts
            if advert.site_id != place.site_id
        ),
    )
    own = dealt[place.site_id]
    return replace(state, stage=stage, adverts_sha256=digest, adverts=adverts, own_share=own), message


def secrets_of(state: SecureRound) -> Secrets:
    """The attempt's secrets. Raises: SecureRefused when they are gone."""
    if state.secrets is None:
        raise SecureRefused(SecureReason.OUT_OF_TURN)
    return state.secrets


def _advert(state: SecureRound, secrets: Secrets, place: Place) -> MaskingAdvert:
    return MaskingAdvert(
        site_id=place.site_id,
        about=state.about,
        model_sha256=state.model_sha256,
        mask_key=public_of(secrets.mask_private),
        share_key=public_of(secrets.share_private),
        seed_commitment=commitment_of(secrets.seed),
    )


def _adverts(state: SecureRound, sealed: tuple[bytes, ...], place: Place) -> tuple[MaskingAdvert, ...]:
    """The adverts of a sheet, each by its own member, of this attempt and this model, ascending, enough of them."""
    adverts = tuple(_read(one, place) for one in sealed)
    sites = [advert.site_id for advert in adverts]
    if sites != sorted(set(sites)) or not set(sites) <= set(state.members):
        raise SecureRefused(SecureReason.ADVERT_FORGED)
    if any((advert.about, advert.model_sha256) != (state.about, state.model_sha256) for advert in adverts):
        raise SecureRefused(SecureReason.ADVERTS_DIFFER)
    keys = [key for advert in adverts for key in (advert.mask_key, advert.share_key)]
    if len(set(keys)) != len(keys):
        raise SecureRefused(SecureReason.ADVERTS_DIFFER)
    if len(adverts) < max(state.about.least_survivors, place.min_survivors):
        raise SecureRefused(SecureReason.TOO_FEW_PEERS)
    return adverts


def _read(sealed: bytes, place: Place) -> MaskingAdvert:
    """An advert by the identity that this hospital believes is its member's."""
    try:
        signer = unseal_any(sealed, Purpose.MASKING_ADVERT).signer
        advert = read_word(sealed, MaskingAdvert, Purpose.MASKING_ADVERT, by=signer)
    except (SignatureRefused, FrameRefused):
        raise SecureRefused(SecureReason.ADVERT_FORGED) from None
    if place.believed.get(advert.site_id) != signer:
        raise SecureRefused(SecureReason.ADVERT_FORGED)
    return advert


def _dealt(state: SecureRound, secrets: Secrets, place: Place) -> dict[str, SharePair]:
    """A share of both secrets for every member of the run, by its place among them."""
    t, n = state.about.threshold_t, state.about.members_n
    seeds = split(secrets.seed, threshold=t, holders=n, random_bytes=place.random_bytes)
    keys = split(secrets.mask_private, threshold=t, holders=n, random_bytes=place.random_bytes)
    return {member: SharePair(seed, key) for member, seed, key in zip(state.members, seeds, keys, strict=True)}


def _packet(context: MaskContext, advert: MaskingAdvert, shares: SharePair, by: tuple[Secrets, Place]) -> SharePacket:
    secrets, place = by
    line = ShareLine(context, place.site_id, advert.site_id)
    try:
        sealed = line.seal(
            shares, private=secrets.share_private, peer_key=advert.share_key, random_bytes=place.random_bytes
        )
    except KeyRefused:
        raise SecureRefused(SecureReason.ADVERT_FORGED) from None
    return SharePacket(site_id=advert.site_id, sealed_shares=sealed)
