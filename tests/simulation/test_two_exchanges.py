"""Where rounds fold, a secure round takes two exchanges: what the next round needs travels with this one.

The first carries the masked update of this round and the keys of the next, the second the shares that unmask this one
and the shares for the next. Only before the first round are there two more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fakes.secure import (
    Carried,
    SecureHospital,
    about_of,
    check_equals_plain,
    everyone,
    hospitals,
    opened,
)

from coordinator.aggregation.masked_update import add_up, check_masked
from coordinator.aggregation.secure_relay import mask_instructions, sheet_of, survivor_instruction
from coordinator.aggregation.secure_sum import open_sum
from protocols.encoding import Wire
from protocols.masking import AdvertInstruction, MaskedUpdate, MaskingShares, MaskInstruction, UnmaskingShares

ROUNDS = 4
MODELS = tuple(f"{number:064x}" for number in range(ROUNDS + 1))
"""Digests of the starting weights and of the model after each round."""


@dataclass
class Line:
    """Carries several messages to each hospital at once, counts how often, and who hears nothing when."""

    members: Sequence[SecureHospital]
    deaf: Mapping[int, set[int]]
    """By exchange, the numbers of hospitals that miss it."""
    exchanges: int = 0
    counted: list[int] = field(default_factory=list)
    """How many hospitals are in the sum of each round, which was the plain one."""

    def exchange(self, asked: Mapping[str, Sequence[Wire]]) -> dict[str, list[bytes]]:
        """All answers of those that heard."""
        self.exchanges += 1
        hearing = [one for one in self.members if one.number not in self.deaf.get(self.exchanges, set())]
        return {
            one.site_id: [one.answer(message) for message in asked[one.site_id]]
            for one in hearing
            if one.site_id in asked
        }


def advert_ask(members: Sequence[SecureHospital], number: int) -> AdvertInstruction:
    """The asking for keys of a round, while the hospitals hold the model before last."""
    held = MODELS[max(0, number - 2)]
    return AdvertInstruction(
        about=about_of(members, number=number), model_sha256=held, members=tuple(one.site_id for one in members)
    )


def a_run(members: list[SecureHospital], deaf: Mapping[int, set[int]]) -> Line:
    """All rounds, two exchanges each."""
    line = Line(members, deaf)
    adverts = line.exchange({one.site_id: [advert_ask(members, 1)] for one in members})
    carried = _carried(members, 1, {site: answers[0] for site, answers in adverts.items()})
    dealt = line.exchange({site: [carried.sheet.instruction()] for site in carried.sheet.adverts})
    shares = {site: answers[0] for site, answers in dealt.items()}
    for number in range(1, ROUNDS + 1):
        carried, shares = _round(line, carried, shares, number)
    return line


def _round(line: Line, carried: Carried, shares: dict[str, bytes], number: int) -> tuple[Carried, dict[str, bytes]]:
    """One round: its sum is in the line; what the next begins with."""
    members = carried.members
    ask = {
        site: [message, advert_ask(members, number + 1)] for site, message in _masking(carried, shares, number).items()
    }
    ask |= {one.site_id: [advert_ask(members, number + 1)] for one in members if one.site_id not in ask}
    answers = line.exchange(ask)
    for one in members:
        if len(answers.get(one.site_id, [])) > 1:
            update, blob = opened(answers[one.site_id][0], MaskedUpdate, one.identity.public)
            carried.parts[one.site_id] = check_masked(update, blob, sheet=carried.sheet, plan=one.plan)
    following = _carried(members, number + 1, {site: found[-1] for site, found in answers.items()})
    lists = survivor_instruction(carried.sheet, carried.statements, unmask=True)
    told: dict[str, list[Wire]] = {site: [lists] for site in lists.survivors}
    for site in following.sheet.adverts:
        told.setdefault(site, []).append(following.sheet.instruction())
    heard = line.exchange(told)
    by_site = {one.site_id: one.identity.public for one in members}
    shown = {
        site: opened(found[0], UnmaskingShares, by_site[site])[0]
        for site, found in heard.items()
        if site in lists.survivors
    }
    counted = [one for one in members if one.site_id in lists.survivors]
    check_equals_plain(open_sum(add_up(carried.sheet, carried.parts), shown), counted)
    line.counted.append(len(counted))
    for one in members:
        one.vector = one.vector + 1
    return following, {site: found[-1] for site, found in heard.items() if site in following.sheet.adverts}


def _carried(members: list[SecureHospital], number: int, adverts: dict[str, bytes]) -> Carried:
    about = about_of(members, number=number)
    sheet = sheet_of(everyone(members, about), MODELS[max(0, number - 2)], adverts)
    return Carried(members, about, frozenset(), sheet)


def _masking(carried: Carried, shares: dict[str, bytes], number: int) -> dict[str, MaskInstruction]:
    by_site = {one.site_id: one.identity.public for one in carried.members}
    dealt = {site: opened(sealed, MaskingShares, by_site[site])[0] for site, sealed in shares.items()}
    return mask_instructions(carried.sheet, dealt, model_sha256=MODELS[number - 1])


def test_a_run_takes_two_exchanges_a_round_and_two_before_the_first() -> None:
    line = a_run(hospitals(5, threshold=4), deaf={})
    assert line.exchanges == 2 * ROUNDS + 2
    assert line.counted == [5, 5, 5, 5]


def test_a_hospital_that_misses_the_second_exchange_sits_out_one_round() -> None:
    """It gave no shares for the next round: its keys of it are worth nothing, and it is back in the one after."""
    line = a_run(hospitals(5, threshold=4), deaf={4: {3}})
    assert line.counted == [5, 4, 5, 5]


def test_a_hospital_that_misses_the_first_exchange_sits_out_two_rounds() -> None:
    """It neither masked this round nor gave keys for the next."""
    line = a_run(hospitals(5, threshold=4), deaf={5: {2}})
    assert line.counted == [5, 4, 4, 5]
