"""Boxes and masks of a case fused: what stands, who dissents, what to doubt, and what true shapes do to it."""

from collections.abc import Mapping

import numpy as np
import pytest

from node.consensus.shape_consensus import DrawnCase, fuse_shapes
from node.labeling.formats.runs import mask_of, picture_of
from node.labeling.reading import Answer
from node.labeling.schema_shelf import schema_of
from node.labeling.shapes import Box, Mark, Mask, Shape
from protocols.label_rules import ShapeKind
from protocols.labels import Abstention

KIM, LEE, PARK, CHOI = (f"00000000-0000-4000-8000-00000000000{number}" for number in "1234")
IMAGE, OTHER = "00000000-0000-4000-8000-0000000000aa", "00000000-0000-4000-8000-0000000000bb"
BOXES, MASKS = schema_of("generic-box", 1), schema_of("generic-mask", 1)
SIDE = 64


def box(x: float, y: float, size: float = 20.0) -> Box:
    return Box(shape=ShapeKind.BOX, upper_left=(x, y), lower_right=(x + size, y + size))


def square(top: int, left: int, size: int = 24) -> Mask:
    picture = np.zeros((SIDE, SIDE), dtype=np.bool_)
    picture[top : top + size, left : left + size] = True
    return mask_of(picture)


def drew(question: str, *shapes: Shape, image: str = IMAGE) -> tuple[Answer, ...]:
    if not shapes:
        return (Answer(question=question, abstention=Abstention.ABSENT),)
    marks = tuple(Mark(mark=f"m{at}", image_id=image, shape=shape) for at, shape in enumerate(shapes, start=1))
    return (Answer(question=question, marks=marks),)


def case(said: Mapping[str, tuple[Answer, ...]], truth: tuple[Answer, ...] | None = None) -> DrawnCase:
    return DrawnCase(said, truth)


def test_boxes_of_two_of_three_are_one_finding_and_the_third_dissents() -> None:
    said = {KIM: drew("boxes", box(10, 10)), LEE: drew("boxes", box(12, 10), box(40, 40)), PARK: drew("boxes")}
    found = fuse_shapes(BOXES, case(said), [])
    together, alone = sorted(found.shapes, key=lambda one: -one.posterior)
    assert isinstance(together.shape, Box)
    assert (*together.shape.upper_left, *together.shape.lower_right) == pytest.approx((11, 10, 31, 30))
    assert (together.stands, together.drawn_by, together.dissent()) == (True, (KIM, LEE), (PARK,))
    assert together.posterior == pytest.approx(0.85)
    assert (alone.stands, alone.dissent()) == (False, (LEE,))
    assert (found.questions, found.doubts) == (("boxes",), ())


def test_who_abstains_is_no_reader_and_where_nobody_drew_there_is_nothing() -> None:
    abstains = (Answer(question="boxes", abstention=Abstention.OUTSIDE_MY_FIELD),)
    found = fuse_shapes(BOXES, case({KIM: drew("boxes", box(1, 1)), LEE: abstains}), [])
    assert [(one.drawn_by, one.not_drawn_by) for one in found.shapes] == [((KIM,), ())]
    assert fuse_shapes(BOXES, case({KIM: drew("boxes"), LEE: abstains}), []).shapes == ()
    assert fuse_shapes(BOXES, case({LEE: abstains}), []).questions == ()


def test_boxes_on_two_images_are_never_one_finding() -> None:
    said = {KIM: drew("boxes", box(1, 1)), LEE: drew("boxes", box(1, 1), image=OTHER)}
    assert {one.image_id for one in fuse_shapes(BOXES, case(said), []).shapes} == {IMAGE, OTHER}


def test_masks_of_three_are_one_mask_and_who_painted_elsewhere_dissents() -> None:
    said = {KIM: drew("masks", square(10, 10)), LEE: drew("masks", square(10, 10)), PARK: drew("masks", square(38, 38))}
    (found,) = fuse_shapes(MASKS, case(said), []).shapes
    assert isinstance(found.shape, Mask)
    assert np.array_equal(picture_of(found.shape), picture_of(square(10, 10)))
    assert (found.drawn_by, found.dissent()) == ((KIM, LEE), (PARK,))
    assert 0.5 < found.posterior <= 1.0


