"""Shapes as presentation states: every mark but a mask is a graphic object in the layer of its question and label.

A state speaks of one series: a greyscale one, or a colour one where the images are in colour. A graphic object's
tracking identifier is its thing, its mark and its shape; its tracking UID is the thing's. Coordinates are in pixels
from the upper left corner, as ours are. Nothing that is no mark is said here.
Source: DICOM PS3.3 section A.33.1, A.33.2, C.10.5 (units PIXEL; an ellipse by the ends of its long and its short axis).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any, Final

import numpy as np
from highdicom.pr import (
    ColorSoftcopyPresentationState,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
)
from PIL.ImageCms import ImageCmsProfile, createProfile
from pydicom import Dataset

from node.labeling.formats.dicom_objects import Sources, author_of, finished, frames_of, one_picture, opened, person
from node.labeling.formats.exported import ExportedAnswer, ExportedMark, ExportedReading, Readings, stepped
from node.labeling.shapes import Angle, Box, Contour, Distance, Ellipse, Keypoint, Mask, Point, Polygon, Shape
from protocols.label_rules import ShapeKind
from protocols.labels import LabelSchema

KIND: Final = "pr"
_CLASS, _CLASSES = slice(12, 16), (b"spac", b"scnr")
_MADE, _FIRST_OF_2000 = slice(24, 36), bytes.fromhex("07d000010001000000000000")
"""Class and day in the header of a profile; the day would be today. Source: ICC.1:2022, 7.2.5 and 7.2.8."""
_State = GrayscaleSoftcopyPresentationState | ColorSoftcopyPresentationState


def says(reading: ExportedReading, schema: LabelSchema) -> ExportedReading | None:
    """The marks of a reading by question, but no mask; none where nothing else was drawn."""
    answers = []
    for question in schema.questions:
        said = (one for one in reading.answers if one.question == question.code)
        marks = [mark for one in said for mark in one.marks if not isinstance(mark.shape, Mask)]
        if marks:
            answers.append(ExportedAnswer(question.code, marks=tuple(sorted(marks, key=_number))))
    return replace(reading, answers=tuple(answers)) if answers else None


def write_presentations(sources: Sources) -> Iterator[bytes]:
    """The presentation states of every reading of the case."""
    number = 0
    for reading in sources.labels.readings:
        kept = says(reading, sources.schema)
        for images in () if kept is None else _series(sources, kept):
            number += 1
            if kept is not None:
                yield finished(_made(sources, kept, number, images), sources)


def read_presentations(files: Iterable[bytes], cases: Mapping[str, str], schema: LabelSchema) -> Readings:
    """What the presentation states say; `cases` has the case of each instance UID.

    Raises:
        ValueError: a layer is none of the schema, or a state speaks of an image that is in no case.
    """
    layers = {layer.name: layer for layer in _layers(schema)}
    found: dict[tuple[str, str], dict[str, list[ExportedMark]]] = {}
    for made in opened(list(files)):
        for annotation in made.GraphicAnnotationSequence:
            layer = layers.get(str(annotation.GraphicLayer))
            image = annotation.ReferencedImageSequence[0]
            case = cases.get(str(image.ReferencedSOPInstanceUID))
            if layer is None or case is None:
                raise ValueError("a layer that the schema does not have, or an image that is in no case")
            answers = found.setdefault((case, author_of(made)), {})
            marks = (_mark(one, image, layer.label) for one in annotation.GraphicObjectSequence)
            answers.setdefault(layer.question, []).extend(marks)
    readings: dict[str, list[ExportedReading]] = {}
    for (case, author), answers in sorted(found.items()):
        ordered = tuple(
            ExportedAnswer(one.code, marks=tuple(sorted(answers[one.code], key=_number)))
            for one in schema.questions
            if one.code in answers
        )
        readings.setdefault(case, []).append(ExportedReading(author, ordered))
    return {case: tuple(of_case) for case, of_case in readings.items()}


@dataclass(frozen=True, slots=True)
class _Layer:
    """One question with one of its labels, or without; layers are numbered through the schema."""

    name: str
    order: int
    question: str
    label: str | None

    def made(self) -> GraphicLayer:
        """The layer as a state lists it."""
        told = self.question if self.label is None else f"{self.question}/{self.label}"
        return GraphicLayer(self.name, self.order, told[:64])


def _layers(schema: LabelSchema) -> list[_Layer]:
    drawn = [question for question in schema.questions if question.geometry is not None]
    named = [(one.code, label) for one in drawn for label in (None, *(option.code for option in one.options))]
    return [_Layer(f"LAYER{order}", order, *name) for order, name in enumerate(named, start=1)]


def _series(sources: Sources, reading: ExportedReading) -> list[list[Dataset]]:
    """The images that were drawn on, by series and size, in the case's order."""
    drawn = {mark.instance_uid for answer in reading.answers for mark in answer.marks}
    grouped: dict[tuple[object, ...], list[Dataset]] = {}
    for instance_uid, header in sources.headers.items():
        if instance_uid in drawn:
            key = (header.SeriesInstanceUID, header.Rows, header.Columns, _in_colour(header))
            grouped.setdefault(key, []).append(header)
    return list(grouped.values())


