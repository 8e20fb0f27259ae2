"""Marks as COCO: boxes, polygons and contours, key points, and masks as run lengths.

Every frame is an image, every question with its label a category. Coordinates are pixels from the upper left corner, as
ours are; runs go down the columns. `attributes` carry what COCO has no field for. Lengths, angles and ellipses cannot
be said, nor anything that is no mark. Source: https://cocodataset.org/#format-data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from node.labeling.formats.exported import (
    ExportedAnswer,
    ExportedMark,
    ExportedReading,
    ProjectLabels,
    Readings,
    keeping,
)
from node.labeling.formats.runs import mask_of, picture_of, picture_of_runs, runs_of
from node.labeling.shapes import Box, Contour, Keypoint, Mask, Point, Polygon, Shape
from protocols.encoding import canonical_json
from protocols.label_rules import ShapeKind
from protocols.labels import QuestionKind

_SAID: Final = (Box, Polygon, Contour, Keypoint, Mask)


def says(reading: ExportedReading) -> ExportedReading | None:
    """The part of a reading that COCO can hold; none where there is none."""
    return keeping(reading, _kept)


def write_coco(labels: ProjectLabels) -> bytes:
    """The marks of all readings as one COCO file."""
    categories = _categories(labels)
    images = list(_images(labels))
    numbers = {(one["instance_uid"], one["frame"]): one["id"] for one in images}
    annotations = [
        {**drawn, "id": number, "image_id": numbers[place], "category_id": categories[category]}
        for number, (place, category, drawn) in enumerate(_annotations(labels), start=1)
    ]
    named = [_category(number, question, label) for (question, label), number in categories.items()]
    return canonical_json({"images": images, "categories": named, "annotations": annotations})


def read_coco(contents: bytes) -> Readings:
    """The readings that a file of `write_coco` holds. Raises: ValueError, KeyError for anything else."""
    file = json.loads(contents)
    images = {one["id"]: one for one in file["images"]}
    categories = {one["id"]: one for one in file["categories"]}
    gathered: dict[str, dict[str, dict[int, ExportedAnswer]]] = {}
    for one in file["annotations"]:
        attributes, image, category = one["attributes"], images[one["image_id"]], categories[one["category_id"]]
        answers = gathered.setdefault(image["case"], {}).setdefault(attributes["reader"], {})
        said = answers.setdefault(
            attributes["answer"], ExportedAnswer(category["supercategory"], confidence=attributes["confidence"])
        )
        drawn = _mark(one, image, category)
        answers[attributes["answer"]] = replace(said, marks=(*said.marks, drawn))
    return {
        case: tuple(ExportedReading(author, tuple(answers.values())) for author, answers in readers.items())
        for case, readers in gathered.items()
    }


def _kept(answer: ExportedAnswer) -> ExportedAnswer | None:
    marks = tuple(mark for mark in answer.marks if isinstance(mark.shape, _SAID))
    return replace(answer, marks=marks, place=None) if marks else None


def _categories(labels: ProjectLabels) -> dict[tuple[str, str | None], int]:
    drawn = [question for question in labels.schema.questions if question.kind is QuestionKind.GEOMETRY]
    names = [
        (question.code, label) for question in drawn for label in (None, *(option.code for option in question.options))
    ]
    return {name: number for number, name in enumerate(names, start=1)}


def _category(number: int, question: str, label: str | None) -> dict[str, Any]:
    name = question if label is None else f"{question}/{label}"
    return {
        "id": number,
        "name": name,
        "supercategory": question,
        "label": label,
        "keypoints": ["point"],
        "skeleton": [],
    }


def _images(labels: ProjectLabels) -> Iterator[dict[str, Any]]:
    places = (
        (case.case, image, frame + 1) for case in labels.cases for image in case.images for frame in range(image.frames)
    )
    for number, (case, image, frame) in enumerate(places, start=1):
        yield {
            "id": number,
            "file_name": image.file,
            "width": image.columns,
            "height": image.rows,
            "case": case,
            "instance_uid": image.instance_uid,
            "frame": frame,
        }


_Found = tuple[tuple[str, int], tuple[str, str | None], dict[str, Any]]


def _annotations(labels: ProjectLabels) -> Iterator[_Found]:
    readings = (reading for case in labels.cases for reading in case.readings)
    for reading in (one for one in map(says, readings) if one is not None):
        for number, answer in enumerate(reading.answers, start=1):
            for mark in answer.marks:
                attributes = {
                    "reader": reading.author,
                    "answer": number,
                    "confidence": answer.confidence,
                    "mark": mark.mark,
                    "thing": mark.thing,
                    "tracking_uid": mark.tracking_uid,
                    "shape": mark.shape.shape.value,
                }
                drawn = _drawn(mark.shape).words() | {"attributes": attributes}
                yield (mark.instance_uid, mark.frame), (answer.question, mark.label), drawn


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The fields of an annotation that a shape fills."""

    box: tuple[float, float, float, float]
    """Left, top, width, height."""
    area: float
    segmentation: Any
    crowd: int = 0
    keypoints: tuple[float, ...] = ()

    def words(self) -> dict[str, Any]:
        points = {"keypoints": list(self.keypoints), "num_keypoints": 1} if self.keypoints else {}
        return points | {
            "bbox": list(self.box),
            "area": self.area,
            "segmentation": self.segmentation,
            "iscrowd": self.crowd,
        }


