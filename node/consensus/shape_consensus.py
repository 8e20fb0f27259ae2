"""Boxes and masks of a case fused: boxes into findings, masks by STAPLE, anchored by masks that are known to be true.

Boxes of one question and label on one frame are fused by `consensus.boxes`; readers are taken alike. Masks of one
question are one volume of the frames on which anybody painted, cut to where they painted and a margin; readers of the
case who also read gold cases are held against these (`consensus.staple`). A case with true shapes closes as they say.
Who answered the question, be it with `absent`, read it; who abstained otherwise is no reader of it. Whose mask of a
label is less than half alike with the fused one (Dice) did not draw it. Other shapes are not fused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node.consensus.boxes import Box as PlainBox
from node.consensus.boxes import Mark as PlainMark
from node.consensus.boxes import fuse_boxes
from node.consensus.fused_shapes import FUSED, FusedShape, ShapeConsensus
from node.consensus.overlap import dice
from node.consensus.staple import UNSEEN, Labels, Volume, staple
from node.consensus.vote import READER_ACCURACY
from node.labeling.formats.runs import mask_of, picture_of
from node.labeling.reading import Answer
from node.labeling.shapes import Box, Mark, Mask
from protocols.label_rules import ShapeKind
from protocols.labels import LabelSchema, Question

SEED = 1
MARGIN_PIXELS = 8
ALIKE_FROM = 0.5
GOLD_CASES_AT_MOST = 20
Frame = tuple[str, int]
"""Image and frame, from 1."""
Said = Mapping[str, Answer]
"""What each reader said to one question, by reader."""


@dataclass(frozen=True, slots=True)
class DrawnCase:
    """What readers said of a case, and what is true of it, where that is known."""

    answers: Mapping[str, Sequence[Answer]]
    """By reader."""
    truth: Sequence[Answer] | None = None


def fuse_shapes(schema: LabelSchema, case: DrawnCase, gold: Sequence[DrawnCase]) -> ShapeConsensus:
    """Everything fused of the case; `gold` are cases with a truth."""
    shapes: list[FusedShape] = []
    doubts: set[str] = set()
    fused: list[str] = []
    undecided: list[str] = []
    for question in schema.questions:
        said = _said(question, case)
        if question.geometry is None or FUSED.isdisjoint(question.geometry.shapes) or not said:
            continue
        fused.append(question.code)
        truth = None if case.truth is None else _answer(question, case.truth)
        if truth is not None:
            shapes += _true(question, truth, said)
        if truth is None and ShapeKind.BOX in question.geometry.shapes:
            shapes += _boxes(question, said)
        if truth is None and ShapeKind.MASK in question.geometry.shapes:
            found, why = _masks(question, said, gold)
            shapes += found
            doubts |= why
        if truth is None and _is_open(said, [one for one in shapes if one.question == question.code]):
            undecided.append(question.code)
    return ShapeConsensus(
        questions=tuple(fused), undecided=tuple(undecided), shapes=tuple(shapes), doubts=tuple(sorted(doubts))
    )


def _is_open(said: Said, shapes: Sequence[FusedShape]) -> bool:
    drew = [answer for answer in said.values() if any(mark.shape.shape in FUSED for mark in _marks(answer))]
    return not any(one.stands for one in shapes) and 0 < len(said) <= 2 * len(drew)


def _answer(question: Question, answers: Sequence[Answer]) -> Answer | None:
    """With marks of the question's labels alone; none where it has no others: true shapes may be of a former schema."""
    said = next((one for one in answers if one.question == question.code and one.opines()), None)
    if said is None or not said.marks:
        return said
    marks = tuple(one for one in said.marks if one.label in _labels(question))
    return said.model_copy(update={"marks": marks}) if marks else None


def _labels(question: Question) -> list[str | None]:
    return [*(option.code for option in question.options)] if question.options else [None]


def _said(question: Question, case: DrawnCase) -> dict[str, Answer]:
    found = {reader: _answer(question, answers) for reader, answers in sorted(case.answers.items())}
    return {reader: answer for reader, answer in found.items() if answer is not None}


def _marks(answer: Answer) -> tuple[Mark, ...]:
    return answer.marks or ()


def _true(question: Question, truth: Answer, said: Said) -> Iterator[FusedShape]:
    """The true shapes; whoever drew something of that label on that frame is taken to have drawn them."""
    for mark in _marks(truth):
        drew = {reader for reader, answer in said.items() if any(_beside(one, mark) for one in _marks(answer))}
        yield FusedShape(
            question=question.code,
            label=mark.label,
            image_id=mark.image_id,
            frame=mark.frame,
            thing=mark.thing,
            shape=mark.shape,
            posterior=1.0,
            stands=True,
            drawn_by=tuple(sorted(drew)),
            not_drawn_by=tuple(sorted(said.keys() - drew)),
        )


def _beside(one: Mark, other: Mark) -> bool:
    return (one.image_id, one.frame, one.label) == (other.image_id, other.frame, other.label)


