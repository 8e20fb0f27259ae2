"""The histogram of an update: counts by powers of ten, in the ledger of this release and beside entries of the last."""

import numpy as np
import pytest
from factories import a_ledger_entry
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pydantic import ValidationError

from node.release.histogram import histogram
from node.release.ledger import entry_text, read_entry
from protocols.receipts import HISTOGRAM_BOUNDS, LedgerBroken

COUNTS = (1, 0, 0, 0, 2, 0, 0, 0, 0, 3)


@pytest.mark.parametrize(
    ("size", "place"), [(0.0, 0), (9e-9, 0), (1.5e-8, 1), (0.099, 7), (0.2, 8), (-0.2, 8), (1.0, 9), (-1e30, 9)]
)
def test_a_number_is_counted_by_its_size_whatever_its_sign(size: float, place: int) -> None:
    counts = histogram({"w": np.array([size], dtype=np.float32)})
    assert counts == tuple(int(at == place) for at in range(len(HISTOGRAM_BOUNDS) + 1))


@given(arrays(np.float32, (3, 5), elements=st.floats(-1e6, 1e6, width=32)))
def test_the_counts_add_up_to_all_numbers(tensor: NDArray[np.float32]) -> None:
    assert sum(histogram({"one": tensor, "two": tensor[0]})) == tensor.size + 5


def test_an_entry_without_a_histogram_keeps_the_text_of_version_1() -> None:
    entry = a_ledger_entry()
    assert "update_histogram" not in entry_text(entry)
    assert read_entry(1, entry_text(entry)) == entry
    spelled = entry_text(entry).replace('"update_norm"', '"update_histogram":null,"update_norm"')
    with pytest.raises(LedgerBroken):
        read_entry(1, spelled)


def test_an_entry_with_one_is_read_as_it_was_written_and_counts_are_bounded() -> None:
    entry = a_ledger_entry(update_histogram=COUNTS)
    assert read_entry(1, entry_text(entry)).update_histogram == COUNTS
    for wrong in (COUNTS[:-1], (*COUNTS, 0), (-1, *COUNTS[1:])):
        with pytest.raises(ValidationError):
            a_ledger_entry(update_histogram=wrong)
