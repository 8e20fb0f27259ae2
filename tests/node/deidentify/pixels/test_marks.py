"""Which text may stay in a picture."""

from __future__ import annotations

import pytest

from node.deidentify.pixels.marks import PERMITTED, may_stay


@pytest.mark.parametrize("said", ["L", "r", " R ", "A-P", "PORTABLE", "(L)", "Supine", "semi-erect"])
def test_a_mark_of_the_list_stays_however_it_is_written(said: str) -> None:
    assert may_stay(said, 0.9, PERMITTED)


@pytest.mark.parametrize("said", ["HONG", "L HONG", "", "-", "L1234567", "홍", "12:30"])
def test_whatever_else_is_read_does_not(said: str) -> None:
    assert not may_stay(said, 0.99, PERMITTED)


def test_what_is_not_read_for_certain_does_not_stay() -> None:
    assert not may_stay("L", 0.69, PERMITTED)


def test_a_site_may_permit_nothing_at_all() -> None:
    assert not may_stay("L", 1.0, frozenset())
