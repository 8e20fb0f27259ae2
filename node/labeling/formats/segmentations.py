"""Masks as DICOM segmentations: one segment a thing and label, and an empty one where the reader said `absent`.

A segmentation speaks of one series in one frame of reference, or of one frame of one image where there is none.
Segments that would lie on each other stand in objects of their own. A segment's description names its marks in the
order of instance UID and frame; its tracking UID is the thing's. Confidence and every other answer are not said here.
Source: DICOM PS3.3 section A.51, C.8.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from numpy.typing import NDArray
from pydicom import Dataset

from node.labeling.formats.dicom_objects import Sources, author_of, finished, frames_of, one_picture, opened, person
from node.labeling.formats.dicom_words import Words, key_of
from node.labeling.formats.exported import ExportedAnswer, ExportedMark, ExportedReading, Readings
from node.labeling.formats.runs import mask_of, picture_of
from node.labeling.formats.segments import Segment, Where, layers, mask_in, number_of, says, segments_by
from protocols.labels import Abstention, LabelSchema

KIND = "seg"
_PLACED = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness")


def write_segmentations(sources: Sources) -> Iterator[bytes]:
    """The segmentations of every reading of the case."""
    number = 0
    for reading in sources.labels.readings:
        kept = says(reading, sources.schema)
        for made_of in () if kept is None else _objects(sources, kept):
            number += 1
            yield finished(_made(sources, reading.author, number, made_of), sources)


def read_segmentations(files: Iterable[bytes], cases: Mapping[str, str], schema: LabelSchema) -> Readings:
    """What the segmentations say; `cases` has the case of each instance UID.

    Raises:
        ValueError: a code is none of the schema, or a segmentation names an image that is in no case.
    """
    words, found = Words(schema), dict[tuple[str, str], dict[str, ExportedAnswer]]()
    for made in opened(list(files)):
        case = cases.get(_instances(made)[0])
        if case is None:
            raise ValueError("an image that is in no case")
        answers = found.setdefault((case, author_of(made)), {})
        for answer in _answers(made, words):
            before = answers.get(answer.question, ExportedAnswer(answer.question))
            marks = tuple(sorted((*before.marks, *answer.marks), key=number_of))
            answers[answer.question] = replace(answer, marks=marks)
    readings: dict[str, list[ExportedReading]] = {}
    for (case, author), answers in sorted(found.items()):
        ordered = (answers[one.code] for one in schema.questions if one.code in answers)
        readings.setdefault(case, []).append(ExportedReading(author, tuple(ordered)))
    return {case: tuple(of_case) for case, of_case in readings.items()}


@dataclass(frozen=True, slots=True)
class _Object:
    """What one segmentation is made of: its source images, their frames in order, and its segments."""

    images: list[Dataset]
    frames: list[Where]
    segments: list[Segment]


def _objects(sources: Sources, reading: ExportedReading) -> Iterator[_Object]:
    """The segments of a reading by what they lie on; those that meet are apart."""
    first = (str(sources.first().SOPInstanceUID), 1)
    for segments in segments_by(reading, lambda where: _group(sources, where), first).values():
        for layer in layers(segments):
            yield _object(sources, {where for segment in layer for where in segment.marks} or {first}, layer)


def _object(sources: Sources, shown: set[Where], segments: list[Segment]) -> _Object:
    images = [header for uid, header in sources.headers.items() if uid in {uid for uid, _ in shown}]
    if _is_flat(images[0]):
        return _Object([one_picture(images[0])], list(shown), segments)
    frames = [(str(one.SOPInstanceUID), at + 1) for one in images for at in range(frames_of(one))]
    return _Object(images, frames, segments)


def _group(sources: Sources, where: Where) -> tuple[object, ...]:
    """What may share a segmentation: images of one frame of reference, or one frame where there is none."""
    header = sources.headers[where[0]]
    if _is_flat(header):
        return where
    if frames_of(header) > 1:
        return where[:1]
    return header.SeriesInstanceUID, header.FrameOfReferenceUID, header.Rows, header.Columns


def _is_flat(header: Dataset) -> bool:
    """True for a picture without a place in space, of which a segmentation takes one frame."""
    placed = all(header.get(keyword) for keyword in _PLACED) or "SharedFunctionalGroupsSequence" in header
    return not header.get("FrameOfReferenceUID") or not placed


def _made(sources: Sources, author: str, number: int, made_of: _Object) -> Segmentation:
    words, images = Words(sources.schema), made_of.images
    made = Segmentation(
        source_images=images,
        pixel_array=_label_map(made_of),
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(words, place, one) for place, one in enumerate(made_of.segments, start=1)],
        series_number=9001,
        content_creator_name=person(author),
        content_label="READING",
        omit_empty_frames=any(one.marks for one in made_of.segments),
        **sources.named(KIND, number),
        **sources.equipment(),
    )
    if _is_flat(images[0]):
        uid, frame = made_of.frames[0]
        if frames_of(sources.headers[uid]) > 1:
            for item in made.PerFrameFunctionalGroupsSequence:
                item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber = frame
    return made


def _label_map(made_of: _Object) -> NDArray[np.uint16]:
    """uint16 [frame, row, column]: the number of the segment, 0 outside."""
    size = (made_of.images[0].Rows, made_of.images[0].Columns)
    numbers = np.zeros((len(made_of.frames), *size), dtype=np.uint16)
    for place, segment in enumerate(made_of.segments, start=1):
        for where, mark in segment.marks.items():
            numbers[made_of.frames.index(where)][picture_of(mask_in(mark))] = place
    return numbers


def _description(words: Words, place: int, segment: Segment) -> SegmentDescription:
    first = next(iter(segment.marks.values()), None)
    what = words.question(segment.question)
    label = what if segment.label is None else words.option(segment.question, segment.label)
    tracked: dict[str, Any] = {} if first is None else {"tracking_id": first.thing, "tracking_uid": first.tracking_uid}
    made = SegmentDescription(
        segment_number=place,
        segment_label=(segment.label or segment.question)[:64],
        segmented_property_category=what,
        segmented_property_type=label,
        algorithm_type=SegmentAlgorithmTypeValues.MANUAL,
        **tracked,
    )
    made.SegmentDescription = " ".join(mark.mark for _, mark in sorted(segment.marks.items()))
    return made


def _answers(made: Dataset, words: Words) -> Iterator[ExportedAnswer]:
    pictures = _pictures(made)
    for item in made.SegmentSequence:
        question = words.question_of(key_of(item.SegmentedPropertyCategoryCodeSequence[0]))
        names = str(item.get("SegmentDescription") or "").split()
        if not names:
            yield ExportedAnswer(question, abstention=Abstention.ABSENT)
            continue
        code = key_of(item.SegmentedPropertyTypeCodeSequence[0])
        own = key_of(item.SegmentedPropertyCategoryCodeSequence[0])
        label = None if code == own else words.option_of(question, code)
        tracked: dict[str, Any] = {"thing": str(item.TrackingID), "tracking_uid": str(item.TrackingUID), "label": label}
        painted = pictures[int(item.SegmentNumber)]
        marks = (
            ExportedMark(mark=name, instance_uid=uid, frame=frame, shape=mask_of(picture), **tracked)
            for name, ((uid, frame), picture) in zip(names, painted.items(), strict=True)
        )
        yield ExportedAnswer(question, marks=tuple(marks))


def _pictures(made: Dataset) -> dict[int, dict[Where, NDArray[np.bool_]]]:
    """What is painted, by segment number, image and frame."""
    frames = made.pixel_array.reshape(-1, made.Rows, made.Columns)
    found: dict[int, dict[Where, NDArray[np.bool_]]] = {}
    shared = made.SharedFunctionalGroupsSequence[0]
    for picture, groups in zip(frames, made.PerFrameFunctionalGroupsSequence, strict=True):
        identified = groups if "SegmentIdentificationSequence" in groups else shared
        segment = int(identified.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        where = (str(source.ReferencedSOPInstanceUID), int(source.get("ReferencedFrameNumber") or 1))
        found.setdefault(segment, {})[where] = picture.astype(np.bool_)
    return {number: dict(sorted(of_segment.items())) for number, of_segment in found.items()}


def _instances(made: Dataset) -> list[str]:
    """The images that the object speaks of."""
    series = made.ReferencedSeriesSequence
    return [str(one.ReferencedSOPInstanceUID) for found in series for one in found.ReferencedInstanceSequence]
