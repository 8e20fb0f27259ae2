"""Every way of showing different peers and lists to up to five hospitals: none opens a sum but the agreed one."""

import random
from collections.abc import Iterator
from itertools import product

import pytest
from attacks.openings import (
    Group,
    Setting,
    Shown,
    is_agreed,
    lists_accepted,
    read_sums,
    ways_to_answer,
    ways_to_show,
)
from fakes.lies import a_list
from fakes.secure import Carried, SecureHospital, about_of, begin, collect, deal, hospitals
from pydantic import ValidationError

from node.release.secure.refusals import SecureRefused
from node.release.secure.state import SecureRound
from node.release.secure.survivors import check_list
from protocols.masking import SurvivorInstruction

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(3600)]
SEED = 20_261_122


def sound_settings() -> Iterator[Setting]:
    """Every n ≤ 5, t and c that the product takes part in."""
    for n, t, c in product(range(3, 6), range(2, 6), range(3)):
        try:
            Setting(n, t, c).least  # noqa: B018 - the product's own rule decides
        except ValidationError:
            continue
        yield Setting(n, t, c)


SETTINGS = list(sound_settings())


def named(setting: Setting) -> str:
    return f"n{setting.n}-t{setting.t}-c{setting.c}"


def group(*members: int) -> Group:
    return frozenset(members)


ALL = group(1, 2, 3, 4, 5)


def test_all_sound_settings_are_walked() -> None:
    assert [named(one) for one in SETTINGS] == [
        "n3-t2-c0", "n3-t3-c0", "n4-t3-c0", "n4-t3-c1", "n4-t4-c0", "n4-t4-c1",
        "n5-t3-c0", "n5-t4-c0", "n5-t4-c1", "n5-t4-c2", "n5-t5-c0", "n5-t5-c1", "n5-t5-c2",
    ]  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS, ids=named)
def test_no_way_of_showing_peers_and_lists_opens_another_sum(setting: Setting) -> None:
    ways = opened = 0
    for peers in ways_to_show(setting):
        for answered in ways_to_answer(setting, peers):
            sums = read_sums(setting, peers, answered)
            assert is_agreed(setting, sums, answered), (peers, answered, sums)
            ways, opened = ways + 1, opened + len(sums)
    print(f"{named(setting)}: {ways} ways to show peers and lists, {opened} open the agreed sum, none another")
    assert opened > 0


def test_without_the_vote_two_lists_open_part_of_a_sum() -> None:
    """flower.md's first example, and that the product does not leave the vote out there."""
    setting, peers = Setting(5, 3, 0), dict.fromkeys(range(1, 6), ALL)
    answered = {1: group(1, 2, 3), 2: group(1, 2, 4), 3: group(1, 2, 3), 4: group(1, 2, 4), 5: group(1, 2, 5)}
    assert group(1, 2) in read_sums(setting, peers, answered)
    assert not setting.folds
    assert answered not in list(ways_to_answer(setting, peers))


def test_peers_shown_differently_open_one_update_where_statements_are_not_compared() -> None:
    """flower.md's second example, and that the product's hospitals refuse those lists."""
    setting = Setting(5, 3, 0)
    peers = {1: group(1, 2, 3), **dict.fromkeys(range(2, 6), ALL)}
    answered = {4: group(1, 4, 5), 5: group(1, 4, 5), 2: group(1, 2, 4, 5), 3: group(1, 3, 4, 5)}
    assert group(1) in read_sums(setting, peers, answered)
    assert all(lst not in lists_accepted(setting, peers, one) for one, lst in answered.items())


@pytest.mark.parametrize(("n", "t", "c"), [(5, 3, 1), (4, 2, 0), (5, 4, 3), (4, 3, 2)])
def test_thresholds_with_which_both_secrets_of_one_hospital_would_open_are_refused(n: int, t: int, c: int) -> None:
    with pytest.raises(ValidationError):
        Setting(n, t, c).least  # noqa: B018 - reading it is the question


@pytest.mark.parametrize("setting", [Setting(4, 3, 0), Setting(4, 3, 1), Setting(5, 4, 0), Setting(5, 4, 1)], ids=named)
def test_no_two_attempts_of_one_round_open_two_sums(setting: Setting) -> None:
    """One update in two sums is read from their difference: who revealed for one list reveals for no other."""
    whole = frozenset(range(1, setting.n + 1))
    peers = dict.fromkeys(setting.honest, whole)
    accepted = {one: [*lists_accepted(setting, peers, one), None] for one in setting.honest}
    known: dict[tuple[Group | None, ...], set[Group]] = {}
    for chosen in product(*(accepted[one] for one in sorted(setting.honest))):
        known[chosen] = read_sums(setting, peers, _answered(setting, chosen))
    for first, sums in known.items():
        if not sums:
            continue
        free = [
            [lst] if lst is not None else accepted[one] for one, lst in zip(sorted(setting.honest), first, strict=True)
        ]
        for second in product(*free):
            assert known[second] <= sums, (first, second)


def test_without_the_memory_of_a_round_two_attempts_would_open_one_update() -> None:
    """The control: with lists {1 2 3 4} and then all five, the difference is the fifth's update."""
    setting, peers = Setting(5, 4, 0), dict.fromkeys(range(1, 6), ALL)
    first = dict.fromkeys(range(1, 5), group(1, 2, 3, 4))
    second = dict.fromkeys(range(1, 6), ALL)
    assert read_sums(setting, peers, first) == {group(1, 2, 3, 4)}
    assert read_sums(setting, peers, second) == {ALL}


def _answered(setting: Setting, chosen: tuple[Group | None, ...]) -> Shown:
    return {one: lst for one, lst in zip(sorted(setting.honest), chosen, strict=True) if lst is not None}


@pytest.mark.parametrize(("n", "t", "c"), [(4, 3, 0), (5, 3, 0), (5, 4, 1)])
def test_real_hospitals_accept_exactly_the_lists_the_walk_believes_they_accept(n: int, t: int, c: int) -> None:
    """Peers drawn at random, every list told to every hospital: the model of the walk is the product's rule."""
    rng, setting = random.Random(SEED), Setting(n, t, c)
    for _ in range(6):
        peers = {one: rng.choice(setting.sets_with(one)) for one in range(1, n + 1)}
        members, carried = shown(setting, peers)
        for one in members:
            state = one.state(carried.about)
            for lst in setting.sets_with(one.number, within=frozenset(range(1, n + 1))):
                told = a_list(carried, tuple(sorted(lst)), unmask=False)
                expected = lst <= peers[one.number] and all(peers[other] == peers[one.number] for other in lst)
                assert _accepts(state, told, one) == expected, (peers, one.number, lst)


def shown(setting: Setting, peers: Shown) -> tuple[list[SecureHospital], Carried]:
    """A round in which each hospital was given the shares of these peers only."""
    members = hospitals(setting.n, threshold=setting.t, colluders=setting.c)
    carried = begin(members, about_of(members))
    asked = {
        site: message.model_copy(
            update={"packets": tuple(one for one in message.packets if int(one.site_id[:8]) in peers[int(site[:8])])}
        )
        for site, message in deal(carried).items()
    }
    collect(carried, asked)
    return members, carried


def _accepts(state: SecureRound, told: SurvivorInstruction, hospital: SecureHospital) -> bool:
    try:
        check_list(state, told, hospital.place)
    except SecureRefused:
        return False
    return True
