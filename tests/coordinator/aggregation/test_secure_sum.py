"""The coordinator's side of a secure round: broken members cost themselves, and no wrong sum is ever taken for one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fakes.secure import (
    MODEL,
    Carried,
    SecureHospital,
    about_of,
    begin,
    check_equals_plain,
    collect,
    deal,
    hospitals,
    opened,
)

from coordinator.aggregation.masked_update import add_up, check_masked, model_after
from coordinator.aggregation.secure_relay import (
    Members,
    SecureFault,
    SecureRoundFailed,
    WordRefused,
    mask_instructions,
    sheet_of,
    survivor_instruction,
)
from coordinator.aggregation.secure_sum import OpenedSum, open_sum
from coordinator.aggregation.update import UpdateRefused, check_update
from coordinator.aggregation.weighted_sum import next_model
from protocols.masking import AdvertInstruction, MaskedUpdate, MaskingShares, UnmaskingShares
from protocols.plans import MetricName
from protocols.updates import Metric, ModelUpdate


def failed(fault: SecureFault) -> Any:
    return pytest.raises(SecureRoundFailed, match=fault.value)


def masked(n: int = 5, t: int = 4) -> tuple[list[SecureHospital], Carried]:
    members = hospitals(n, threshold=t)
    carried = begin(members, about_of(members))
    collect(carried, deal(carried))
    return members, carried


def shown(members: list[SecureHospital], carried: Carried) -> dict[str, UnmaskingShares]:
    message = survivor_instruction(carried.sheet, carried.statements, unmask=True)
    return {
        one.site_id: opened(one.answer(message), UnmaskingShares, one.identity.public)[0]
        for one in members
        if one.site_id in message.survivors
    }


def spoiled(shares: UnmaskingShares, *, by: int = 1) -> UnmaskingShares:
    """The same, with every share of a seed changed. Two holders change theirs by amounts that cannot cancel out: the
    weights of shares 1 and 2 among 1, 2, 4, 5 are 10/3 and -10/3."""
    wrong = tuple(
        one.model_copy(update={"share": (int.from_bytes(one.share) ^ by).to_bytes(66)}) for one in shares.seeds
    )
    return shares.model_copy(update={"seeds": wrong})


def test_the_next_model_is_that_of_plain_aggregation_bit_for_bit() -> None:
    members, carried = masked()
    del carried.parts[members[1].site_id]
    counted = [one for one in members if one.site_id in carried.parts]
    opened_sum = open_sum(add_up(carried.sheet, carried.parts), shown(members, carried))
    plan = members[0].plan.model_copy(update={"update_norm_bound": 100.0})
    base = np.linspace(-1, 1, 6).astype("<f4").tobytes()
    plain = [check_update(_plain(one), one.vector.astype("<i4").tobytes(), plan, max_cases=5000) for one in counted]
    secure = model_after(base, opened_sum, plan, survivors=len(counted))
    assert secure == next_model(base, plain, scale_bits=plan.aggregation.scale_bits)
    check_equals_plain(opened_sum, counted)


def _plain(one: SecureHospital) -> ModelUpdate:
    from factories import an_update

    from node.release.update import fixed_point_specs

    return an_update(site_id=one.site_id, weight=one.weight, tensors=fixed_point_specs(one.plan.model.tensors))


def test_one_hospital_that_shows_wrong_shares_spoils_nothing() -> None:
    members, carried = masked()
    shares = shown(members, carried)
    shares[members[0].site_id] = spoiled(shares[members[0].site_id])
    check_equals_plain(open_sum(add_up(carried.sheet, carried.parts), shares), members)


def test_shares_that_give_another_secret_than_was_advertised_make_no_sum() -> None:
    members, carried = masked()
    shares = shown(members, carried)
    for by, one in ((1, members[0]), (256, members[1])):
        shares[one.site_id] = spoiled(shares[one.site_id], by=by)
    with failed(SecureFault.SHARES_DO_NOT_OPEN):
        open_sum(add_up(carried.sheet, carried.parts), shares)


def test_shares_for_another_list_or_of_a_stranger_do_not_count() -> None:
    members, carried = masked()
    shares = shown(members, carried)
    for one in members[:2]:
        other = tuple(site.site_id for site in members[:4])
        shares[one.site_id] = shares[one.site_id].model_copy(update={"survivors": other})
    with failed(SecureFault.TOO_FEW_MEMBERS):
        open_sum(add_up(carried.sheet, carried.parts), shares)


def test_a_forged_advert_leaves_its_member_out() -> None:
    members = hospitals(5, threshold=4)
    about = about_of(members)
    asked = AdvertInstruction(about=about, model_sha256=MODEL, members=tuple(one.site_id for one in members))
    adverts = {one.site_id: one.answer(asked) for one in members}
    adverts[members[0].site_id] = adverts[members[1].site_id]
    everyone = Members(about, {one.site_id: one.identity.public for one in members})
    sheet = sheet_of(everyone, MODEL, adverts)
    assert members[0].site_id not in sheet.adverts
    adverts[members[2].site_id] = b"nothing"
    with failed(SecureFault.TOO_FEW_MEMBERS):
        sheet_of(everyone, MODEL, adverts)


def test_a_member_that_left_a_peer_without_shares_is_left_out() -> None:
    members = hospitals(5, threshold=4)
    carried = begin(members, about_of(members))
    dealt = {
        one.site_id: opened(one.answer(carried.sheet.instruction()), MaskingShares, one.identity.public)[0]
        for one in members
    }
    first = members[0].site_id
    dealt[first] = dealt[first].model_copy(update={"packets": dealt[first].packets[1:]})
    asked = mask_instructions(carried.sheet, dealt, model_sha256=MODEL)
    assert set(asked) == {one.site_id for one in members[1:]}
    assert all(packet.site_id != first for message in asked.values() for packet in message.packets)


def masked_answer() -> tuple[SecureHospital, Carried, MaskedUpdate, bytes]:
    members = hospitals(4, threshold=3)
    carried = begin(members, about_of(members))
    asked = deal(carried)
    one = members[0]
    update, blob = opened(one.answer(asked[one.site_id]), MaskedUpdate, one.identity.public)
    return one, carried, update, blob


def test_a_vector_that_is_not_the_plans_or_not_the_statements_is_refused() -> None:
    one, carried, update, blob = masked_answer()
    check_masked(update, blob, sheet=carried.sheet, plan=one.plan)
    changed = [
        (update, blob[:-8]), (update, bytes([blob[0] ^ 1]) + blob[1:]),
        (update.model_copy(update={"word_bits": 32}), blob), (update.model_copy(update={"scale_bits": 19}), blob),
        (update.model_copy(update={"sealed_statement": b"nothing"}), blob),
    ]  # fmt: skip
    for wrong, words in changed:
        with pytest.raises(WordRefused):
            check_masked(wrong, words, sheet=carried.sheet, plan=one.plan)
    impossible = update.model_copy(update={"metrics": (Metric(name=MetricName.VALIDATION_AUC, value=2.0),)})
    with pytest.raises(UpdateRefused):
        check_masked(impossible, blob, sheet=carried.sheet, plan=one.plan)


def test_parts_of_different_models_are_not_added() -> None:
    _, carried = masked()
    site, part = next(iter(carried.parts.items()))
    other = part.statement.model_copy(update={"model_sha256": "ef" * 32})
    carried.parts[site] = replace(part, statement=other)
    with failed(SecureFault.MODELS_DIFFER):
        add_up(carried.sheet, carried.parts)


@pytest.mark.parametrize(("number", "weight"), [(10**15, 100), (0, 5 * 5000 + 10)])
def test_a_sum_that_bounded_updates_cannot_have_is_refused(number: int, weight: int) -> None:
    plan = hospitals(5, threshold=4)[0].plan
    total = OpenedSum(np.full(6, number, dtype=np.int64), weight)
    with failed(SecureFault.SUM_OUT_OF_RANGE):
        model_after(np.zeros(6, "<f4").tobytes(), total, plan, survivors=5)
