"""A coordinator that asks again, late, twice or too early: nothing is masked or opened a second time."""

from typing import Any

import pytest
from factories import APPROVAL as OTHER_RUN
from fakes.lies import OTHER_MODEL, a_list, ask, masked_round, refused, with_packets
from fakes.secure import KeptRounds, about_of, begin, collect, deal, hospitals, opened, unmask
from secure_factories import a_site

from node.release.secure.refusals import SecureReason
from protocols.masking import UnmaskingShares


def test_the_same_bytes_asked_again_get_the_same_bytes_back() -> None:
    members, carried = masked_round(4, 3)
    message = a_list(carried, (1, 2, 3, 4))
    assert members[0].answer(message) == members[0].answer(message)
    assert members[0].answer(carried.sheet.instruction()) == members[0].answer(carried.sheet.instruction())


def test_a_second_masked_vector_of_an_attempt_is_never_made() -> None:
    """Two vectors under one mask would give the difference of what they hide."""
    members = hospitals(5, threshold=4)
    carried = begin(members, about_of(members))
    asked = deal(carried)
    collect(carried, asked)
    members[0].vector = members[0].vector + 1
    assert members[0].answer(asked[a_site(1)]) == members[0].answer(asked[a_site(1)])
    refused(members[0], with_packets(asked, lambda packets: packets[:3]), SecureReason.ASKED_DIFFERENTLY)


def test_an_older_attempt_is_refused_and_its_secrets_are_gone() -> None:
    members, first = masked_round(4, 3)
    begin(members, about_of(members, attempt=2))
    refused(members[0], a_list(first, (1, 2, 3, 4)), SecureReason.OLD_ATTEMPT)
    refused(members[0], ask(members), SecureReason.OLD_ATTEMPT)


def test_a_later_attempt_opens_no_other_sum_than_the_one_revealed() -> None:
    members, first = masked_round(5, 4)
    for number in (1, 2, 3):
        members[number - 1].answer(a_list(first, (1, 2, 3, 4)))
    second = begin(members, about_of(members, attempt=2))
    collect(second, deal(second))
    refused(members[0], a_list(second, (1, 2, 3, 4, 5)), SecureReason.OTHER_LIST)
    members[1].answer(a_list(second, (1, 2, 3, 4)))


@pytest.mark.parametrize("change", [{"run_id": OTHER_RUN}, {"number": 2}])
def test_the_same_model_again_opens_no_other_sum_in_another_run_or_round(change: dict[str, Any]) -> None:
    """The plan begun anew, or a round repeated with its model: without this, two lists would be differenced."""
    members, first = masked_round(5, 4)
    for one in members[:4]:
        one.answer(a_list(first, (1, 2, 3, 4)))
    again = begin(members, about_of(members, **change))
    collect(again, deal(again))
    refused(members[0], a_list(again, (1, 2, 3, 4, 5)), SecureReason.OTHER_LIST)
    members[1].answer(a_list(again, (1, 2, 3, 4)))


def test_the_very_same_update_opens_no_other_sum_in_another_plan() -> None:
    members, first = masked_round(5, 4)
    for one in members[:4]:
        one.answer(a_list(first, (1, 2, 3, 4)))
    for one in members:
        one.plan = one.plan.model_copy(update={"plan_id": OTHER_RUN})
    again = begin(members, about_of(members))
    asked = {site: message.model_copy(update={"model_sha256": OTHER_MODEL}) for site, message in deal(again).items()}
    collect(again, asked)
    refused(members[0], a_list(again, (1, 2, 3, 4, 5)), SecureReason.OTHER_LIST)


def test_secrets_are_void_after_a_restore() -> None:
    members, carried = masked_round(4, 3)
    members[0].kept = KeptRounds()
    refused(members[0], a_list(carried, (1, 2, 3, 4)), SecureReason.OUT_OF_TURN)


def test_nobody_unmasks_before_masking_nor_masks_before_sharing() -> None:
    members = hospitals(4, threshold=3)
    other, carried = masked_round(4, 3)
    refused(members[0], a_list(carried, (1, 2, 3, 4)), SecureReason.OUT_OF_TURN)
    begin(members, about_of(members))
    refused(members[0], a_list(carried, (1, 2, 3, 4)), SecureReason.OUT_OF_TURN)
    assert unmask(carried).weight == sum(one.weight for one in other)


def test_nobodys_both_secrets_are_shown() -> None:
    members, carried = masked_round(5, 4)
    shown, _ = opened(members[0].answer(a_list(carried, (1, 2, 3, 4))), UnmaskingShares, members[0].identity.public)
    assert {one.site_id for one in shown.seeds} == {a_site(number) for number in (1, 2, 3, 4)}
    assert {one.site_id for one in shown.mask_keys} == {a_site(5)}
