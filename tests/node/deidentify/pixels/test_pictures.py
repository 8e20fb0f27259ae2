"""The pictures in which text is looked for, and what is dark in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fakes.instances import dicom_file
from fakes.lines import INK
from fakes.written import SIDE, TEXT, written
from numpy.typing import NDArray

from node.deidentify.pixels.pictures import Frames, decoded, pictures


def test_where_a_high_value_is_dark_a_high_value_blanks() -> None:
    image = written("MONOCHROME1")
    assert decoded(dicom_file(image)).darkest == INK
    assert decoded(dicom_file(written())).darkest < 40


@pytest.mark.parametrize(
    ("letters", "ground"),
    [((255, 0, 0), (255, 255, 255)), ((255, 0, 0), (0, 0, 0)), ((0, 0, 255), (255, 0, 0)), ((0, 255, 0), (255, 0, 0))],
)
def test_letters_of_any_colour_stand_out_in_one_of_the_pictures(
    letters: tuple[int, ...], ground: tuple[int, ...]
) -> None:
    values = np.empty((1, SIDE, SIDE, 3), np.uint8)
    values[:] = ground
    values[0][TEXT] = letters
    frames = Frames(values, "RGB", np.zeros(3, np.uint8))
    assert any(len(np.unique(picture[..., 0])) == 2 for picture in pictures(frames))


def layers_of(values: NDArray[Any]) -> NDArray[np.uint8]:
    (picture,) = pictures(Frames(values[np.newaxis], "MONOCHROME2", values.min(keepdims=False)))
    return picture


def test_faint_letters_stand_out_in_the_second_layer() -> None:
    values = np.broadcast_to(np.linspace(0, 4000, SIDE), (SIDE, SIDE)).astype(np.int16)
    lettered = values.copy()
    lettered[TEXT] += 100
    whole, standing_out = (layers_of(lettered)[..., layer].astype(int)[TEXT].max() for layer in (0, 1))
    ground = layers_of(values).astype(int)[TEXT].max(axis=(0, 1))
    assert whole - ground[0] <= 8
    assert standing_out - ground[1] >= 15


def test_a_few_glaring_points_do_not_dim_the_third_layer() -> None:
    values = np.random.default_rng(3).integers(0, 200, (SIDE, SIDE)).astype(np.int16)
    values[60, 60] = 4095
    whole, _, common = (layers_of(values)[..., layer] for layer in range(3))
    assert np.median(whole) < 10
    assert np.median(common) > 100


def test_a_picture_of_one_value_is_not_looked_at() -> None:
    values = np.full((1, SIDE, SIDE), 7, np.int16)
    assert list(pictures(Frames(values, "MONOCHROME2", values.min(keepdims=False)))) == []
