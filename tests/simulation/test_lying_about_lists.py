"""A coordinator, or a hospital beside it, that lies about models, survivors and votes: every lie is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes.lies import OTHER_MODEL, a_list, in_hand, is_over, masked_round, refused, with_packets
from fakes.secure import (
    MODEL,
    Carried,
    SecureHospital,
    about_of,
    begin,
    collect,
    deal,
    hospitals,
)
from secure_factories import a_site

from node.release.secure.refusals import SecureReason
from protocols.masking import (
    SurvivorVote,
)

Lie = Callable[..., Any]


def test_hospitals_that_were_given_different_models_never_unmask() -> None:
    """Pasquini et al., arXiv 2111.07380: one hospital with a model of its own would be read out of any sum."""
    members = hospitals(4, threshold=3)
    carried = begin(members, about_of(members))
    asked = deal(carried)
    asked[a_site(1)] = asked[a_site(1)].model_copy(update={"model_sha256": OTHER_MODEL})
    collect(carried, asked)
    message = a_list(carried, (1, 2, 3, 4))
    for one in members:
        refused(one, message, SecureReason.OTHER_MODEL)
        assert is_over(one, carried)


def test_a_round_is_trained_on_one_model_in_all_its_attempts() -> None:
    members = hospitals(4, threshold=3)
    first = begin(members, about_of(members))
    collect(first, deal(first))
    second = begin(members, about_of(members, attempt=2))
    asked = deal(second)[a_site(1)].model_copy(update={"model_sha256": OTHER_MODEL})
    refused(members[0], asked, SecureReason.OTHER_MODEL)


def test_a_list_without_the_hospital_or_too_short_ends_the_attempt() -> None:
    for numbers in ((2, 3, 4, 5), (1, 2, 3)):
        members, carried = masked_round(5, 4)
        refused(members[0], a_list(carried, numbers), SecureReason.LIST_REFUSED)
        assert is_over(members[0], carried)


def test_a_list_with_one_whose_shares_the_hospital_does_not_hold_is_refused() -> None:
    members = hospitals(5, threshold=4)
    carried = begin(members, about_of(members))
    asked = deal(carried)
    asked[a_site(1)] = with_packets(asked, lambda packets: packets[:3])
    collect(carried, asked)
    refused(members[0], a_list(carried, (1, 2, 3, 5)), SecureReason.LIST_REFUSED)


def test_hospitals_that_were_shown_different_peers_never_unmask() -> None:
    """flower.md 5b, the second counter-example, told to the real hospitals."""
    members = hospitals(5, threshold=3)
    carried = begin(members, about_of(members))
    asked = deal(carried)
    asked[a_site(1)] = with_packets(asked, lambda packets: packets[:2])
    collect(carried, asked)
    for number, numbers in ((4, (1, 4, 5)), (5, (1, 4, 5)), (2, (1, 2, 4, 5)), (3, (1, 3, 4, 5))):
        refused(members[number - 1], a_list(carried, numbers, unmask=False), SecureReason.STATEMENTS_DIFFER)


def test_lists_that_differ_get_no_sum_opened() -> None:
    """flower.md 5b, the first counter-example: votes for different lists, none of which t hospitals gave."""
    members, carried = masked_round(5, 3)
    told = {1: (1, 2, 3), 2: (1, 2, 4), 3: (1, 2, 3), 4: (1, 2, 4), 5: (1, 2, 5)}
    votes = {number: members[number - 1].answer(a_list(carried, told[number], unmask=False)) for number in told}
    for number, numbers in told.items():
        among = tuple(votes[other] for other in numbers if told[other] == numbers)
        reasons = (SecureReason.TOO_FEW_VOTES, SecureReason.VOTE_FORGED)
        refused(members[number - 1], a_list(carried, numbers, sealed_votes=among), *reasons)


@pytest.mark.parametrize("unmask", [True, False])
def test_a_second_list_is_refused_whatever_the_hospital_did_with_the_first(unmask: bool) -> None:
    members, carried = masked_round(5, 4 if unmask else 3)
    members[0].answer(a_list(carried, (1, 2, 3, 4), unmask=unmask))
    refused(members[0], a_list(carried, (1, 2, 3, 5), unmask=unmask), SecureReason.ASKED_DIFFERENTLY)
    assert is_over(members[0], carried)


def test_a_hospital_unmasks_only_for_the_list_it_voted_for() -> None:
    members, carried = masked_round(5, 3)
    members[0].answer(a_list(carried, (1, 2, 3), unmask=False))
    votes = tuple(_vote(members[number - 1], carried, (1, 2, 4)) for number in (2, 4, 1))
    refused(members[0], a_list(carried, (1, 2, 4), sealed_votes=votes), SecureReason.OTHER_LIST)


def _vote(hospital: SecureHospital, carried: Carried, numbers: tuple[int, ...], **changes: Any) -> bytes:
    """A vote in the hospital's own hand, whatever the hospital would say."""
    fields: dict[str, Any] = {
        "site_id": hospital.site_id, "about": carried.about, "adverts_sha256": carried.sheet.sha256,
        "model_sha256": MODEL, "survivors": tuple(a_site(number) for number in numbers),
    }  # fmt: skip
    return in_hand(hospital, SurvivorVote(**{**fields, **changes}))


