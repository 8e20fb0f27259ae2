"""Masks as pictures of booleans and back, and as runs down the columns, which is how COCO counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node.labeling.shapes import Mask, painted
from protocols.label_rules import ShapeKind

Painted = NDArray[np.bool_]
"""bool [row, column]."""


def picture_of(mask: Mask) -> Painted:
    """The painted pixels of the frame."""
    flat = np.zeros(mask.rows * mask.columns, dtype=np.bool_)
    for start, end in painted(mask):
        flat[start:end] = True
    return flat.reshape(mask.rows, mask.columns)


def mask_of(picture: Painted) -> Mask:
    """The mask of a picture in which something is painted."""
    rows, columns = picture.shape
    return Mask(shape=ShapeKind.MASK, rows=rows, columns=columns, runs=tuple(runs_of(picture.ravel())))


def runs_of(flat: Painted) -> list[int]:
    """Lengths of runs, outside and inside in turn, beginning with outside, which alone may be 0."""
    borders = np.flatnonzero(np.diff(flat)) + 1
    lengths: list[int] = np.diff(np.concatenate(([0], borders, [flat.size]))).tolist()
    return [0, *lengths] if flat.size and flat[0] else lengths


def picture_of_runs(runs: list[int], size: int) -> Painted:
    """The run lengths laid out, `size` in all. Raises: ValueError where they do not add up."""
    if sum(runs) != size or min(runs, default=0) < 0:
        raise ValueError("runs do not cover the picture")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs)
