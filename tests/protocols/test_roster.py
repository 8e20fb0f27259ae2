"""The roster: believed only as far as hospitals signed, chained so that no version is rewritten."""

import pytest
from factories import NOW, an_identity
from pydantic import ValidationError
from secure_factories import a_peer_key, a_revocation, a_roster, a_site

from protocols.encoding import encode
from protocols.roster import (
    Roster,
    RosterMember,
    RosterRefused,
    believed,
    check_follows,
    read_peer_key,
    read_revocation,
    roster_digest,
)
from protocols.signing import Purpose, seal
from protocols.spoken import NONCE_BYTES, comparison_words, halves, spoken, unspoken


def word(signer: int, peer: int, *, key: int | None = None, by: int | None = None) -> bytes:
    """Hospital `signer` on the key of `peer`; forged when sealed by another, on another key when `key` says so."""
    message = a_peer_key(
        signer_site_id=a_site(signer),
        peer_site_id=a_site(peer),
        peer_key=an_identity(peer if key is None else key).public.raw,
    )
    return seal(encode(message), an_identity(signer if by is None else by), Purpose.PEER_KEY)


def a_list(*words: bytes, count: int = 4) -> Roster:
    members = tuple(
        RosterMember(site_id=a_site(n), site_name=f"Hospital {n}", identity_key=an_identity(n).public.raw)
        for n in range(1, count + 1)
    )
    return a_roster(members=members, sealed_peer_keys=words)


def seen(roster: Roster, *, vouchers: int = 1, own_words: tuple[bytes, ...] = ()) -> set[int]:
    """Whom hospital 1 believes, by number."""
    known = believed(roster, own=(a_site(1), an_identity(1).public), vouchers=vouchers, own_words=own_words)
    return {int(site_id[:8]) for site_id in known}


def test_a_key_without_a_hospitals_signature_is_believed_by_nobody() -> None:
    assert seen(a_list()) == {1}


def test_a_key_this_hospital_compared_is_believed_even_if_the_list_leaves_its_word_out() -> None:
    assert seen(a_list(word(1, 2))) == {1, 2}
    assert seen(a_list(), own_words=(word(1, 3),)) == {1, 3}


def test_belief_reaches_as_far_as_enough_believed_hospitals_signed() -> None:
    chain = (word(1, 2), word(2, 3), word(3, 4))
    assert seen(a_list(*chain)) == {1, 2, 3, 4}
    assert seen(a_list(*chain), vouchers=2) == {1, 2}
    assert seen(a_list(*chain, word(1, 3), word(2, 4)), vouchers=2) == {1, 2, 3, 4}


def test_hospitals_nobody_knows_cannot_vouch_for_each_other() -> None:
    assert seen(a_list(word(3, 4), word(4, 3), word(1, 2))) == {1, 2}


def test_a_word_on_another_key_counts_for_nothing() -> None:
    assert seen(a_list(word(1, 2, key=9))) == {1}


def test_a_key_taken_back_is_believed_no_more_and_vouches_for_nobody() -> None:
    roster = a_list(word(1, 2), word(2, 3), word(3, 4), word(4, 3))
    own = (a_site(1), an_identity(1).public)
    for gone, left in ((2, {1}), (3, {1, 2})):
        revoked = frozenset({an_identity(gone).public.raw})
        known = believed(roster, own=own, vouchers=1, own_words=[word(1, gone)], revoked=revoked)
        assert {int(site_id[:8]) for site_id in known} == left


def test_words_on_keys_and_words_taken_back_are_read_as_what_they_are() -> None:
    taken_back = seal(encode(a_revocation()), an_identity(1), Purpose.PEER_KEY_REVOCATION)
    assert read_revocation(taken_back) == (an_identity(1).public, a_revocation())
    for wrong in (word(1, 2), taken_back[:-1], seal(encode(a_revocation(), b"x"), an_identity(1), Purpose.PEER_KEY)):
        with pytest.raises(RosterRefused):
            read_revocation(wrong)
    with pytest.raises(RosterRefused):
        read_peer_key(taken_back)


def test_each_person_reads_one_half_of_the_words_and_hears_the_other() -> None:
    words = comparison_words(bytes(NONCE_BYTES), (bytes(32), bytes(31) + b"1"))
    first, second = halves(words)
    assert f"{first} {second}" == words
    assert len(first.split()) == len(second.split()) == 4


def test_a_rotated_key_is_compared_anew() -> None:
    assert seen(a_list(word(1, 2), word(2, 3))) == {1, 2, 3}
    rotated = tuple(
        member.model_copy(update={"identity_key": an_identity(9).public.raw}) if n == 1 else member
        for n, member in enumerate(a_list().members)
    )
    assert seen(a_roster(members=rotated, sealed_peer_keys=(word(1, 2), word(2, 3)))) == {1}


def test_a_forged_or_unreadable_signature_ends_the_reading() -> None:
    for wrong in (word(2, 3, by=4)[:-1], b"nothing", word(2, 2)):
        with pytest.raises(RosterRefused):
            seen(a_list(wrong))


def test_a_word_sealed_by_another_than_its_signer_counts_for_nothing() -> None:
    assert seen(a_list(word(1, 2, by=3))) == {1}


def test_a_roster_without_this_hospital_or_with_another_key_for_it_is_refused() -> None:
    for own in ((a_site(9), an_identity(9).public), (a_site(1), an_identity(2).public)):
        with pytest.raises(RosterRefused):
            believed(a_list(), own=own, vouchers=1)


def test_versions_follow_each_other_and_the_past_cannot_be_rewritten() -> None:
    first = a_list()
    second = first.model_copy(update={"number": 2, "previous_sha256": roster_digest(first)})
    check_follows(first, None)
    check_follows(second, first)
    rewritten = a_list(word(1, 2))
    for roster, last in ((second, None), (first, first), (first, second), (second, rewritten)):
        with pytest.raises(RosterRefused):
            check_follows(roster, last)


def test_a_member_or_a_key_named_twice_is_refused() -> None:
    one = a_list().members[0]
    for members in ((one, one), (one, one.model_copy(update={"site_id": a_site(2)})), a_list().members[::-1]):
        with pytest.raises(ValidationError):
            a_roster(members=members, made_at=NOW)


def test_words_are_those_of_the_proposal_and_lead_back() -> None:
    """127.0.0.1 is lusab-babad, 63.84.220.193 gutih-tugad. Source: arXiv 0901.4016."""
    assert spoken(bytes([127, 0, 0, 1])) == "lusab babad"
    assert spoken(bytes([63, 84, 220, 193])) == "gutih tugad"
    assert unspoken("Lusab  babad") == bytes([127, 0, 0, 1])
    for wrong in ("", "lusab babax", "lusa", "aaaaa", "lusab-babad"):
        assert unspoken(wrong) is None


def test_two_people_read_the_same_words_only_over_the_same_keys_and_nonce() -> None:
    one, two, other = (an_identity(n).public.raw for n in (1, 2, 3))
    nonce = bytes(NONCE_BYTES)
    words = comparison_words(nonce, (one, two))
    assert words == comparison_words(nonce, (two, one))
    assert len(words.split()) == 8
    assert words not in {comparison_words(nonce, (one, other)), comparison_words(b"\x01" + nonce[1:], (one, two))}
