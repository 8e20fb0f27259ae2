"""Dice and HD95 on masks whose distances are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from node.consensus.errors import AgreementUnmeasurable, ShapesDiffer
from node.consensus.overlap import Mask, dice, hd95, squared_distances_mm

ONE_MM = (1.0, 1.0)


def square(top: int, left: int, side: int = 4) -> Mask:
    mask = np.zeros((12, 12), dtype=np.bool_)
    mask[top : top + side, left : left + side] = True
    return mask


def test_dice_is_twice_the_common_over_the_sum() -> None:
    assert dice(square(2, 2), square(2, 4)) == 2 * 8 / 32
    assert dice(square(2, 2), square(2, 2)) == 1.0
    assert dice(square(0, 0), square(8, 8)) == 0.0


def test_two_empty_masks_agree_and_one_empty_mask_has_no_distance() -> None:
    nothing = np.zeros((12, 12), dtype=np.bool_)
    assert (dice(nothing, nothing), hd95(nothing, nothing, ONE_MM)) == (1.0, 0.0)
    assert dice(nothing, square(2, 2)) == 0.0
    with pytest.raises(AgreementUnmeasurable):
        hd95(nothing, square(2, 2), ONE_MM)


def test_a_shifted_square_is_as_far_as_its_shift_in_millimetres() -> None:
    assert hd95(square(2, 2), square(2, 5), ONE_MM) == 3.0
    assert hd95(square(2, 2), square(2, 5), (1.0, 0.5)) == 1.5
    assert hd95(square(2, 2), square(2, 2), ONE_MM) == 0.0


def test_one_stray_pixel_in_many_does_not_move_the_95th_percentile() -> None:
    """The outline has 36 pixels: a stray one is less than 5 %."""
    stray = np.zeros((40, 40), dtype=np.bool_)
    stray[2:12, 2:12] = True
    clean = stray.copy()
    stray[39, 39] = True
    assert hd95(clean, stray, ONE_MM) == 0.0


def sphere(radius: int) -> Mask:
    grid = np.indices((99, 99, 99)).transpose(1, 2, 3, 0)
    inside: Mask = np.square(grid - (20, 33, 22)).sum(axis=-1) <= radius**2
    return inside


def test_spheres_are_as_far_apart_as_in_the_published_test_of_monai() -> None:
    """MONAI 1.x, tests/test_hausdorff_distance.py: radius 20 and 40 around one centre, 95th percentile."""
    assert hd95(sphere(20), sphere(40), (1.0, 1.0, 1.0)) == pytest.approx(20.09975124224178)


def test_masks_of_two_grids_are_refused() -> None:
    with pytest.raises(ShapesDiffer):
        dice(square(2, 2), np.zeros((3, 3), dtype=np.bool_))
    with pytest.raises(ShapesDiffer):
        hd95(square(2, 2), square(2, 2), (1.0, 1.0, 1.0))


@settings(max_examples=40)
@given(st_numpy.arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 6))), st.floats(0.3, 3.0))
def test_distances_are_those_of_trying_every_pair(marked: Mask, spacing: float) -> None:
    places = np.argwhere(marked) * (1.0, spacing)
    found = squared_distances_mm(marked, (1.0, spacing))
    for at, distance in np.ndenumerate(found):
        every = np.square(places - np.array(at) * (1.0, spacing)).sum(axis=1)
        assert distance == (pytest.approx(every.min()) if len(every) else np.inf)
