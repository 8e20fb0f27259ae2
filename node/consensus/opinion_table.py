"""Opinions on one question as three aligned arrays: what every figure and every fusion of this station is made from.

An abstention is no opinion and stands in no table. A reader may have several opinions on a case (repeat readings);
each stands in the table. Readers are whatever name the caller gives them: codes, when the result is shown to a lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import OpinionsRefused

Indices = NDArray[np.intp]
Counts = NDArray[np.int64]
NO_GOLD = -1


@dataclass(frozen=True, slots=True)
class Opinion:
    """One reader chose one option on one case."""

    case_id: str
    reader_id: str
    option: str


@dataclass(frozen=True, slots=True)
class OpinionTable:
    """Opinion `i`: reader `readers[i]` chose option `chosen[i]` on case `cases[i]`, each an index into its names."""

    case_ids: tuple[str, ...]
    reader_ids: tuple[str, ...]
    options: tuple[str, ...]
    cases: Indices
    readers: Indices
    chosen: Indices

    def counts(self) -> Counts:
        """How many chose what: int64 [case, option]."""
        flat = np.bincount(
            self.cases * len(self.options) + self.chosen, minlength=len(self.case_ids) * len(self.options)
        )
        return flat.reshape(len(self.case_ids), len(self.options)).astype(np.int64)

    def firsts(self) -> OpinionTable:
        """Each reader's first opinion on each case; repeats left out."""
        _, first = np.unique(self.cases * len(self.reader_ids) + self.readers, return_index=True)
        keep = np.zeros(len(self.cases), dtype=np.bool_)
        keep[first] = True
        return self.of(keep)

    def of(self, keep: NDArray[np.bool_]) -> OpinionTable:
        """The same names with the opinions of `keep` alone."""
        return OpinionTable(
            self.case_ids, self.reader_ids, self.options, self.cases[keep], self.readers[keep], self.chosen[keep]
        )


def opinion_table(opinions: Iterable[Opinion], options: Sequence[str], *, case_ids: Iterable[str] = ()) -> OpinionTable:
    """The table of these opinions; cases and readers stand in the order of their names, `case_ids` may add unread ones.

    Raises:
        OpinionsRefused: an option is not one of `options`.
    """
    given = list(opinions)
    names = tuple(sorted({opinion.case_id for opinion in given} | set(case_ids)))
    readers = tuple(sorted({opinion.reader_id for opinion in given}))
    case_at, reader_at, option_at = _places(names), _places(readers), _places(options)
    if not {opinion.option for opinion in given} <= option_at.keys():
        raise OpinionsRefused("an opinion names an option the question does not have")
    return OpinionTable(
        case_ids=names,
        reader_ids=readers,
        options=tuple(options),
        cases=np.array([case_at[opinion.case_id] for opinion in given], dtype=np.intp),
        readers=np.array([reader_at[opinion.reader_id] for opinion in given], dtype=np.intp),
        chosen=np.array([option_at[opinion.option] for opinion in given], dtype=np.intp),
    )


def gold_of(table: OpinionTable, gold: Mapping[str, str]) -> Indices:
    """The known option of each case of the table, `NO_GOLD` where it is not known.

    Raises:
        OpinionsRefused: gold names an option the question does not have.
    """
    option_at = _places(table.options)
    if not set(gold.values()) <= option_at.keys():
        raise OpinionsRefused("gold names an option the question does not have")
    known = [option_at[gold[case_id]] if case_id in gold else NO_GOLD for case_id in table.case_ids]
    return np.array(known, dtype=np.intp)


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}
