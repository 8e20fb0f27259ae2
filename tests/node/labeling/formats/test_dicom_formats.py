"""DICOM objects of an export: what is written is read back, the same bytes each time, without a name or a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from fakes.dicom_formats import CASE, STUDY_DAY, cases, expected_masks, painted_slices, sources
from fakes.exported import COLUMNS, IMAGE, ROWS, SCHEMA, SHAPES, image, mark
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread

from node.labeling.formats import presentations, reports
from node.labeling.formats.dicom_objects import Sources
from node.labeling.formats.exported import (
    STEPS_PER_PIXEL,
    CaseLabels,
    ExportedAnswer,
    ExportedReading,
    on_grid,
)
from node.labeling.formats.presentations import read_presentations, write_presentations
from node.labeling.formats.reports import read_reports, write_reports
from node.labeling.formats.segmentations import read_segmentations, write_segmentations
from node.labeling.shapes import Ellipse
from protocols.label_rules import ShapeKind
from protocols.labels import Abstention


def opened(files: Iterable[bytes]) -> list[Dataset]:
    return [dcmread(BytesIO(one)) for one in files]


@pytest.mark.parametrize("case", [CASE, painted_slices()], ids=["film", "slices"])
def test_masks_come_back_as_they_were_painted(case: CaseLabels) -> None:
    files = list(write_segmentations(sources(case, slices=len(case.images) > 1)))
    found = read_segmentations(files, cases(case), SCHEMA)
    assert found == {case.case: expected_masks(case)}


def test_one_thing_on_several_slices_is_one_segment() -> None:
    made = opened(write_segmentations(sources(painted_slices(), slices=True)))
    described = [item.SegmentDescription for one in made for item in one.SegmentSequence]
    assert sorted(described[0].split()) == ["m1", "m2"]
    assert len(made) > 1, "what lies on another segment stands in an object of its own"


def test_what_was_looked_for_and_not_found_is_an_empty_segment() -> None:
    (absent,) = [one for one in opened(write_segmentations(sources())) if "R-B" in str(one.ContentCreatorName)]
    (segment,) = absent.SegmentSequence
    assert "SegmentDescription" not in segment or not segment.SegmentDescription
    assert not absent.pixel_array.any()
    assert absent.pixel_array.shape[-2:] == (ROWS, COLUMNS)
    assert IMAGE.instance_uid in str(absent.ReferencedSeriesSequence)


def test_answers_and_consensus_come_back_from_the_reports() -> None:
    votes, readings = read_reports(write_reports(sources()), cases(), SCHEMA)
    assert votes == {CASE.case: CASE.votes}
    expected = tuple(one for one in map(reports.says, CASE.readings) if one is not None)
    assert readings == {CASE.case: expected}


def test_a_choice_is_a_coded_concept_and_a_number_has_its_unit() -> None:
    told = str(opened(write_reports(sources()))[1])
    for word in ("RID28530", "RADLEX", "27925004", "SCT", "'mm'", "UCUM", "99INTRAMUROS_S"):
        assert word in told, word


def test_a_report_on_an_image_that_is_in_no_case_is_refused() -> None:
    with pytest.raises(ValueError, match="in no case"):
        read_reports(write_reports(sources()), {}, SCHEMA)
    with pytest.raises(ValueError, match="in no case"):
        read_segmentations(write_segmentations(sources()), {}, SCHEMA)


def test_shapes_come_back_from_the_presentation_states() -> None:
    found = read_presentations(write_presentations(sources()), cases(), SCHEMA)
    expected = tuple(one for one in (presentations.says(said, SCHEMA) for said in CASE.readings) if one is not None)
    assert found == {CASE.case: expected}
    drawn = {mark.shape.shape for one in expected for answer in one.answers for mark in answer.marks}
    assert drawn == set(ShapeKind) - {ShapeKind.MASK}


@given(
    half_axes=st.tuples(*[st.integers(8 * STEPS_PER_PIXEL, 2000 * STEPS_PER_PIXEL)] * 2),
    turned=st.integers(0, 180 * STEPS_PER_PIXEL - 1),
    centre=st.tuples(*[st.integers(0, 4000 * STEPS_PER_PIXEL)] * 2),
)
@settings(max_examples=20, deadline=None)
def test_an_ellipse_comes_back_by_the_ends_of_its_axes(
    half_axes: tuple[int, int], turned: int, centre: tuple[int, int]
) -> None:
    first, second = (one / STEPS_PER_PIXEL for one in half_axes)
    column, row = (one / STEPS_PER_PIXEL for one in centre)
    drawn = Ellipse(
        shape=ShapeKind.ELLIPSE,
        centre=(column, row),
        half_axes=(first, second),
        turned_degrees=turned / STEPS_PER_PIXEL,
    )
    shape = on_grid(drawn)
    case = replace(CASE, readings=(ExportedReading("R-A", (ExportedAnswer("drawn", marks=(mark(1, shape),)),)),))
    found = read_presentations(write_presentations(sources(case)), cases(), SCHEMA)
    assert found[CASE.case][0].answers[0].marks[0].shape == shape


@pytest.mark.parametrize("write", [write_segmentations, write_reports, write_presentations])
def test_the_same_labels_are_the_same_object_without_the_moment_it_was_made(
    write: Callable[[Sources], Iterator[bytes]],
) -> None:
    once, again = list(write(sources())), list(write(sources()))
    assert once == again
    assert once
    for made in opened(once):
        days = {str(one.value) for one in made.iterall() if one.VR in {"DA", "DT"} and one.value}
        assert days == {STUDY_DAY}
        assert made.StudyInstanceUID == IMAGE.study_uid
        assert (made.PatientID, made.PatientIdentityRemoved) == ("P-AAAA", "YES")
        assert (str(made.PatientName), made.PatientBirthDate) == ("", "")


@pytest.mark.parametrize(("samples", "frames"), [(1, 4), (3, 1), (3, 4)])
def test_pictures_in_colour_and_of_several_frames_are_spoken_of_too(samples: int, frames: int) -> None:
    shown = image(CASE.case, 1, frames=frames)
    places = {"instance_uid": shown.instance_uid, "frame": frames}
    marks = (mark(1, SHAPES["mask"], **places), mark(2, SHAPES["ellipse"], **places))
    answers = (ExportedAnswer("drawn", marks=marks), ExportedAnswer("painted", abstention=Abstention.ABSENT))
    case = replace(CASE, images=(shown,), readings=(ExportedReading("R-A", answers),))
    given = sources(case)
    film = given.first()
    film.SamplesPerPixel, film.PhotometricInterpretation = samples, "RGB" if samples == 3 else "MONOCHROME2"
    film.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    if frames > 1:
        film.NumberOfFrames = frames
    masks = read_segmentations(write_segmentations(given), cases(case), SCHEMA)
    assert masks == {case.case: expected_masks(case)}
    (drawn,) = read_presentations(write_presentations(given), cases(case), SCHEMA)[case.case]
    assert drawn.answers[0].marks == (marks[1],)
    assert len(read_reports(write_reports(given), cases(case), SCHEMA)[1]) == 1
