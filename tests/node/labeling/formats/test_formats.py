"""What goes out of a project comes back as it went, in every format, and the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fakes.exported import IMAGE, LABELS, SHAPES, labels_of, uid

from node.labeling.formats import coco, fhir
from node.labeling.formats.coco import read_coco, write_coco
from node.labeling.formats.exported import (
    ExportedReading,
    ProjectLabels,
    ReadingNames,
    Readings,
    exported_reading,
    on_grid,
)
from node.labeling.formats.fhir import read_fhir, write_fhir
from node.labeling.formats.tables import read_readings, read_votes, write_readings, write_votes
from node.labeling.free_text import InsideText
from node.labeling.leaving import leaving
from node.labeling.reading import Answer
from node.labeling.shapes import Ellipse, Keypoint, Mark, Place
from protocols.label_rules import ShapeKind
from protocols.labels import Abstention

FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
NAMES = ReadingNames("R-A", {FIRST: IMAGE.instance_uid}, lambda thing: uid(f"reading/{thing}"))


def part(labels: ProjectLabels, says: object) -> Readings:
    assert callable(says)
    kept = {case.case: tuple(one for one in map(says, case.readings) if one is not None) for case in labels.cases}
    return {case: readings for case, readings in kept.items() if readings}


def whole(reading: ExportedReading) -> ExportedReading:
    return reading


def test_tables_give_back_everything_that_went_out() -> None:
    assert read_readings(write_readings(LABELS)) == part(LABELS, whole)
    assert read_votes(write_votes(LABELS)) == {case.case: case.votes for case in LABELS.cases if case.votes}


def test_coco_gives_back_every_shape_that_it_can_say() -> None:
    expected = part(LABELS, coco.says)
    shapes = {mark.shape.shape for one in expected.values() for said in one for a in said.answers for mark in a.marks}
    unsaid = {ShapeKind.LENGTH, ShapeKind.ANGLE, ShapeKind.ELLIPSE}
    assert shapes == set(ShapeKind) - unsaid
    assert read_coco(write_coco(LABELS)) == expected


def test_a_mask_goes_down_the_columns_in_coco() -> None:
    # 2 rows, 3 columns, the upper row painted: down the columns that is one in, one out, three times
    file = json.loads(write_coco(labels_of([SHAPES["row"]])))
    (annotation,) = file["annotations"]
    assert annotation["segmentation"] == {"counts": [0, 1, 1, 1, 1, 1, 1], "size": [2, 3]}
    assert (annotation["bbox"], annotation["area"], annotation["iscrowd"]) == ([0.0, 0.0, 3.0, 1.0], 3.0, 1)


def test_a_polygon_of_coco_has_its_area_and_its_box() -> None:
    (annotation,) = json.loads(write_coco(labels_of([SHAPES["polygon"]])))["annotations"]
    assert (annotation["bbox"], annotation["area"]) == ([1.0, 1.0, 4.0, 3.0], 6.0)


def test_fhir_gives_back_all_but_what_was_drawn() -> None:
    votes, readings = read_fhir(write_fhir(LABELS))
    assert votes == {case.case: case.votes for case in LABELS.cases if case.votes}
    assert readings == part(LABELS, fhir.says)


def test_a_fhir_bundle_has_no_subject_no_day_and_no_name_of_a_person() -> None:
    told = write_fhir(LABELS).decode()
    for word in ("subject", "issued", "effective", '"name"', "birth", "text"):
        assert word not in told


def test_standard_codes_stand_beside_the_schemas_own() -> None:
    bundle = json.loads(write_fhir(LABELS))
    codings = [tuple(one["system"] for one in entry["resource"]["code"]["coding"]) for entry in bundle["entry"]]
    assert any(len(one) == 2 and "radlex" in one[1] for one in codings)


@pytest.mark.parametrize("write", [write_readings, write_votes, write_coco, write_fhir])
def test_the_same_labels_are_the_same_bytes(write: object) -> None:
    assert callable(write)
    again = replace(LABELS, cases=tuple(replace(case) for case in LABELS.cases))
    assert write(LABELS) == write(again)


@pytest.mark.parametrize("contents", [b"", b"case,question\n", b"\xff"])
def test_another_table_is_refused(contents: bytes) -> None:
    with pytest.raises(ValueError, match=r"columns|decode"):
        read_votes(contents)


def drawn(name: str, image: str = FIRST, of: str | None = None) -> Mark:
    return Mark(mark=name, of=of, image_id=image, shape=Keypoint(shape=ShapeKind.KEYPOINT, point=(1.001, 2.0)))


def test_marks_and_things_are_numbered_anew_and_free_text_stays() -> None:
    answers = leaving(
        [
            Answer(question="size", number=3.5, mark="kim"),
            Answer(question="marks", marks=(drawn("hong", of="kim"), drawn("gil-dong"))),
            Answer(question="note", text=InsideText("Hong Gil-dong")),
        ]
    )
    reading = exported_reading(answers, NAMES)
    size, marks = reading.answers
    assert (size.thing, size.tracking_uid) == ("t1", uid("reading/t1"))
    assert [(one.mark, one.thing) for one in marks.marks] == [("m1", "t1"), ("m2", "t2")]
    assert "hong" not in repr(reading).lower()


def test_what_is_about_an_image_that_does_not_go_out_is_left_out() -> None:
    answers = leaving(
        [
            Answer(question="marks", marks=(drawn("a", SECOND),)),
            Answer(question="size", number=1.0, mark="a"),
            Answer(question="seen", option="yes", place=Place(image_id=SECOND)),
            Answer(question="left", abstention=Abstention.ABSENT, place=Place(image_id=FIRST, frame=1)),
        ]
    )
    assert [one.question for one in exported_reading(answers, NAMES).answers] == ["left"]


def test_coordinates_lie_on_a_grid_and_the_longer_half_axis_of_an_ellipse_comes_first() -> None:
    moved = on_grid(Keypoint(shape=ShapeKind.KEYPOINT, point=(1.001, 2.0)))
    assert moved == Keypoint(shape=ShapeKind.KEYPOINT, point=(1.0, 2.0))
    turned = on_grid(Ellipse(shape=ShapeKind.ELLIPSE, centre=(5, 5), half_axes=(2, 4), turned_degrees=100))
    assert turned == Ellipse(shape=ShapeKind.ELLIPSE, centre=(5, 5), half_axes=(4, 2), turned_degrees=10)