def _boxes(question: Question, said: Said) -> Iterator[FusedShape]:
    by_place: dict[tuple[Frame, str | None], list[PlainMark]] = {}
    for reader, answer in said.items():
        for mark in _marks(answer):
            if isinstance(mark.shape, Box):
                plain = PlainMark(reader, PlainBox(*mark.shape.upper_left, *mark.shape.lower_right))
                by_place.setdefault(((mark.image_id, mark.frame), mark.label), []).append(plain)
    accuracies = dict.fromkeys(said, READER_ACCURACY)
    number = 0
    for ((image_id, frame), label), marks in sorted(by_place.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        for finding in fuse_boxes(marks, accuracies):
            number += 1
            box = finding.box
            yield FusedShape(
                question=question.code,
                label=label,
                image_id=image_id,
                frame=frame,
                thing=f"box-{number}",
                shape=Box(shape=ShapeKind.BOX, upper_left=(box.x0, box.y0), lower_right=(box.x1, box.y1)),
                posterior=finding.posterior,
                stands=finding.stands,
                drawn_by=finding.marked_by,
                not_drawn_by=finding.not_marked_by,
            )


@dataclass(frozen=True, slots=True)
class _Painted:
    """Masks of one question on frames of one size: what each reader painted, and what they stand for."""

    question: Question
    readers: Sequence[str]
    labels: Sequence[str | None]
    frames: Sequence[Frame]
    drawn: Sequence[Labels]


def _masks(question: Question, said: Said, gold: Sequence[DrawnCase]) -> tuple[list[FusedShape], set[str]]:
    readers, found, doubts = sorted(said), list[FusedShape](), set[str]()
    labels = _labels(question)
    grids: dict[tuple[int, int], set[Frame]] = {}
    for mark in (mark for answer in said.values() for mark in _marks(answer)):
        if isinstance(mark.shape, Mask):
            grids.setdefault((mark.shape.rows, mark.shape.columns), set()).add((mark.image_id, mark.frame))
    anchors = [one for one in (_anchor(question, known, readers, labels) for known in gold) if one is not None]
    for size, frames in sorted(grids.items()):
        order = sorted(frames)
        drawn = [_drawn(said[reader], order, size, labels) for reader in readers]
        shapes, why = _fused(_Painted(question, readers, labels, order, drawn), anchors[:GOLD_CASES_AT_MOST])
        found += shapes
        doubts |= why
    return found, doubts


def _fused(painted: _Painted, anchors: Sequence[Volume]) -> tuple[list[FusedShape], set[str]]:
    """The fused masks, frame by frame, and what to doubt."""
    window = _window(painted.drawn)
    cut = Volume([one[window] for one in painted.drawn])
    fused = staple(cut, anchors, labels=len(painted.labels) + 1, seed=SEED)
    whole = np.zeros(painted.drawn[0].shape, dtype=np.int8)
    sure = np.ones(whole.shape, dtype=np.float32)
    whole[window], sure[window] = fused.labels, fused.posterior
    shapes = [
        one for number in range(1, len(painted.labels) + 1) for one in _of_label(painted, number, whole == number, sure)
    ]
    return shapes, {one.value for one in fused.doubts}


def _of_label(
    painted: _Painted, number: int, inside: NDArray[np.bool_], sure: NDArray[np.float32]
) -> Iterator[FusedShape]:
    pairs = zip(painted.readers, painted.drawn, strict=True)
    drew = {reader for reader, own in pairs if dice(own == number, inside) >= ALIKE_FROM}
    for at, (image_id, frame) in enumerate(painted.frames):
        if inside[at].any():
            yield FusedShape(
                question=painted.question.code,
                label=painted.labels[number - 1],
                image_id=image_id,
                frame=frame,
                thing=f"mask-{number}",
                shape=mask_of(inside[at]),
                posterior=min(1.0, float(sure[at][inside[at]].mean())),
                stands=True,
                drawn_by=tuple(sorted(drew)),
                not_drawn_by=tuple(sorted(set(painted.readers) - drew)),
            )


def _drawn(answer: Answer, frames: Sequence[Frame], size: tuple[int, int], labels: Sequence[str | None]) -> Labels:
    """int8 [frame, row, column] of what a reader painted; where two labels meet, the later mark's."""
    made = np.zeros((len(frames), *size), dtype=np.int8)
    places = {frame: at for at, frame in enumerate(frames)}
    for mark in _marks(answer):
        at = places.get((mark.image_id, mark.frame))
        if isinstance(mark.shape, Mask) and at is not None and (mark.shape.rows, mark.shape.columns) == size:
            made[at][picture_of(mark.shape)] = labels.index(mark.label) + 1
    return made


def _window(drawn: Sequence[Labels]) -> tuple[slice, slice, slice]:
    """All frames, and of their rows and columns those anybody painted, with a margin."""
    anybody = np.logical_or.reduce([one != 0 for one in drawn])
    rows, columns = (np.flatnonzero(anybody.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    down, across = (
        slice(max(0, int(one[0]) - MARGIN_PIXELS), int(one[-1]) + 1 + MARGIN_PIXELS) for one in (rows, columns)
    )
    return slice(None), down, across


def _anchor(question: Question, case: DrawnCase, readers: Sequence[str], labels: Sequence[str | None]) -> Volume | None:
    """A case with true masks, as far as any of these readers read it."""
    truth, said = _answer(question, case.truth or ()), _said(question, case)
    painted = [one for one in _marks(truth) if isinstance(one.shape, Mask)] if truth is not None else []
    if truth is None or not painted or not said.keys() & set(readers):
        return None
    shapes = [one.shape for one in painted if isinstance(one.shape, Mask)]
    size = (shapes[0].rows, shapes[0].columns)
    order = sorted({(one.image_id, one.frame) for one in painted})
    true = _drawn(truth, order, size, labels)
    unseen = np.full(true.shape, UNSEEN, dtype=np.int8)
    drawn = [_drawn(said[reader], order, size, labels) if reader in said else unseen for reader in readers]
    window = _window([true, *(one for one in drawn if one is not unseen)])
    return Volume([one[window] for one in drawn], true[window])
