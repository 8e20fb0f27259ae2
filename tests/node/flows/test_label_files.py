"""Every file of an export is read back; one that says something else is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.dicom_formats import CASE, painted_slices, sources
from fakes.exported import LABELS, labels_of, mark

from node.flows.label_files import (
    AGREED_FILE,
    COCO_FILE,
    FHIR_FILE,
    LABELS_FILE,
    READINGS_FILE,
    case_files,
    project_files,
)
from node.labeling.formats.exported import AgreedShape, CaseLabels, ExportedAnswer, ExportedReading
from node.labeling.shapes import Ellipse, Keypoint
from protocols.label_rules import ShapeKind

SHAPES = (
    AgreedShape("boxes", None, "2.25.1", 1, "m1", 0.85, 2, 1, ("R-B",), ()),
    AgreedShape("boxes", "mass", "2.25.1", 2, None, 0.15, 1, 2, (), ("no-gold", "few-readers")),
)
AGREED = replace(LABELS, cases=(replace(LABELS.cases[0], agreed=SHAPES), *LABELS.cases[1:]))


@pytest.mark.parametrize("asked", [False, True])
def test_files_about_all_cases_are_read_back_as_they_were_said(asked: bool) -> None:
    unequal: set[str] = set()
    made = [name for name, _ in project_files(AGREED, unequal, with_readings=asked)]
    assert made == [LABELS_FILE, FHIR_FILE, *([READINGS_FILE] if asked else []), COCO_FILE, AGREED_FILE]
    assert unequal == set()


@pytest.mark.parametrize("case", [CASE, painted_slices()], ids=["film", "slices"])
def test_files_beside_the_images_are_read_back_as_they_were_said(case: CaseLabels) -> None:
    unequal: set[str] = set()
    made = [name for name, _ in case_files(sources(case, slices=len(case.images) > 1), unequal)]
    kinds = {name.removeprefix(f"{case.case}/").partition("-")[0] for name in made}
    assert {"seg", "sr", "masks"} <= kinds
    assert unequal == set()


def test_a_file_that_says_something_else_is_named() -> None:
    unequal: set[str] = set()
    off_the_grid = Keypoint(shape=ShapeKind.KEYPOINT, point=(0.1, 0.3))
    tiny = Ellipse(shape=ShapeKind.ELLIPSE, centre=(4, 3), half_axes=(0.1, 0.1), turned_degrees=7.7)
    (labels,) = labels_of([off_the_grid, tiny]).cases
    list(case_files(sources(labels), unequal))
    assert unequal == {"pr"}
    reading = ExportedReading("R-A", (ExportedAnswer("drawn", marks=(mark(1, tiny),)),))
    list(case_files(sources(replace(CASE, readings=(reading,))), unequal))
    assert unequal == {"pr"}
