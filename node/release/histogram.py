"""The histogram of an update for the hospital's own ledger: how many numbers changed by how much; it stays inside.

Ten counts by powers of ten of the absolute change, whatever the model. They tell a person whether a round moved all
numbers a little or a few a lot, and too little to tell a number from another.
"""

from __future__ import annotations

import numpy as np

from node.training.weights import Tensors
from protocols.receipts import HISTOGRAM_BOUNDS


def histogram(tensors: Tensors) -> tuple[int, ...]:
    """The counts of all numbers of these tensors by size; they add up to how many numbers there are.

    >>> histogram({"w": np.array([0.0, -0.5, 0.05, 2.0])})
    (1, 0, 0, 0, 0, 0, 0, 1, 1, 1)
    """
    counts = np.zeros(len(HISTOGRAM_BOUNDS) + 1, dtype=np.int64)
    for tensor in tensors.values():
        places = np.searchsorted(HISTOGRAM_BOUNDS, np.abs(tensor).ravel(), side="right")
        counts += np.bincount(places, minlength=len(counts))
    return tuple(int(count) for count in counts)
