"""Agreement as sums that two hospitals could add: counts alone, rounded and suppressed, no case and no reader.

From one question's opinions: how often which two answers met on one case, and how many cases and readings stand
behind it. Agreement beyond chance follows from added sums, so hospitals compare without sharing a case. Before a sum is
shaped to leave: a hospital with fewer than `MIN_READERS` readers or `MIN_CASES` cases gives none; each count below
`MIN_COUNT` is suppressed, and where exactly one is, the next smallest with it, so that none follows from the total;
every count is rounded down to a multiple of `ROUNDED_TO`. These values travel only once analytics plans exist: there is
no gate row for them, so today nothing can send them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import OpinionTable

MIN_READERS, MIN_CASES, MIN_COUNT, ROUNDED_TO = 5, 20, 10, 5


@dataclass(frozen=True, slots=True)
class Meeting:
    """How many pairs of readers gave these two answers on one case; none where it is suppressed."""

    first: str
    second: str
    pairs: int | None


@dataclass(frozen=True, slots=True)
class AgreementSums:
    """What one hospital would contribute on one question."""

    schema_code: str
    schema_version: int
    question: str
    cases: int
    """Cases with two readings or more, rounded down."""
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that is compared: hospitals must mean the same."""

    schema_code: str
    schema_version: int
    question: str


def agreement_sums(asked: Asked, table: OpinionTable) -> AgreementSums | None:
    """The sums of this hospital; none where it has too few readers or cases to speak of."""
    firsts = table.firsts()
    counts = firsts.counts()
    paired = counts[counts.sum(axis=1) >= 2]
    readers = len(np.unique(firsts.readers))
    if readers < MIN_READERS or len(paired) < MIN_CASES:
        return None
    met = paired.T @ paired
    sums = {
        (one, other): int((paired[:, one] * (paired[:, one] - 1)).sum()) // 2 if one == other else int(met[one, other])
        for one, other in combinations_with_replacement(range(len(table.options)), 2)
    }
    kept = _suppressed(sums)
    meetings = tuple(Meeting(table.options[one], table.options[other], kept[one, other]) for one, other in sums)
    return AgreementSums(asked.schema_code, asked.schema_version, asked.question, _rounded(len(paired)), meetings)


def agreement_beyond_chance(sums: Iterable[AgreementSums]) -> float:
    """Scott's pi of all pairs added up; suppressed counts count as none.

    Source: Scott 1955, doi:10.1086/266577: chance from the pooled shares of the answers.

    Raises:
        AgreementUnmeasurable: no pair is left, or all are of one answer.
    """
    agreed, pairs, said = 0, 0, dict[str, int]()
    for one in sums:
        for meeting in one.meetings:
            count = meeting.pairs or 0
            pairs += count
            agreed += count if meeting.first == meeting.second else 0
            for answer in (meeting.first, meeting.second):
                said[answer] = said.get(answer, 0) + count
    by_chance = sum((count / (2 * pairs)) ** 2 for count in said.values()) if pairs else 1.0
    if by_chance == 1.0:
        raise AgreementUnmeasurable("no pair is left, or all are of one answer")
    return (agreed / pairs - by_chance) / (1.0 - by_chance)


def _suppressed(sums: dict[tuple[int, int], int]) -> dict[tuple[int, int], int | None]:
    """Small counts gone, with a companion where one alone would follow from the rest; the others rounded down."""
    small = {cell for cell, count in sums.items() if count < MIN_COUNT}
    if len(small) == 1 and len(sums) > 1:
        small.add(min(sums.keys() - small, key=lambda cell: (sums[cell], cell)))
    return {cell: None if cell in small else _rounded(count) for cell, count in sums.items()}


def _rounded(count: int) -> int:
    return count - count % ROUNDED_TO
