"""Values of secure aggregation for tests: three members, fixed keys, plausible bytes."""

from __future__ import annotations

from typing import Any

from factories import DIGEST, NOW, PLAN, RUN, an_identity, tensor_specs

from protocols.encoding import Wire
from protocols.masking import (
    SEALED_SHARES_BYTES,
    AdvertInstruction,
    MaskedStatement,
    MaskedUpdate,
    MaskingAdvert,
    MaskingRound,
    MaskingShares,
    MaskInstruction,
    RevealedShare,
    ShareInstruction,
    SharePacket,
    SurvivorInstruction,
    SurvivorVote,
    UnmaskingShares,
)
from protocols.models import Dtype
from protocols.plans import MetricName
from protocols.roster import GENESIS, PeerKey, PeerKeyRevocation, Roster, RosterMember
from protocols.updates import Metric


def a_site(number: int) -> str:
    """The identifier of hospital 1 … 99, ascending with the number."""
    return f"{number:08d}-1111-4111-8111-111111111111"


SITES = tuple(a_site(number) for number in (1, 2, 3))


def a_round(**changes: Any) -> MaskingRound:
    """The first attempt of round one among three."""
    fields: dict[str, Any] = {
        "plan_id": PLAN, "run_id": RUN, "round": 1, "attempt": 1, "members_sha256": DIGEST,
        "members_n": 3, "threshold_t": 3, "colluders_c": 0,
    }  # fmt: skip
    return MaskingRound(**{**fields, **changes})


def an_advert(**changes: Any) -> MaskingAdvert:
    """Two keys of site 1."""
    fields: dict[str, Any] = {
        "site_id": SITES[0], "about": a_round(), "model_sha256": DIGEST,
        "mask_key": b"m" * 32, "share_key": b"s" * 32, "seed_commitment": DIGEST,
    }  # fmt: skip
    return MaskingAdvert(**{**fields, **changes})


def an_advert_instruction() -> AdvertInstruction:
    return AdvertInstruction(about=a_round(), model_sha256=DIGEST, members=SITES)


def a_share_instruction() -> ShareInstruction:
    return ShareInstruction(about=a_round(), sealed_adverts=(b"advert 1", b"advert 2", b"advert 3"))


def a_packet(site_id: str = SITES[1]) -> SharePacket:
    return SharePacket(site_id=site_id, sealed_shares=b"c" * SEALED_SHARES_BYTES)


def some_masking_shares(**changes: Any) -> MaskingShares:
    """What site 1 gives the others."""
    fields: dict[str, Any] = {
        "site_id": SITES[0], "about": a_round(), "adverts_sha256": DIGEST,
        "packets": tuple(a_packet(site) for site in SITES[1:]),
    }  # fmt: skip
    return MaskingShares(**{**fields, **changes})


def a_mask_instruction() -> MaskInstruction:
    return MaskInstruction(about=a_round(), model_sha256=DIGEST, packets=some_masking_shares().packets)


def a_statement(**changes: Any) -> MaskedStatement:
    """Site 1 masked with all."""
    fields: dict[str, Any] = {
        "site_id": SITES[0], "about": a_round(), "adverts_sha256": DIGEST, "peers": SITES,
        "model_sha256": DIGEST, "vector_sha256": DIGEST,
    }  # fmt: skip
    return MaskedStatement(**{**fields, **changes})


def a_masked_update(**changes: Any) -> MaskedUpdate:
    """Site 1's masked update of the six-number model."""
    fields: dict[str, Any] = {
        "site_id": SITES[0], "sealed_statement": b"statement 1", "scale_bits": 20, "word_bits": 64,
        "tensors": tensor_specs(Dtype.INT32), "metrics": (Metric(name=MetricName.VALIDATION_AUC, value=0.75),),
    }  # fmt: skip
    return MaskedUpdate(**{**fields, **changes})


def a_survivor_instruction(**changes: Any) -> SurvivorInstruction:
    """All three, to be unmasked at once."""
    fields: dict[str, Any] = {
        "about": a_round(), "survivors": SITES, "sealed_statements": (b"1", b"2", b"3"), "unmask": True,
        "sealed_votes": (),
    }  # fmt: skip
    return SurvivorInstruction(**{**fields, **changes})


def a_vote(**changes: Any) -> SurvivorVote:
    """Site 1 for all three."""
    fields: dict[str, Any] = {
        "site_id": SITES[0], "about": a_round(), "adverts_sha256": DIGEST, "model_sha256": DIGEST, "survivors": SITES,
    }  # fmt: skip
    return SurvivorVote(**{**fields, **changes})


def some_unmasking_shares(**changes: Any) -> UnmaskingShares:
    """Site 1 shows its shares of three seeds."""
    fields: dict[str, Any] = {
        "site_id": SITES[0], "about": a_round(), "survivors": SITES,
        "seeds": tuple(RevealedShare(site_id=site, share=bytes(66)) for site in SITES), "mask_keys": (),
    }  # fmt: skip
    return UnmaskingShares(**{**fields, **changes})


def a_peer_key(**changes: Any) -> PeerKey:
    """Site 1 on the key of site 2."""
    fields: dict[str, Any] = {
        "signer_site_id": SITES[0], "peer_site_id": SITES[1], "peer_key": an_identity(2).public.raw, "signed_at": NOW,
    }  # fmt: skip
    return PeerKey(**{**fields, **changes})


def a_revocation(**changes: Any) -> PeerKeyRevocation:
    """Site 1 takes its word on site 2's key back."""
    fields: dict[str, Any] = {
        "signer_site_id": SITES[0], "peer_site_id": SITES[1], "peer_key": an_identity(2).public.raw, "revoked_at": NOW,
    }  # fmt: skip
    return PeerKeyRevocation(**{**fields, **changes})


def a_roster(**changes: Any) -> Roster:
    """The first version, with three members and nobody's signature."""
    fields: dict[str, Any] = {
        "number": 1, "previous_sha256": GENESIS, "made_at": NOW, "sealed_peer_keys": (),
        "members": tuple(
            RosterMember(site_id=a_site(n), site_name=f"Hospital {n}", identity_key=an_identity(n).public.raw)
            for n in (1, 2, 3)
        ),
    }  # fmt: skip
    return Roster(**{**fields, **changes})


EVERY = (
    an_advert(), an_advert_instruction(), a_share_instruction(), some_masking_shares(), a_mask_instruction(),
    a_statement(), a_masked_update(), a_survivor_instruction(), a_vote(), some_unmasking_shares(), a_peer_key(),
    a_roster(), a_revocation(),
)  # fmt: skip
"""One of every wire type of secure aggregation and the roster."""

LEAVING: frozenset[type[Wire]] = frozenset((MaskingAdvert, MaskingShares, MaskedUpdate, SurvivorVote, UnmaskingShares))
"""What a node says in a secure round; its rules at the gate are walked in `test_secure_gate.py`."""