def test_forged_repeated_foreign_and_missing_votes_open_nothing() -> None:
    whole = (1, 2, 3, 4)
    lies: list[tuple[Lie, SecureReason]] = [
        (lambda by, of: [_vote(one, of, whole) for one in by[1:3]], SecureReason.TOO_FEW_VOTES),
        (lambda by, of: [_vote(by[1], of, whole)] * 3, SecureReason.VOTE_FORGED),
        (lambda by, of: [_vote(one, of, (1, 2, 3)) for one in by[:3]], SecureReason.VOTE_FORGED),
        (lambda by, of: [_vote(one, of, whole) for one in by[2:5]], SecureReason.VOTE_FORGED),
        (lambda by, of: [_vote(one, of, whole, site_id=a_site(1)) for one in by[:3]], SecureReason.VOTE_FORGED),
        (lambda by, of: [_vote(one, of, whole, model_sha256=OTHER_MODEL) for one in by[:3]], SecureReason.VOTE_FORGED),
        (lambda by, of: [b"nothing", b"nothing", b"nothing"], SecureReason.VOTE_FORGED),
    ]
    for lie, reason in lies:
        members, carried = masked_round(5, 3)
        votes = tuple(lie(members, carried))
        refused(members[0], a_list(carried, whole, sealed_votes=votes), reason)
        assert is_over(members[0], carried)


@pytest.mark.parametrize(
    ("change", "by", "reason"),
    [
        ({}, 9, SecureReason.STATEMENT_FORGED),
        ({"site_id": a_site(3)}, 2, SecureReason.STATEMENT_FORGED),
        ({"peers": tuple(a_site(number) for number in (1, 2, 3))}, 2, SecureReason.STATEMENTS_DIFFER),
        ({"adverts_sha256": OTHER_MODEL}, 2, SecureReason.STATEMENTS_DIFFER),
        ({"model_sha256": OTHER_MODEL}, 2, SecureReason.OTHER_MODEL),
    ],
)
def test_a_statement_that_is_forged_or_differs_ends_the_attempt(
    change: dict[str, Any], by: int, reason: SecureReason
) -> None:
    members, carried = masked_round(4, 3)
    said = carried.parts[a_site(2)].statement.model_copy(update=change)
    statements = (
        carried.statements[a_site(1)],
        in_hand(members[1], said, by=by),
        *map(carried.statements.get, map(a_site, (3, 4))),
    )
    refused(members[0], a_list(carried, (1, 2, 3, 4), sealed_statements=statements), reason)
    assert is_over(members[0], carried)


def test_a_statement_of_an_earlier_attempt_is_refused() -> None:
    members, first = masked_round(4, 3)
    carried = begin(members, about_of(members, attempt=2))
    collect(carried, deal(carried))
    statements = tuple(first.statements[a_site(2)] if n == 2 else carried.statements[a_site(n)] for n in (1, 2, 3, 4))
    refused(members[0], a_list(carried, (1, 2, 3, 4), sealed_statements=statements), SecureReason.STATEMENT_FORGED)