def _drawn(shape: Shape) -> _Drawn:
    match shape:
        case Box():
            (left, top), (right, bottom) = shape.upper_left, shape.lower_right
            return _outlined(((left, top), (right, top), (right, bottom), (left, bottom)))
        case Polygon():
            return _outlined(shape.corners)
        case Contour():
            return _outlined(shape.points)
        case Keypoint():
            return _Drawn((*shape.point, 0.0, 0.0), 0.0, [], keypoints=(*shape.point, 2))
        case Mask():
            return _masked(shape)
        case _:
            raise AssertionError("says() keeps only what COCO can hold")


def _outlined(points: tuple[Point, ...]) -> _Drawn:
    columns, rows = zip(*points, strict=True)
    box = (min(columns), min(rows), max(columns) - min(columns), max(rows) - min(rows))
    following = (*points[1:], points[0])
    area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, following, strict=True))) / 2
    return _Drawn(box, area, [[number for point in points for number in point]])


def _masked(mask: Mask) -> _Drawn:
    picture = picture_of(mask)
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    box = (float(left), float(top), float(columns[-1] + 1 - left), float(rows[-1] + 1 - top))
    counts = runs_of(picture.T.ravel())
    return _Drawn(box, float(picture.sum()), {"counts": counts, "size": [mask.rows, mask.columns]}, crowd=1)


def _mark(one: dict[str, Any], image: dict[str, Any], category: dict[str, Any]) -> ExportedMark:
    attributes = one["attributes"]
    return ExportedMark(
        mark=attributes["mark"],
        thing=attributes["thing"],
        tracking_uid=attributes["tracking_uid"],
        instance_uid=image["instance_uid"],
        frame=image["frame"],
        label=category["label"],
        shape=_shape(ShapeKind(attributes["shape"]), one),
    )


def _shape(kind: ShapeKind, one: dict[str, Any]) -> Shape:
    if kind is ShapeKind.KEYPOINT:
        return Keypoint(shape=kind, point=tuple(one["keypoints"][:2]))
    if kind is ShapeKind.MASK:
        rows, columns = one["segmentation"]["size"]
        flat = picture_of_runs(one["segmentation"]["counts"], rows * columns)
        return mask_of(flat.reshape(columns, rows).T)
    flat_points = one["segmentation"][0]
    points = tuple(zip(flat_points[::2], flat_points[1::2], strict=True))
    if kind is ShapeKind.BOX:
        return Box(shape=kind, upper_left=points[0], lower_right=points[2])
    if kind is ShapeKind.POLYGON:
        return Polygon(shape=kind, corners=points)
    if kind is ShapeKind.CONTOUR:
        return Contour(shape=kind, points=points)
    raise ValueError("COCO cannot say this shape")
