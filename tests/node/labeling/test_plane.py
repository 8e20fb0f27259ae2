"""What a clean header says of an image's plane."""

import json
from typing import Any

import pytest

from node.labeling.plane import ImagePlane, ImagePosition, NamedWindow, SpacingAt, plane_of


def said(**attributes: list[Any]) -> ImagePlane:
    names = {
        "spacing": "00280030",
        "detector": "00181164",
        "orientation": "00200037",
        "position": "00200032",
        "letters": "00200020",
        "centres": "00281050",
        "widths": "00281051",
        "names": "00281055",
        "function": "00281056",
        "unit": "00281054",
        "modality": "00080060",
        "slope": "00281053",
        "intercept": "00281052",
    }
    return plane_of(json.dumps({names[name]: {"Value": value} for name, value in attributes.items()}).encode())


def test_an_empty_header_says_nothing() -> None:
    assert said() == ImagePlane()


def test_spacing_in_the_patient_is_preferred_to_that_at_the_detector() -> None:
    both = said(spacing=[0.5, 0.25], detector=[0.14, 0.14])
    assert (both.spacing_mm, both.spacing_at) == ((0.5, 0.25), SpacingAt.PATIENT)
    film = said(detector=[0.14, 0.14])
    assert (film.spacing_mm, film.spacing_at) == ((0.14, 0.14), SpacingAt.DETECTOR)


@pytest.mark.parametrize("wrong", [[0.5], [0.5, 0.0], [0.5, None], ["0.5", "0.5"], [-1.0, 1.0]])
def test_a_spacing_that_is_none_is_left_out(wrong: list[Any]) -> None:
    assert said(spacing=wrong).spacing_mm is None


def test_sides_come_from_the_cosines_or_else_from_the_letters() -> None:
    axial = said(orientation=[1.0, 0, 0, 0, 1.0, 0], letters=["R", "F"])
    assert (axial.right, axial.bottom) == ("L", "P")
    coronal = said(orientation=[1, 0, 0, 0, 0, -1])
    assert (coronal.right, coronal.bottom) == ("L", "F")
    oblique = said(orientation=[0.9, 0.43, 0, 0, 0.02, -1])
    assert (oblique.right, oblique.bottom) == ("LP", "F")
    film = said(letters=["L", "F"])
    assert (film.right, film.bottom) == ("L", "F")
    assert said(letters=["left", "F"]).right == ""


def test_windows_have_their_names_and_a_width() -> None:
    found = said(centres=[40, -600], widths=[400, 1600], names=["SOFT", "LUNG"], slope=[1], intercept=[-1024])
    assert found.windows == (NamedWindow(40.0, 400.0, "SOFT"), NamedWindow(-600.0, 1600.0, "LUNG"))
    assert (found.slope, found.intercept) == (1.0, -1024.0)
    assert said(centres=[40, 50], widths=[400]).windows == ()
    assert said(centres=[40], widths=[0.5]).windows == ()
    assert said(slope=[0]).slope == 1.0


def test_an_exact_window_is_told_as_the_linear_one_that_shows_the_same() -> None:
    found = said(centres=[100.0], widths=[200.0], function=["LINEAR_EXACT"]).windows[0]
    assert (found.centre - 0.5 - (found.width - 1) / 2, found.centre - 0.5 + (found.width - 1) / 2) == (0.0, 200.0)


def test_the_unit_of_rescaled_values_is_the_headers_and_of_ct_hounsfields() -> None:
    assert (said(unit=["HU"]).unit, said(unit=["US"], modality=["CT"]).unit) == ("HU", "")
    assert (said(modality=["CT"]).unit, said(modality=["MR"]).unit) == ("HU", "")


def test_an_enhanced_image_says_it_in_its_functional_groups() -> None:
    measures = {"00289110": {"Value": [{"00280030": {"Value": [0.7, 0.7]}}]}}
    per_frame = {"00209116": {"Value": [{"00200037": {"Value": [1, 0, 0, 0, 1, 0]}}]}}
    header = {"52009229": {"Value": [measures]}, "52009230": {"Value": [per_frame, {}]}}
    plane = plane_of(json.dumps(header).encode())
    assert (plane.spacing_mm, plane.right, plane.bottom) == ((0.7, 0.7), "L", "P")


def a_frame(slope: float, spacing: float) -> dict[str, Any]:
    """The functional groups of one frame."""
    transformed = {"00281053": {"Value": [slope]}, "00281054": {"Value": ["US"]}}
    return {"00289145": {"Value": [transformed]}, "00289110": {"Value": [{"00280030": {"Value": [spacing, spacing]}}]}}


def test_each_frame_of_an_enhanced_image_has_its_own_slope_and_spacing() -> None:
    shared = {"00289145": {"Value": [{"00281052": {"Value": [-5]}}]}}
    frames = [a_frame(2.0, 0.5), {}, None, a_frame(4.0, 0.25)]
    header = json.dumps({"52009229": {"Value": [shared]}, "52009230": {"Value": frames}}).encode()
    planes = [plane_of(header, number) for number in range(1, 6)]
    assert [one.slope for one in planes] == [2.0, 1.0, 1.0, 4.0, 1.0]
    assert [one.spacing_mm for one in planes] == [(0.5, 0.5), None, None, (0.25, 0.25), None]
    assert {one.intercept for one in planes} == {-5.0}
    assert plane_of(header) == planes[0]


def test_where_an_image_lies_is_its_corner_and_both_directions() -> None:
    found = said(position=[-180.0, -180, 1.25], orientation=[1, 0, 0, 0, 0.8, -0.6]).position
    assert found == ImagePosition((-180.0, -180.0, 1.25), (1.0, 0.0, 0.0), (0.0, 0.8, -0.6))


@pytest.mark.parametrize(
    ("corner", "directions"),
    [
        ([0, 0], [1, 0, 0, 0, 1, 0]),
        ([0, 0, None], [1, 0, 0, 0, 1, 0]),
        ([0, 0, 0], [1, 0, 0]),
        ([0, 0, 0], [2, 0, 0, 0, 1, 0]),
        ([0, 0, 0], [1, 0, 0, 1, 0, 0]),
    ],
)
def test_a_position_that_is_none_is_left_out(corner: list[Any], directions: list[Any]) -> None:
    assert said(position=corner, orientation=directions).position is None
