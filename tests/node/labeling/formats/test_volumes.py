"""Masks as NIfTI: read back as they were, and where ITK, which reads by its own code, says that they lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from fakes.dicom_formats import CASE, expected_masks, painted_slices, sources
from fakes.exported import COLUMNS, ROWS, SCHEMA, SHAPES, image, mark

from node.labeling.formats.dicom_objects import Sources
from node.labeling.formats.exported import CaseLabels, ExportedAnswer, ExportedReading
from node.labeling.formats.volumes import read_volumes, voxels, write_volumes
from node.labeling.shapes import Mask
from protocols.label_rules import ShapeKind


@pytest.mark.parametrize("case", [CASE, painted_slices()], ids=["film", "slices"])
def test_masks_come_back_as_they_were_painted(case: CaseLabels) -> None:
    given = sources(case, slices=len(case.images) > 1)
    assert read_volumes(write_volumes(given), SCHEMA) == {case.case: expected_masks(case)}
    assert list(write_volumes(given)) == list(write_volumes(given)), "the same bytes each time"


def oblique() -> Sources:
    """Three slices, listed from the last to the first, turned about the patient's axis, with one voxel painted."""
    shown = tuple(image(CASE.case, number) for number in (1, 2, 3))
    row, column = 2, 5
    first = row * COLUMNS + column
    dot = Mask(shape=ShapeKind.MASK, rows=ROWS, columns=COLUMNS, runs=(first, 1, ROWS * COLUMNS - first - 1))
    marks = (mark(1, dot, instance_uid=shown[2].instance_uid),)
    reading = ExportedReading("R-A", (ExportedAnswer("painted", marks=marks),))
    given = sources(replace(CASE, images=shown, readings=(reading,)), slices=True)
    for place, header in enumerate(reversed(list(given.headers.values()))):
        header.ImageOrientationPatient = [0.8, 0.6, 0, 0, 0, -1]
        header.PixelSpacing = [0.7, 0.4]
        across, down = np.array([0.8, 0.6, 0]), np.array([0, 0, -1])
        header.ImagePositionPatient = (np.array([-12.5, 30.25, 99]) + 2.5 * place * np.cross(across, down)).tolist()
    return given


def test_a_painted_voxel_lies_where_the_images_header_says(tmp_path: Path) -> None:
    given = oblique()
    ((volume, _),) = write_volumes(given)
    path = tmp_path / "masks.nii.gz"
    path.write_bytes(volume)
    read: Any = SimpleITK.ReadImage(str(path))
    assert read.GetSize() == (COLUMNS, ROWS, 3)
    painted = SimpleITK.GetArrayFromImage(read)
    assert np.array_equal(painted, voxels(volume))
    ((at, row, column),) = np.argwhere(painted)
    header = list(given.headers.values())[2]
    cosines, corner = np.array(header.ImageOrientationPatient), np.array(header.ImagePositionPatient)
    expected = corner + cosines[:3] * 5 * 0.4 + cosines[3:] * 2 * 0.7
    lies = read.TransformIndexToPhysicalPoint((int(column), int(row), int(at)))
    assert lies == pytest.approx(tuple(expected.tolist()), abs=1e-4), "ITK counts as DICOM does: left, back, head"
    assert read.GetSpacing() == pytest.approx((0.4, 0.7, 2.5), abs=1e-5)


def test_slices_at_uneven_steps_are_volumes_of_their_own() -> None:
    case = painted_slices()
    given = sources(case, slices=True)
    last = list(given.headers.values())[-1]
    last.ImagePositionPatient = [0, 0, 55.0]
    shapes = {voxels(volume).shape for volume, _ in write_volumes(given)}
    assert shapes == {(1, ROWS, COLUMNS)}
    assert read_volumes(write_volumes(given), SCHEMA) == {case.case: expected_masks(case)}


def test_a_film_has_no_place_in_space_and_every_frame_its_own_volume() -> None:
    shown = image(CASE.case, 1, frames=2)
    marks = tuple(mark(at, SHAPES["mask"], instance_uid=shown.instance_uid, frame=at) for at in (1, 2))
    case = replace(CASE, images=(shown,), readings=(ExportedReading("R-A", (ExportedAnswer("painted", marks=marks),)),))
    given = sources(case)
    given.first().NumberOfFrames = 2
    files = list(write_volumes(given))
    assert [voxels(volume).shape for volume, _ in files] == [(1, ROWS, COLUMNS)] * 2
    assert read_volumes(files, SCHEMA) == {case.case: expected_masks(case)}


def test_another_file_is_refused() -> None:
    import gzip

    with pytest.raises(ValueError, match="NIfTI-1"):
        voxels(gzip.compress(b"something else"))
