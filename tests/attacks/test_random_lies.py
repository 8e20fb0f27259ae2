"""Coordinators that lie at random to real hospitals: whatever they are told, one sum of one list opens, or none."""

import random

import pytest
from attacks.openings import Group, Setting, read_sums
from fakes.adversary import Adversary
from fakes.secure import hospitals

from protocols.masking import UnmaskingShares

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(3600)]
SEED = 20_261_122
COORDINATORS_SHORT, COORDINATORS_FULL = 8, 60
TRIES = 80
"""Messages in each of two attempts."""
SETTINGS = (Setting(4, 3, 0), Setting(4, 3, 1), Setting(5, 4, 0), Setting(5, 4, 1), Setting(5, 3, 0), Setting(4, 4, 1))


def number_of(site_id: str) -> int:
    return int(site_id[:8])


def check_never_both(setting: Setting, shown: list[UnmaskingShares]) -> None:
    """Nobody's seed and mask key open together, with all that colluders hold."""
    for one in setting.honest:
        seeds = setting.c + sum(number_of(share.site_id) == one for word in shown for share in word.seeds)
        keys = setting.c + sum(number_of(share.site_id) == one for word in shown for share in word.mask_keys)
        assert min(seeds, keys) < setting.t


def sums_read(setting: Setting, liar: Adversary, attempt: int) -> set[Group]:
    """What this coordinator can read of one attempt."""
    said = {number_of(site): word for site, (word, _) in liar.said[attempt].items()}
    peers = {one: frozenset(map(number_of, said[one].peers)) if one in said else frozenset() for one in setting.honest}
    told = [word for word in liar.shown[attempt] if number_of(word.site_id) in setting.honest]
    words = {word.site_id: word for word in told}
    assert all(word == words[word.site_id] for word in told), "two lists of one hospital"
    check_never_both(setting, list(words.values()))
    answered = {number_of(site): frozenset(map(number_of, word.survivors)) for site, word in words.items()}
    return read_sums(setting, peers, answered)


def test_no_random_lie_opens_a_second_sum(short: bool) -> None:
    rng, opened, refused = random.Random(SEED), 0, 0
    coordinators = COORDINATORS_SHORT if short else COORDINATORS_FULL
    for _ in range(coordinators):
        setting = rng.choice(SETTINGS)
        members = hospitals(setting.n, threshold=setting.t, colluders=setting.c)
        liar = Adversary(members, setting.c, rng)
        for liar.attempt in (1, 2):
            for _ in range(TRIES):
                liar.tries()
        sums = sums_read(setting, liar, 1) | sums_read(setting, liar, 2)
        assert len(sums) <= 1
        assert all(len(one) >= 3 for one in sums)
        opened, refused = opened + len(sums), refused + liar.refused
    print(f"{coordinators} lying coordinators, {refused} lies refused: {opened} read one agreed sum, none a second")
    assert opened > 0