def test_masks_without_gold_or_with_few_readers_are_doubted_aloud() -> None:
    said = {KIM: drew("masks", square(10, 10)), LEE: drew("masks", square(11, 10))}
    assert {"no-gold", "few-readers"} <= set(fuse_shapes(MASKS, case(said), []).doubts)


def test_gold_cases_decide_whom_to_believe() -> None:
    """Two who always paint too much against one who is right: gold shows it, a vote cannot."""
    right, much = square(16, 16, 24), square(8, 8, 40)
    readers = {KIM: drew("masks", right), LEE: drew("masks", much), PARK: drew("masks", much)}
    gold = [case(readers, truth=drew("masks", right)) for _ in range(6)]
    blind, anchored = (fuse_shapes(MASKS, case(readers), known) for known in ([], gold))
    masks = [found.shapes[0].shape for found in (blind, anchored)]
    assert [int(picture_of(one).sum()) for one in masks if isinstance(one, Mask)] == [40 * 40, 24 * 24]
    assert "no-gold" not in anchored.doubts


def test_a_case_of_which_the_truth_is_known_closes_as_it_says() -> None:
    said = {KIM: drew("masks", square(10, 10)), LEE: drew("masks", square(38, 38)), PARK: drew("masks")}
    found = fuse_shapes(MASKS, case(said, truth=drew("masks", square(30, 30))), [])
    assert [(one.shape, one.posterior, one.not_drawn_by) for one in found.shapes] == [(square(30, 30), 1.0, (PARK,))]
    assert found.doubts == ()
    nothing = fuse_shapes(MASKS, case(said, truth=drew("masks")), [])
    assert (nothing.questions, nothing.shapes) == (("masks",), ())


def test_true_shapes_of_labels_that_the_schema_has_no_more_are_left_out() -> None:
    """Of what is left the case closes as usual; a truth with no other shape is none, and says not that all is clear."""
    former = [
        drew("masks", square(16, 16))[0].marks or (),
        drew("masks", square(20, 20))[0].marks or (),
    ]
    truth = Answer(question="masks", marks=tuple(mark.model_copy(update={"label": "cyst"}) for mark in former[0]))
    said = {one: drew("masks", square(10, 10)) for one in (KIM, LEE, PARK)}
    anchor = case(said, truth=(truth,))
    assert "no-gold" in fuse_shapes(MASKS, case(said), [anchor]).doubts
    (found,) = fuse_shapes(MASKS, case(said, truth=(truth,)), []).shapes
    assert found.shape == square(10, 10)
    mixed = truth.model_copy(update={"marks": (*(truth.marks or ()), *former[1])})
    (kept,) = fuse_shapes(MASKS, case(said, truth=(mixed,)), []).shapes
    assert kept.shape == square(20, 20)


def test_gold_of_others_readers_is_no_anchor() -> None:
    elsewhere = case({CHOI: drew("masks", square(16, 16))}, truth=drew("masks", square(16, 16)))
    said = {KIM: drew("masks", square(10, 10)), LEE: drew("masks", square(10, 10)), PARK: drew("masks", square(10, 10))}
    assert "no-gold" in fuse_shapes(MASKS, case(said), [elsewhere]).doubts


def test_where_half_of_the_readers_drew_and_nothing_stands_nothing_is_said() -> None:
    tied = [
        fuse_shapes(BOXES, case({KIM: drew("boxes", box(1, 1)), LEE: drew("boxes")}), []),
        fuse_shapes(BOXES, case({KIM: drew("boxes", box(1, 1)), LEE: drew("boxes", box(40, 40))}), []),
        fuse_shapes(MASKS, case({KIM: drew("masks", square(10, 10)), LEE: drew("masks")}), []),
    ]
    assert [one.undecided for one in tied] == [one.questions for one in tied]
    fewer = {KIM: drew("boxes", box(1, 1)), LEE: drew("boxes"), PARK: drew("boxes")}
    assert fuse_shapes(BOXES, case(fewer), []).undecided == ()
    assert fuse_shapes(BOXES, case({KIM: drew("boxes"), LEE: drew("boxes")}), []).undecided == ()
