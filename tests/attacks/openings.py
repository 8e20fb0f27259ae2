"""Which sums a lying coordinator can read, worked out: for every way of showing peers and lists to each hospital.

Hospitals 1 … c stand with the coordinator: they sign anything, as often as asked, and hand over every share they hold.
The others are honest. Of an honest hospital i the coordinator has y_i = x_i + own mask + masks of its pairs. A secret
(the seed of an own mask, or a mask key) opens with t shares. A sum of x over a set can be read exactly when every own
mask in it is open and every pair mask is open or cancels inside the set: hospitals tied by a closed pair mask only ever
appear together, and one whose pair mask has no counterpart never appears. More shares never read less, so an honest
hospital that may answer always does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from secure_factories import a_round

Group = frozenset[int]
Shown = Mapping[int, Group]
"""By honest hospital: the peers it was shown, or the list it answered."""


@dataclass(frozen=True, slots=True)
class Setting:
    """n members, threshold t, the first c of them with the coordinator."""

    n: int
    t: int
    c: int

    @property
    def honest(self) -> Group:
        return frozenset(range(self.c + 1, self.n + 1))

    @property
    def least(self) -> int:
        """The product's own minimum."""
        return a_round(members_n=self.n, threshold_t=self.t, colluders_c=self.c).least_survivors

    @property
    def folds(self) -> bool:
        """Whether the product leaves the vote out."""
        return a_round(members_n=self.n, threshold_t=self.t, colluders_c=self.c).folds

    def sets_with(self, member: int, *, within: Group | None = None) -> list[Group]:
        """All sets large enough that hold this member."""
        pool = frozenset(range(1, self.n + 1)) if within is None else within
        sizes = range(self.least, len(pool) + 1)
        return [frozenset(one) for size in sizes for one in combinations(sorted(pool), size) if member in one]


def read_sums(setting: Setting, peers: Shown, answered: Shown) -> set[Group]:
    """The smallest sets of honest hospitals whose sums can be read."""
    honest, t = setting.honest, setting.t
    seeds = {one for one in honest if setting.c + sum(one in lst for lst in answered.values()) >= t}
    keys = {one for one in honest if setting.c + _keys_shown(one, peers, answered) >= t}

    def closed(one: int) -> list[int]:
        """Hospitals with which this one shares a mask, or has one alone, that stays closed."""
        return [other for other in (peers[one] & honest) - {one} if one not in keys and other not in keys]

    sums, left = set(), set(seeds)
    while left:
        tied, frontier = set(), {left.pop()}
        whole = True
        while frontier:
            one = frontier.pop()
            tied.add(one)
            for other in closed(one):
                if other not in seeds or one not in peers[other]:
                    whole = False
                elif other not in tied:
                    frontier.add(other)
        left -= tied
        if whole:
            sums.add(frozenset(tied))
    return sums


def _keys_shown(one: int, peers: Shown, answered: Shown) -> int:
    return sum(one in peers[holder] - lst for holder, lst in answered.items())


def lists_accepted(setting: Setting, peers: Shown, member: int) -> list[Group]:
    """The lists this hospital accepts: itself in it, among its peers, all honest ones in it shown the same peers."""
    return [
        lst
        for lst in setting.sets_with(member, within=peers[member])
        if all(peers[other] == peers[member] for other in lst & setting.honest)
    ]


def ways_to_answer(setting: Setting, peers: Shown) -> Iterator[Shown]:
    """Every way the honest hospitals can be made to answer, by the product's rules."""
    accepted = {one: lists_accepted(setting, peers, one) for one in setting.honest}
    able = sorted(one for one, lists in accepted.items() if lists)
    if setting.folds:
        for chosen in product(*(accepted[one] for one in able)):
            yield dict(zip(able, chosen, strict=True))
        return
    for votes in product(*([*accepted[one], None] for one in able)):
        cast = dict(zip(able, votes, strict=True))
        won = {lst for lst in votes if lst is not None and _votes(setting, cast, lst) >= setting.t}
        open_to = {one: [lst for lst in won if lst in accepted[one] and cast[one] in {None, lst}] for one in able}
        answering = [one for one in able if open_to[one]]
        for chosen in product(*(open_to[one] for one in answering)):
            yield dict(zip(answering, chosen, strict=True))


def _votes(setting: Setting, cast: Mapping[int, Group | None], lst: Group) -> int:
    return len(lst - setting.honest) + sum(voted == lst for voted in cast.values())


def ways_to_show(setting: Setting) -> Iterator[Shown]:
    """Every way of showing peers to the honest hospitals."""
    honest = sorted(setting.honest)
    for chosen in product(*(setting.sets_with(one) for one in honest)):
        yield dict(zip(honest, chosen, strict=True))


def is_agreed(setting: Setting, sums: set[Group], answered: Shown) -> bool:
    """Whether at most one sum is read, of three honest hospitals at least, and one that was agreed to.

    Agreed is a list that enough hospitals answered. Where the vote is left out, one more sum can be: lists of n - 1,
    each leaving out another hospital, open the sum of all n. It holds every list whole, so it hides each update better
    than the list its hospital answered, and no second sum is there to take it from.
    """
    if not sums:
        return True
    (one, *others) = sums
    if others or len(one) < setting.least - setting.c:
        return False
    lists = list(answered.values())
    enough = [lst & setting.honest for lst in set(lists) if lists.count(lst) >= setting.t - setting.c]
    return enough == [one] or (setting.folds and not enough and all(lst & setting.honest <= one for lst in lists))
