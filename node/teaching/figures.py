"""What an exam says of somebody: shares with Wilson's 95 % interval, in all and for everything that was true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.consensus.quality import Rate, wilson
from node.teaching.exam import ExamItem

_NEARLY = 1e-9


@dataclass(frozen=True, slots=True)
class ExamFigures:
    """Right answers of all, of the quizzes, and of the cases by what is voted on and true of them."""

    overall: Rate
    quizzes: Rate | None
    by_known: Mapping[tuple[str, str], Rate]


def figures_of(items: Sequence[ExamItem]) -> ExamFigures:
    """The figures of an attempt that is over; what was not answered is wrong."""
    by_known: dict[tuple[str, str], list[bool]] = defaultdict(list)
    quizzes: list[bool] = []
    for item in items:
        group = quizzes if item.voted is None else by_known[(item.voted, item.known)]
        group.append(item.said == item.known)
    return ExamFigures(
        overall=_rate([item.said == item.known for item in items]),
        quizzes=_rate(quizzes) if quizzes else None,
        by_known={known: _rate(right) for known, right in sorted(by_known.items())},
    )


def passes(figures: ExamFigures, pass_mark: float) -> bool:
    """True when the share of right answers reaches the mark."""
    return figures.overall.right >= pass_mark * figures.overall.of - _NEARLY


def _rate(right: Sequence[bool]) -> Rate:
    return wilson(sum(right), len(right))
