"""A lying coordinator against real walls: what it cannot open, it gets a code for, and the ledger says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import an_identity
from fakes.secure import about_of, begin, collect, deal, unmask
from fakes.secure_walls import WalledHospital, a_secure_real_plan, walled
from fakes.wall_cast import START_SHA256

from coordinator.aggregation.secure_relay import SecureRoundFailed, Sheet, survivor_instruction
from node.release.secure.state import Act, Stage
from protocols.encoding import decode, encode
from protocols.errors import RefusalCode
from protocols.masking import MaskingAdvert, ShareInstruction, SurvivorInstruction
from protocols.results import ErrorReport
from protocols.signing import Purpose, seal, unseal


@pytest.fixture
def members(tmp_path: Path) -> Iterator[list[Any]]:
    with walled(5, tmp_path, a_secure_real_plan(threshold=4)) as made:
        yield made


def started(members: list[Any]) -> Any:
    return begin(members, about_of(members), model=START_SHA256)


def masked(members: list[Any]) -> Any:
    carried = started(members)
    collect(carried, deal(carried))
    return carried


def check_refused(one: WalledHospital, asked: Any) -> None:
    """A code and nothing else leaves, and the attempt's secrets are gone."""
    report, blob = decode(unseal(one.answer(asked), one.identity.public, Purpose.REFUSAL), ErrorReport)
    assert (report.code, blob, one.kinds()[-1]) == (RefusalCode.OUTSIDE_APPROVAL, b"", "error-report")
    state = one.state(asked.about)
    assert state is not None
    assert (state.stage, state.secrets) == (Stage.ENDED, None)


def with_another_advert(sheet: Sheet, victim: WalledHospital) -> ShareInstruction:
    """The sheet with keys the coordinator made up in the place of one hospital's."""
    mine = sheet.adverts[victim.site_id].model_copy(update={"share_key": b"k" * 32, "mask_key": b"m" * 32})
    assert isinstance(mine, MaskingAdvert)
    forged = seal(encode(mine), an_identity(3), Purpose.MASKING_ADVERT)
    sealed = {**sheet.sealed, victim.site_id: forged}
    return ShareInstruction(about=sheet.members.about, sealed_adverts=tuple(sealed[site] for site in sorted(sealed)))


def test_keys_that_the_coordinator_made_up_get_no_share_of_anybody(members: list[Any]) -> None:
    asked = with_another_advert(started(members).sheet, members[2])
    for one in members:
        check_refused(one, asked)
        assert one.fit.trained == 0


def test_a_list_too_short_or_without_the_node_opens_nothing(members: list[Any]) -> None:
    carried = masked(members)
    said = carried.statements
    for named, number in (([1, 2, 3], 2), ([2, 3, 4, 5], 1)):
        sites = tuple(members[one - 1].site_id for one in named)
        asked = SurvivorInstruction(
            about=carried.about, survivors=sites, sealed_statements=tuple(said[site] for site in sites), unmask=True,
            sealed_votes=(),
        )  # fmt: skip
        check_refused(members[number - 1], asked)


def test_two_lists_open_one_sum_at_most(members: list[Any]) -> None:
    carried = masked(members)
    every = survivor_instruction(carried.sheet, carried.statements, unmask=True)
    four = {site: said for site, said in carried.statements.items() if site != members[4].site_id}
    fewer = survivor_instruction(carried.sheet, four, unmask=True)
    for one in members[:2]:
        assert one.answer(every)
        check_refused(one, fewer)
    assert all(one.kinds().count("unmasking-shares") == 1 for one in members[:2])


def test_a_statement_of_another_hospitals_hand_opens_nothing(members: list[Any]) -> None:
    carried = masked(members)
    said = dict(carried.statements)
    victim, other = members[1].site_id, members[2].site_id
    said[victim] = said[other]
    sites = tuple(sorted(said))
    asked = SurvivorInstruction(
        about=carried.about, survivors=sites, sealed_statements=tuple(said[site] for site in sites), unmask=True,
        sealed_votes=(),
    )  # fmt: skip
    check_refused(members[0], asked)


def test_shares_of_fewer_than_the_threshold_open_nothing(members: list[Any]) -> None:
    carried = masked(members)
    carried.silent = frozenset({(1, Act.REVEAL), (2, Act.REVEAL)})
    with pytest.raises(SecureRoundFailed):
        unmask(carried)
