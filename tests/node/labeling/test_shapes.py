"""What is a shape on an image, and what is none."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from node.labeling.shapes import Mask, Shape, ShapeFault, crosses_itself, painted, shape_fault

SHAPE: TypeAdapter[Any] = TypeAdapter(Shape)
ROWS, COLUMNS = 4, 6
SQUARE = ((1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0))


def fault(**words: Any) -> ShapeFault | None:
    return shape_fault(SHAPE.validate_python(words), rows=ROWS, columns=COLUMNS)


@pytest.mark.parametrize(
    "words",
    [
        {"shape": "box", "upper_left": (0, 0), "lower_right": (COLUMNS, ROWS)},
        {"shape": "polygon", "corners": SQUARE},
        {"shape": "contour", "points": SQUARE},
        {"shape": "contour", "points": [(0, 0), (2, 2), (2, 0), (0, 2)]},
        {"shape": "mask", "rows": ROWS, "columns": COLUMNS, "runs": [0, 24]},
        {"shape": "mask", "rows": ROWS, "columns": COLUMNS, "runs": [5, 2, 17]},
        {"shape": "keypoint", "point": (0.5, 0.5)},
        {"shape": "length", "ends": [(0, 0), (6, 4)]},
        {"shape": "angle", "apex": (1, 1), "arms": [(2, 1), (1, 2)]},
        {"shape": "ellipse", "centre": (3, 2), "half_axes": (9, 1), "turned_degrees": 30},
    ],
)
def test_a_shape_within_its_image_is_right(words: dict[str, Any]) -> None:
    assert fault(**words) is None


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({"shape": "box", "upper_left": (0, 0), "lower_right": (COLUMNS, ROWS + 0.1)}, ShapeFault.OUTSIDE_IMAGE),
        ({"shape": "box", "upper_left": (-0.1, 0), "lower_right": (1, 1)}, ShapeFault.OUTSIDE_IMAGE),
        ({"shape": "box", "upper_left": (3, 0), "lower_right": (3, 1)}, ShapeFault.EMPTY),
        ({"shape": "box", "upper_left": (3, 3), "lower_right": (1, 1)}, ShapeFault.EMPTY),
        ({"shape": "polygon", "corners": [(0, 0), (2, 2), (2, 0), (0, 2)]}, ShapeFault.SELF_CROSSING),
        ({"shape": "polygon", "corners": [(0, 0), (2, 0), (1, 0), (1, 2)]}, ShapeFault.SELF_CROSSING),
        ({"shape": "polygon", "corners": [(1, 1), (1, 1), (1, 1)]}, ShapeFault.EMPTY),
        ({"shape": "contour", "points": [(1, 1), (1, 1), (2, 2)]}, ShapeFault.EMPTY),
        ({"shape": "keypoint", "point": (COLUMNS, ROWS + 1)}, ShapeFault.OUTSIDE_IMAGE),
        ({"shape": "length", "ends": [(1, 1), (1, 1)]}, ShapeFault.EMPTY),
        ({"shape": "angle", "apex": (1, 1), "arms": [(1, 1), (2, 2)]}, ShapeFault.EMPTY),
        ({"shape": "ellipse", "centre": (7, 1), "half_axes": (1, 1)}, ShapeFault.OUTSIDE_IMAGE),
        ({"shape": "mask", "rows": COLUMNS, "columns": ROWS, "runs": [0, 24]}, ShapeFault.MASK_SIZE),
        ({"shape": "mask", "rows": ROWS, "columns": COLUMNS, "runs": [0, 23]}, ShapeFault.MASK_SIZE),
        ({"shape": "mask", "rows": ROWS, "columns": COLUMNS, "runs": [2, 0, 22]}, ShapeFault.MASK_SIZE),
    ],
)
def test_a_shape_that_is_none_is_refused_with_its_fault(words: dict[str, Any], wrong: ShapeFault) -> None:
    assert fault(**words) is wrong


@pytest.mark.parametrize(
    "words",
    [
        {"shape": "mask", "rows": ROWS, "columns": COLUMNS, "runs": [24]},
        {"shape": "mask", "rows": ROWS, "columns": COLUMNS, "runs": [-1, 25]},
        {"shape": "polygon", "corners": [(0, 0), (1, 1)]},
        {"shape": "polygon", "corners": [(0, 0)] * 257},
        {"shape": "keypoint", "point": (float("nan"), 0)},
        {"shape": "ellipse", "centre": (3, 2), "half_axes": (0, 1)},
        {"shape": "star"},
        {"shape": "keypoint", "point": (0, 0), "note": "x"},
    ],
)
def test_what_cannot_be_drawn_is_no_shape(words: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SHAPE.validate_python(words)


def test_a_concave_polygon_does_not_cross_itself_and_a_touching_one_does() -> None:
    assert not crosses_itself(((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)))
    assert crosses_itself(((0, 0), (4, 0), (4, 4), (2, 0), (0, 4)))


def test_a_mask_tells_its_painted_stretches() -> None:
    mask = Mask.model_validate({"shape": "mask", "rows": 2, "columns": 5, "runs": [1, 2, 3, 4]})
    assert list(painted(mask)) == [(1, 3), (6, 10)]
