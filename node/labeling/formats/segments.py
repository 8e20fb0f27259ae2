"""Masks of a reading as segments: the marks of one thing together, apart where they would lie on each other.

What holds masks as numbers in a picture takes its segments from here: DICOM segmentations and NIfTI.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from node.labeling.formats.exported import ExportedAnswer, ExportedMark, ExportedReading
from node.labeling.formats.runs import picture_of
from node.labeling.shapes import Mask
from protocols.label_rules import ShapeKind
from protocols.labels import Abstention, LabelSchema

MOST_MARKS = 150
"""Of one segment: the names of more would not fit into its description. Source: DICOM PS3.5 section 6.2 (ST)."""
Where = tuple[str, int]
"""Instance UID and frame."""
Group = tuple[object, ...]
"""What may share an object; the same for frames of the same one."""


@dataclass(slots=True)
class Segment:
    """Marks of one thing, at most one on a frame; none where nothing was found."""

    question: str
    label: str | None = None
    marks: dict[Where, ExportedMark] = field(default_factory=dict)

    def takes(self, question: str, mark: ExportedMark) -> bool:
        """True when the mark may be added."""
        alike = all(
            (one.label, one.thing) == (mark.label, mark.thing) and self.question == question
            for one in self.marks.values()
        )
        room = where_of(mark) not in self.marks and 0 < len(self.marks) < MOST_MARKS
        return alike and room


def says(reading: ExportedReading, schema: LabelSchema) -> ExportedReading | None:
    """The masks of a reading by question, and that there are none; none where nothing was painted or looked for."""
    answers = []
    for question in schema.questions:
        if question.geometry is None or ShapeKind.MASK not in question.geometry.shapes:
            continue
        said = [one for one in reading.answers if one.question == question.code]
        marks = tuple(mark for one in said for mark in one.marks if isinstance(mark.shape, Mask))
        if marks:
            answers.append(ExportedAnswer(question.code, marks=tuple(sorted(marks, key=number_of))))
        elif any(one.abstention is Abstention.ABSENT for one in said):
            answers.append(ExportedAnswer(question.code, abstention=Abstention.ABSENT))
    return replace(reading, answers=tuple(answers)) if answers else None


def segments_by(reading: ExportedReading, group: Callable[[Where], Group], first: Where) -> dict[Group, list[Segment]]:
    """The segments of a reading by the group of their frames; one that is empty goes where `first` goes."""
    grouped: dict[Group, list[Segment]] = {}
    for answer in reading.answers:
        if not answer.marks:
            grouped.setdefault(group(first), []).append(Segment(answer.question))
        for mark in answer.marks:
            segments = grouped.setdefault(group(where_of(mark)), [])
            taking = next((one for one in segments if one.takes(answer.question, mark)), None)
            if taking is None:
                taking = Segment(answer.question, mark.label)
                segments.append(taking)
            taking.marks[where_of(mark)] = mark
    return grouped


def layers(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The segments in as many layers as it takes for none to lie on another."""
    layers: list[tuple[list[Segment], dict[Where, NDArray[np.bool_]]]] = []
    for segment in segments:
        pictures = {where: picture_of(mask_in(mark)) for where, mark in segment.marks.items()}
        free = (
            one for one in layers if not any((one[1][at] & own).any() for at, own in pictures.items() if at in one[1])
        )
        layer = next(free, None)
        if layer is None:
            layer = ([], {})
            layers.append(layer)
        layer[0].append(segment)
        for where, own in pictures.items():
            layer[1][where] = layer[1][where] | own if where in layer[1] else own
    return [segments_of for segments_of, _ in layers]


def mask_in(mark: ExportedMark) -> Mask:
    """The mark's mask. Raises: TypeError for another shape."""
    if not isinstance(mark.shape, Mask):
        raise TypeError("says() keeps masks alone")
    return mark.shape


def where_of(mark: ExportedMark) -> Where:
    """The frame that the mark lies on."""
    return mark.instance_uid, mark.frame


def number_of(mark: ExportedMark) -> int:
    """The mark's number within its reading."""
    return int(mark.mark[1:])
