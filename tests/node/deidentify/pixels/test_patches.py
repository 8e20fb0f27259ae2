"""Connected patches of a mask, against a slow and plain search."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from node.deidentify.pixels.boxes import Box
from node.deidentify.pixels.patches import patches

MASKS = arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def plainly(mask: NDArray[np.bool_]) -> set[Box]:
    """The boxes by walking from pixel to pixel, corners included."""
    left_over = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    found = set()
    while left_over:
        waiting, seen = [left_over.pop()], []
        while waiting:
            row, column = waiting.pop()
            seen.append((row, column))
            near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left_over
            left_over -= near
            waiting += near
        rows, columns = zip(*seen, strict=True)
        found.add(Box(min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return found


@settings(max_examples=200)
@given(MASKS)
def test_every_patch_is_found_once_whatever_its_shape(mask: NDArray[np.bool_]) -> None:
    assert set(patches(mask)) == plainly(mask)


def test_an_empty_mask_has_no_patch() -> None:
    assert patches(np.zeros((4, 4), bool)) == []
