"""A coordinator, or a hospital beside it, that lies about members, keys and shares: every lie is refused."""

from typing import Any

import pytest
from factories import PLAN, an_identity
from fakes.lies import OTHER_MODEL, ask, in_hand, is_over, refused, with_packets
from fakes.secure import MODEL, Carried, SecureHospital, about_of, begin, deal, hospitals, renewed
from secure_factories import a_site

from node.release.secure.refusals import SecureReason
from protocols.masking import AdvertInstruction, MaskingAdvert, ShareInstruction, members_digest


def test_a_member_whose_key_no_hospital_vouched_for_is_refused() -> None:
    members = hospitals(4, threshold=3)
    known = {site: key for site, key in members[0].place.believed.items() if site != a_site(4)}
    members[0].place = renewed(members[0].place, believed=known)
    refused(members[0], ask(members), SecureReason.NOT_VOUCHED)


def test_a_member_under_another_key_than_the_rosters_is_refused() -> None:
    members = hospitals(4, threshold=3)
    keys = {one.site_id: one.identity.public.raw for one in members} | {a_site(4): an_identity(9).public.raw}
    refused(members[0], ask(members, members_sha256=members_digest(keys)), SecureReason.OTHER_MEMBERS)


@pytest.mark.parametrize("change", [{"threshold_t": 4}, {"colluders_c": 1}, {"members_n": 5, "threshold_t": 4}])
def test_thresholds_other_than_the_approved_plans_are_refused(change: dict[str, int]) -> None:
    members = hospitals(4, threshold=3)
    refused(members[0], ask(members, **change), SecureReason.OTHER_TERMS)


def test_fewer_survivors_than_the_hospital_asks_for_are_refused() -> None:
    members = hospitals(4, threshold=3)
    members[0].place = renewed(members[0].place, min_survivors=4)
    refused(members[0], ask(members), SecureReason.OTHER_TERMS)


def test_members_are_fixed_for_the_whole_run() -> None:
    """Rounds among five and then among four would be differenced into the fifth's update."""
    members = hospitals(5, threshold=4)
    begin(members, about_of(members))
    fewer = members[:4]
    next_round = about_of(fewer, number=2)
    asked = AdvertInstruction(about=next_round, model_sha256=MODEL, members=tuple(one.site_id for one in fewer))
    refused(members[0], asked, SecureReason.OTHER_MEMBERS)


def sheet_with(carried: Carried, advert: MaskingAdvert, sealed: bytes) -> ShareInstruction:
    """The sheet with one advert changed."""
    adverts = {**carried.sheet.sealed, advert.site_id: sealed}
    return ShareInstruction(about=carried.about, sealed_adverts=tuple(adverts[site] for site in sorted(adverts)))


@pytest.mark.parametrize(
    ("change", "by", "reason"),
    [
        ({}, 9, SecureReason.ADVERT_FORGED),
        ({"mask_key": b"k" * 32}, 1, SecureReason.ADVERT_FORGED),
        ({"model_sha256": OTHER_MODEL}, 2, SecureReason.ADVERTS_DIFFER),
        ({"share_key": bytes(32)}, 2, SecureReason.ADVERT_FORGED),
        ({"mask_key": b"copied"}, 2, SecureReason.ADVERTS_DIFFER),
    ],
)
def test_a_substituted_forged_or_copied_key_ends_the_attempt(
    change: dict[str, Any], by: int, reason: SecureReason
) -> None:
    """Also where hospital 2 itself lies: another model, a key that agrees on nothing, the victim's own key."""
    members = hospitals(4, threshold=3)
    carried = begin(members, about_of(members))
    if change.get("mask_key") == b"copied":
        change = {"mask_key": carried.sheet.adverts[a_site(1)].mask_key}
    advert = carried.sheet.adverts[a_site(2)].model_copy(update=change)
    refused(members[0], sheet_with(carried, advert, in_hand(members[1], advert, by=by)), reason)
    assert is_over(members[0], carried)
    refused(members[0], carried.sheet.instruction(), SecureReason.OUT_OF_TURN)


@pytest.mark.parametrize("change", [{"attempt": 2}, {"round": 2}, {"run_id": PLAN}])
def test_an_advert_of_another_attempt_round_or_run_is_refused(change: dict[str, Any]) -> None:
    members = hospitals(4, threshold=3)
    carried = begin(members, about_of(members))
    held = carried.sheet.adverts[a_site(2)]
    advert = held.model_copy(update={"about": held.about.model_copy(update=change)})
    refused(members[0], sheet_with(carried, advert, in_hand(members[1], advert)), SecureReason.ADVERTS_DIFFER)


def test_a_sheet_that_leaves_the_hospital_out_or_holds_too_few_is_refused() -> None:
    for missing, reason in (((1,), SecureReason.ADVERT_FORGED), ((3, 4), SecureReason.TOO_FEW_PEERS)):
        members = hospitals(5, threshold=4)
        carried = begin(members, about_of(members))
        left = tuple(carried.sheet.sealed[one.site_id] for one in members if one.number not in missing)
        refused(members[0], ShareInstruction(about=carried.about, sealed_adverts=left), reason)


def test_shares_of_another_sender_receiver_or_attempt_or_changed_ones_end_the_attempt() -> None:
    for lie in (_swapped, _of_another_receiver, _changed, _of_a_stranger, _repeated):
        members = hospitals(4, threshold=3)
        carried = begin(members, about_of(members))
        asked = deal(carried)
        refused(members[0], lie(asked, members), SecureReason.SHARES_DAMAGED)
        assert is_over(members[0], carried)


def _swapped(asked: dict[str, Any], _members: list[SecureHospital]) -> Any:
    def swap(packets: list[Any]) -> list[Any]:
        first, second = (packet.sealed_shares for packet in packets[:2])
        pair = (packets[0], second), (packets[1], first)
        return [packet.model_copy(update={"sealed_shares": shares}) for packet, shares in pair] + packets[2:]

    return with_packets(asked, swap)


def _of_another_receiver(asked: dict[str, Any], _members: list[SecureHospital]) -> Any:
    return with_packets(asked, lambda packets: [asked[a_site(3)].packets[1], *packets[1:]])


def _changed(asked: dict[str, Any], _members: list[SecureHospital]) -> Any:
    def flip(packets: list[Any]) -> list[Any]:
        shares = bytearray(packets[0].sealed_shares)
        shares[40] ^= 1
        return [packets[0].model_copy(update={"sealed_shares": bytes(shares)}), *packets[1:]]

    return with_packets(asked, flip)


def _of_a_stranger(asked: dict[str, Any], _members: list[SecureHospital]) -> Any:
    return with_packets(asked, lambda packets: [*packets, packets[0].model_copy(update={"site_id": a_site(9)})])


def _repeated(asked: dict[str, Any], _members: list[SecureHospital]) -> Any:
    return with_packets(asked, lambda packets: [packets[0], *packets])


def test_too_few_peers_are_refused_before_anything_is_masked() -> None:
    members = hospitals(5, threshold=4)
    asked = deal(begin(members, about_of(members)))
    refused(members[0], with_packets(asked, lambda packets: packets[:2]), SecureReason.TOO_FEW_PEERS)