def _in_colour(header: Dataset) -> bool:
    return int(header.get("SamplesPerPixel") or 1) > 1


def _made(sources: Sources, reading: ExportedReading, number: int, images: list[Dataset]) -> _State:
    shown = {str(image.SOPInstanceUID): image for image in images}
    drawn = _drawn(sources.schema, reading, shown)
    used = {order for order, _, _ in drawn}
    by_order = {layer.order: layer.made() for layer in _layers(sources.schema) if layer.order in used}
    pictures = {uid: one_picture(image) for uid, image in shown.items()}
    coloured = _in_colour(images[0])
    state = ColorSoftcopyPresentationState if coloured else GrayscaleSoftcopyPresentationState
    colours: dict[str, Any] = {"icc_profile": _profile(images[0])} if coloured else {}
    made = state(
        referenced_images=list(pictures.values()),
        series_number=9003,
        content_label="READING",
        content_creator_name=person(reading.author),
        graphic_layers=list(by_order.values()),
        graphic_annotations=[
            _annotation(pictures[uid], by_order[order], marks) for (order, uid, _), marks in drawn.items()
        ],
        **sources.named(KIND, number),
        **sources.equipment(),
        **colours,
    )
    for annotation, (_, uid, frame) in zip(made.GraphicAnnotationSequence, drawn, strict=True):
        if frames_of(shown[uid]) > 1:
            annotation.ReferencedImageSequence[0].ReferencedFrameNumber = frame
    return made


def _drawn(
    schema: LabelSchema, reading: ExportedReading, shown: Container[str]
) -> dict[tuple[int, str, int], list[ExportedMark]]:
    """The marks on these images, by layer, image and frame."""
    orders = {(layer.question, layer.label): layer.order for layer in _layers(schema)}
    drawn: dict[tuple[int, str, int], list[ExportedMark]] = {}
    for answer in reading.answers:
        for mark in (one for one in answer.marks if one.instance_uid in shown):
            where = (orders[answer.question, mark.label], mark.instance_uid, mark.frame)
            drawn.setdefault(where, []).append(mark)
    return drawn


def _profile(header: Dataset) -> bytes:
    """How the colours of the image are meant; one that does not say it as a state may is taken for sRGB."""
    own = bytes(header.get("ICCProfile") or b"")
    if own[_CLASS] in _CLASSES:
        return own
    made = bytearray(ImageCmsProfile(createProfile("sRGB")).tobytes())
    made[_CLASS], made[_MADE] = _CLASSES[0], _FIRST_OF_2000
    return bytes(made)


def _annotation(image: Dataset, layer: GraphicLayer, marks: list[ExportedMark]) -> GraphicAnnotation:
    made = GraphicAnnotation(
        referenced_images=[image],
        graphic_layer=layer,
        graphic_objects=[_graphic(mark, image) for mark in marks],
    )
    for item, mark in zip(made.GraphicObjectSequence or (), marks, strict=True):
        item.GraphicData = [number for point in _points(mark.shape) for number in point]
    return made


