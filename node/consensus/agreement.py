"""How well the readers of a project agree on one question: as a whole, by reader, by department, by month.

Rules: closed cases alone, each reader's first opinion on a case (repeats are self-agreement, `consensus.quality`).
Alpha carries its interval; a reader is measured against the others on the same cases, chance removed with the options'
shares in the whole question. What a lead is shown comes from `shown_to_lead`: a cell of fewer than `READERS_SHOWN`
readers is withheld, so that no figure speaks of one person; a reader asks for the own figure with `own`. Figures are
drawn up to `settled_until`, the last Monday, so that none moves with one reading.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from node.consensus.alpha import Metric, alpha_figure
from node.consensus.drift import Alarm, alarms, course_of
from node.consensus.errors import AgreementUnmeasurable
from node.consensus.opinion_table import Counts, Opinion, OpinionTable, opinion_table
from node.consensus.resampling import DRAWS, Figure

READERS_SHOWN = 5
SETTLED_MONTHS = 8
Cell = TypeVar("Cell", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Read:
    """One opinion with what it is grouped by."""

    opinion: Opinion
    department: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CellAgreement:
    """Alpha of one cell, or none; `readers` is how many it speaks of."""

    figure: Figure | None
    readers: int
    withheld: bool = False
    """True where the cell speaks of too few readers to be shown."""


@dataclass(frozen=True, slots=True)
class ReaderAgreement:
    """One reader against all others on the same cases: the share of pairs that agree, and beyond chance."""

    pairs: int
    share: float
    beyond_chance: float | None


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    """What was measured on one question."""

    question: str
    whole: CellAgreement
    by_reader: Mapping[str, ReaderAgreement]
    by_department: Mapping[str, CellAgreement]
    by_month: Mapping[str, CellAgreement]
    """By `YYYY-MM`, in order."""
    alarms: tuple[Alarm, ...]
    """Of alpha by month, against the first `SETTLED_MONTHS`; steps count from the first month after them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its options in order, and what they are to each other."""

    question: str
    options: tuple[str, ...]
    metric: Metric = Metric.NOMINAL


def settled_until(now: datetime) -> datetime:
    """The last Monday, 00:00 in the zone of `now`: figures hold what was submitted before it."""
    monday = now - timedelta(days=now.weekday())
    return monday.replace(hour=0, minute=0, second=0, microsecond=0)


def agreement(
    asked: Asked, reads: Sequence[Read], rng: np.random.Generator, *, draws: int = DRAWS
) -> QuestionAgreement:
    """Agreement on one question; the same generator state gives the same intervals.

    Raises:
        OpinionsRefused: an option is not the question's.
    """
    in_order = sorted(reads, key=lambda read: read.at)

    def cell(some: Sequence[Read]) -> CellAgreement:
        table = opinion_table((read.opinion for read in some), asked.options).firsts()
        return CellAgreement(_figure(table.counts(), asked.metric, rng, draws), len(table.reader_ids))

    by_month = _cells(in_order, lambda read: f"{read.at:%Y-%m}", cell)
    return QuestionAgreement(
        question=asked.question,
        whole=cell(in_order),
        by_reader=by_reader(opinion_table((read.opinion for read in in_order), asked.options).firsts()),
        by_department=_cells(in_order, lambda read: read.department, cell),
        by_month=by_month,
        alarms=_alarms(list(by_month.values())),
    )


def by_reader(table: OpinionTable) -> dict[str, ReaderAgreement]:
    """Each reader who shares a case with another, against those others."""
    counts = table.counts()
    others = counts[table.cases].sum(axis=1) - 1
    agreeing = counts[table.cases, table.chosen] - 1
    shares = counts.sum(axis=0) / max(1, counts.sum())
    by_chance = float(np.square(shares).sum())
    size = len(table.reader_ids)
    pairs = np.bincount(table.readers, weights=others, minlength=size)
    agreed = np.bincount(table.readers, weights=agreeing, minlength=size)
    return {
        name: ReaderAgreement(
            pairs=int(pairs[at]),
            share=float(agreed[at] / pairs[at]),
            beyond_chance=None if by_chance == 1.0 else float((agreed[at] / pairs[at] - by_chance) / (1.0 - by_chance)),
        )
        for at, name in enumerate(table.reader_ids)
        if pairs[at]
    }


def shown_to_lead(measured: QuestionAgreement, *, readers: int = READERS_SHOWN) -> QuestionAgreement:
    """The same without any cell of fewer than so many readers, and without readers where there are so few in all."""
    enough = measured.whole.readers >= readers

    def shown(cell: CellAgreement) -> CellAgreement:
        return cell if cell.readers >= readers else CellAgreement(None, 0, withheld=True)

    months = {month: shown(cell) for month, cell in measured.by_month.items()}
    return replace(
        measured,
        whole=shown(measured.whole),
        by_reader=measured.by_reader if enough else {},
        by_department={name: shown(cell) for name, cell in measured.by_department.items()},
        by_month=months,
        alarms=measured.alarms if not any(cell.withheld for cell in months.values()) else (),
    )


def own(measured: QuestionAgreement, reader_id: str) -> ReaderAgreement | None:
    """The reader's own figure, and nobody else's."""
    return measured.by_reader.get(reader_id)


def _cells(
    reads: Sequence[Read], key: Callable[[Read], Cell], measure: Callable[[Sequence[Read]], CellAgreement]
) -> dict[Cell, CellAgreement]:
    grouped: dict[Cell, list[Read]] = {}
    for read in reads:
        grouped.setdefault(key(read), []).append(read)
    return {name: measure(some) for name, some in grouped.items()}


def _figure(counts: Counts, metric: Metric, rng: np.random.Generator, draws: int) -> Figure | None:
    try:
        return alpha_figure(counts, metric, rng, draws=draws)
    except AgreementUnmeasurable:
        return None


def _alarms(months: Sequence[CellAgreement]) -> tuple[Alarm, ...]:
    series = [cell.figure.value for cell in months if cell.figure is not None]
    course = course_of(series[:SETTLED_MONTHS])
    return () if course is None else tuple(alarms(series[SETTLED_MONTHS:], course))
