"""Extra places: after every deal each reader has the same number of them, whatever others said.

How many a reader is given, and where each stands in the worklist, follows from the reader's own places, from who may
read what and from a key alone. Only which case stands behind a place may follow from what others said: a case that is
unsure, or that lost a reader. Some places are drawn to be given by chance, and so are all for which there is no such
case; by chance first come cases that may still use a reading, in an order by the key, then those that may not. So
whoever has any case of the project left is given the full number, also where nothing is in doubt: that is the price.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from node.consensus.adaptive import AdaptiveReads, by_chance
from node.labeling.assignment import UNFINISHED, Assignment
from node.labeling.deal import DealRules, ExtraPlace, Place, score


@dataclass(frozen=True, slots=True)
class Table:
    """What lies on the table when extra places are dealt."""

    usable: Sequence[str]
    """Cases that may still use a reading."""
    spent: Sequence[str]
    """Closed ones, and those that were asked as often as they may be."""
    doubted: Sequence[str]
    """Cases that want another reading which nobody was asked for, the most urgent first."""
    had: Mapping[str, Collection[str]]
    """The cases on which a person has a place, of whatever kind, by person."""
    extra: Mapping[str, Sequence[Assignment]]
    """A person's extra places so far, by person."""


@dataclass(slots=True)
class _Hand:
    """What one reader is given: the cases where nothing is doubted, and which of the places are for doubt."""

    person_id: str
    cases: list[str]
    first: int
    """The reader's number of extra places before."""
    for_doubt: list[int]
    """The places that may be given for doubt, by number."""
    doubted: dict[int, str] = field(default_factory=dict)


def extra_places(setting: AdaptiveReads, key: bytes, rules: DealRules, table: Table) -> list[ExtraPlace]:
    """The new extra places of all readers."""
    usable, spent = (sorted(cases, key=lambda one: score(key.hex(), one)) for cases in (table.usable, table.spent))
    hands = []
    for person_id in sorted({*rules.readers}.union(*rules.of_case.values())):
        before = table.extra.get(person_id, ())
        wanted = setting.places_each - sum(place.state in UNFINISHED for place in before)
        free = _free(rules, person_id, table.had.get(person_id, ()), (usable, spent))
        cases = list(islice(free, max(0, wanted)))
        numbers = range(len(before), len(before) + len(cases))
        open_to = [one for one in numbers if not by_chance(setting, _name(rules, person_id, one), key)]
        hands.append(_Hand(person_id, cases, len(before), open_to))
    _give_doubted(rules, table, hands)
    return [place for hand in hands for place in _places(rules, hand)]


def _free(rules: DealRules, person_id: str, had: Collection[str], orders: Iterable[Sequence[str]]) -> Iterator[str]:
    """The cases the reader may be given, in the reader's own turn of each order."""
    for case_id in chain.from_iterable(_turned(order, score("turn", person_id)) for order in orders):
        if case_id not in had and person_id in rules.readers_of(case_id):
            yield case_id


def _turned(order: Sequence[str], by: int) -> Iterator[str]:
    start = by % len(order) if order else 0
    return chain(islice(order, start, None), islice(order, start))


def _give_doubted(rules: DealRules, table: Table, hands: Iterable[_Hand]) -> None:
    """Each doubted case goes to a reader who may read it and has a place open for one, while there is any."""
    takers = [hand for hand in hands if hand.for_doubt]
    for case_id in table.doubted:
        if not takers:
            return
        readers = rules.readers_of(case_id)
        for hand in _turned_hands(takers, score("doubt", case_id)):
            if hand.person_id in readers and case_id not in table.had.get(hand.person_id, ()):
                hand.doubted[hand.for_doubt.pop(0)] = case_id
                if not hand.for_doubt:
                    takers.remove(hand)
                break


def _turned_hands(hands: Sequence[_Hand], by: int) -> Iterator[_Hand]:
    start = by % len(hands)
    return iter([*hands[start:], *hands[:start]])


def _places(rules: DealRules, hand: _Hand) -> Iterator[ExtraPlace]:
    given = set(hand.doubted.values())
    rest = iter([case_id for case_id in hand.cases if case_id not in given])
    for number in range(hand.first, hand.first + len(hand.cases)):
        doubted = hand.doubted.get(number)
        case_id = next(rest) if doubted is None else doubted
        position = score("extra", _name(rules, hand.person_id, number)) >> 2
        yield ExtraPlace(Place(case_id, hand.person_id, position), doubted is not None)


def _name(rules: DealRules, person_id: str, number: int) -> str:
    return f"{rules.project_id}/{person_id}/{number}"
