"""Connected patches of a mask: runs of each row, joined where they touch the row above.

Two runs touch when they share a column or a corner. Source: the run-length method of connected-component labelling,
Rosenfeld and Pfaltz, 1966.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node.deidentify.pixels.boxes import Box


def patches(mask: NDArray[np.bool_]) -> list[Box]:
    """The box around each connected patch of True pixels, [row, column]."""
    rows, starts, stops = _runs(mask)
    parents = list(range(len(rows)))
    above = 0
    for run in range(len(rows)):
        while rows[above] < rows[run] - 1:
            above += 1
        other = above
        while other < run and rows[other] == rows[run] - 1 and starts[other] <= stops[run]:
            if stops[other] >= starts[run]:
                _join(parents, other, run)
            other += 1
    return _boxes(parents, rows, starts, stops)


def _runs(mask: NDArray[np.bool_]) -> tuple[list[int], list[int], list[int]]:
    """Row, first column and column after the last of every run, row by row."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, stops = np.nonzero(steps == -1)
    return rows.tolist(), starts.tolist(), stops.tolist()


def _root(parents: list[int], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


def _join(parents: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first


def _boxes(parents: list[int], rows: list[int], starts: list[int], stops: list[int]) -> list[Box]:
    edges: dict[int, tuple[int, int, int, int]] = {}
    for run, (row, start, stop) in enumerate(zip(rows, starts, stops, strict=True)):
        root = _root(parents, run)
        left, top, right, bottom = edges.get(root, (start, row, stop, row + 1))
        edges[root] = (min(left, start), min(top, row), max(right, stop), max(bottom, row + 1))
    return [Box(*edge) for edge in edges.values()]