def _graphic(mark: ExportedMark, image: Dataset) -> GraphicObject:
    """The mark's object. The axis of an ellipse may end outside its image, which highdicom does not take: it is given
    the nearest points inside, and the true ones are written afterwards."""
    inside = np.clip(np.array(_points(mark.shape), dtype=np.float64), 0.0, [image.Columns, image.Rows])
    kinds = {ShapeKind.KEYPOINT: "POINT", ShapeKind.ELLIPSE: "ELLIPSE"}
    return GraphicObject(
        graphic_type=kinds.get(mark.shape.shape, "POLYLINE"),
        graphic_data=inside,
        units="PIXEL",
        tracking_id=f"{mark.thing} {mark.mark} {mark.shape.shape.value}",
        tracking_uid=mark.tracking_uid,
    )


def _points(shape: Shape) -> tuple[Point, ...]:
    match shape:
        case Box():
            (left, top), (right, bottom) = shape.upper_left, shape.lower_right
            return (left, top), (right, top), (right, bottom), (left, bottom), (left, top)
        case Polygon():
            return (*shape.corners, shape.corners[0])
        case Contour():
            return (*shape.points, shape.points[0])
        case Keypoint():
            return (shape.point,)
        case Distance():
            return shape.ends
        case Angle():
            return shape.arms[0], shape.apex, shape.arms[1]
        case Ellipse():
            return _axis_ends(shape)
        case Mask():
            raise TypeError("says() keeps no mask")


def _axis_ends(shape: Ellipse) -> tuple[Point, ...]:
    (column, row), (long, short), turned = shape.centre, shape.half_axes, radians(shape.turned_degrees)
    along, across = (long * cos(turned), long * sin(turned)), (-short * sin(turned), short * cos(turned))
    return tuple((column + sign * step[0], row + sign * step[1]) for step in (along, across) for sign in (-1, 1))


def _mark(item: Dataset, image: Dataset, label: str | None) -> ExportedMark:
    thing, mark, kind = str(item.TrackingID).split()
    numbers = [float(one) for one in np.atleast_1d(item.GraphicData)]
    points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return ExportedMark(
        mark=mark,
        thing=thing,
        tracking_uid=str(item.TrackingUID),
        instance_uid=str(image.ReferencedSOPInstanceUID),
        frame=int(image.get("ReferencedFrameNumber") or 1),
        label=label,
        shape=_shape(ShapeKind(kind), points),
    )


def _shape(kind: ShapeKind, points: tuple[Point, ...]) -> Shape:
    match kind:
        case ShapeKind.BOX:
            return Box(shape=kind, upper_left=points[0], lower_right=points[2])
        case ShapeKind.POLYGON:
            return Polygon(shape=kind, corners=points[:-1])
        case ShapeKind.CONTOUR:
            return Contour(shape=kind, points=points[:-1])
        case ShapeKind.KEYPOINT:
            return Keypoint(shape=kind, point=points[0])
        case ShapeKind.LENGTH:
            return Distance(shape=kind, ends=(points[0], points[1]))
        case ShapeKind.ANGLE:
            return Angle(shape=kind, apex=points[1], arms=(points[0], points[2]))
        case ShapeKind.ELLIPSE:
            return _ellipse(points)
        case ShapeKind.MASK:
            raise ValueError("a mask is no graphic object")


def _ellipse(points: tuple[Point, ...]) -> Ellipse:
    (first, last), (upper, lower) = points[:2], points[2:4]
    along = (last[0] - first[0], last[1] - first[1])
    turned = stepped(degrees(atan2(along[1], along[0]))) % 180
    return Ellipse(
        shape=ShapeKind.ELLIPSE,
        centre=(stepped((first[0] + last[0]) / 2), stepped((first[1] + last[1]) / 2)),
        half_axes=(stepped(hypot(*along) / 2), stepped(hypot(lower[0] - upper[0], lower[1] - upper[1]) / 2)),
        turned_degrees=turned,
    )


def _number(mark: ExportedMark) -> int:
    return int(mark.mark[1:])
