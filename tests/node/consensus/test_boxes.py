"""Boxes of several readers become findings."""

import pytest

from node.consensus.boxes import Box, Finding, Mark, fuse_boxes, intersection_over_union
from node.consensus.errors import NothingToFuse

SQUARE = Box(10, 10, 20, 20)
ALIKE = {"a": 0.85, "b": 0.85, "c": 0.85}


def moved(by: float) -> Box:
    return Box(SQUARE.x0 + by, SQUARE.y0, SQUARE.x1 + by, SQUARE.y1)


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1
    return findings[0]


@pytest.mark.parametrize(("by", "expected"), [(0, 1.0), (5, 50 / 150), (10, 0.0), (2, 80 / 120)])
def test_overlap_is_shared_over_joint_area(by: float, expected: float) -> None:
    assert intersection_over_union(SQUARE, moved(by)) == pytest.approx(expected)


def test_two_of_three_readers_make_a_finding_as_sure_as_one_vote() -> None:
    found = only(fuse_boxes([Mark("a", SQUARE), Mark("b", moved(2))], ALIKE))
    assert found.posterior == pytest.approx(0.85)
    assert found.stands
    assert (found.marked_by, found.not_marked_by) == (("a", "b"), ("c",))
    assert (found.box.x0, found.box.y0, found.box.x1, found.box.y1) == pytest.approx((11, 10, 21, 20))


def test_one_of_three_does_not_stand() -> None:
    found = only(fuse_boxes([Mark("a", SQUARE)], ALIKE))
    assert found.posterior == pytest.approx(0.15)
    assert not found.stands


def test_the_box_of_the_better_reader_weighs_more() -> None:
    found = only(fuse_boxes([Mark("a", SQUARE), Mark("b", moved(3))], {"a": 0.9, "b": 0.6}))
    assert found.box.x0 == pytest.approx(10 + 3 * 0.6 / 1.5)


def test_two_boxes_of_one_reader_are_two_findings() -> None:
    marks = [Mark("a", SQUARE), Mark("a", moved(1)), Mark("b", SQUARE)]
    found = fuse_boxes(marks, ALIKE)
    assert sorted(one.marked_by for one in found) == [("a",), ("a", "b")]


def test_places_apart_stay_apart_and_the_surer_comes_first() -> None:
    marks = [Mark("a", moved(50)), Mark("a", SQUARE), Mark("b", SQUARE), Mark("c", SQUARE)]
    found = fuse_boxes(marks, ALIKE)
    assert [one.marked_by for one in found] == [("a", "b", "c"), ("a",)]


def test_who_marked_without_reading_is_refused_and_a_box_has_an_area() -> None:
    with pytest.raises(NothingToFuse):
        fuse_boxes([Mark("x", SQUARE)], ALIKE)
    with pytest.raises(NothingToFuse):
        fuse_boxes([], {})
    assert fuse_boxes([], ALIKE) == []
    with pytest.raises(ValueError, match="area"):
        Box(1, 1, 1, 5)
