"""Weights and their bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from node.training.weights import (
    TensorNotFinite,
    TensorShapeRefused,
    check_tensors,
    from_blob,
    to_blob,
    update_between,
    update_norm,
)

SPECS = (("first", (2, 3)), ("second", (4,)))


def tensors_of(fill: float = 0.5) -> dict[str, np.ndarray]:
    return {name: np.full(shape, fill, dtype=np.float32) for name, shape in SPECS}


@given(hnp.arrays(np.float32, (2, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_blob_gives_back_exactly_the_tensors_it_was_made_of(first: np.ndarray) -> None:
    tensors = tensors_of() | {"first": first}
    returned = from_blob(SPECS, to_blob(SPECS, tensors))
    assert list(returned) == ["first", "second"]
    assert all(np.array_equal(returned[name], tensors[name]) for name in tensors)


def test_the_bytes_are_little_endian_float32_in_the_order_of_the_specification() -> None:
    tensors = {"second": np.arange(4, dtype=np.float32), "first": np.ones((2, 3), dtype=np.float32)}
    assert to_blob(SPECS, tensors) == np.array([1] * 6 + [0, 1, 2, 3], dtype="<f4").tobytes()


@pytest.mark.parametrize("length", [0, 39, 41])
def test_a_blob_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(TensorShapeRefused):
        from_blob(SPECS, bytes(length))


def test_a_missing_and_an_extra_tensor_are_refused() -> None:
    with pytest.raises(TensorShapeRefused):
        to_blob(SPECS, {"first": tensors_of()["first"]})
    with pytest.raises(TensorShapeRefused):
        to_blob(SPECS, tensors_of() | {"third": np.zeros(1, dtype=np.float32)})


def test_a_tensor_of_another_shape_is_refused() -> None:
    with pytest.raises(TensorShapeRefused, match="second"):
        check_tensors(SPECS, tensors_of() | {"second": np.zeros((2, 2), dtype=np.float32)})


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused_both_ways(value: float) -> None:
    with pytest.raises(TensorNotFinite):
        to_blob(SPECS, tensors_of(value))
    with pytest.raises(TensorNotFinite):
        from_blob(SPECS, np.full(10, value, dtype="<f4").tobytes())


def test_the_update_is_after_minus_before_and_its_norm_is_over_all_tensors() -> None:
    update = update_between(tensors_of(1.0), tensors_of(3.0))
    assert all(tensor.dtype == np.float32 for tensor in update.values())
    assert update_norm(update) == pytest.approx(2.0 * np.sqrt(10))
