"""A small CT volume that never was, and an earlier one of the same patient: slices, pixels and clean headers."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from fakes.ward import PlainFrames
from numpy.typing import NDArray

from node.deidentify.findings import DecodedFrame
from node.labeling.case import AdmittedImage

SHAPE = (24, 32, 40)
"""Slices from the feet to the head, rows, columns."""
SPACING_MM = (2.5, 1.5, 1.0)
CORNER_MM = (-19.5, -23.0, -20.0)
"""The centre of the first voxel: towards left, back, head."""
EARLIER = 12
"""Slices of the study fifty days before, twice as far apart and elsewhere along the body."""
EARLIER_FROM_MM = 100.0
EARLIER_BRIGHTER = 60
WINDOW = (40.0, 400.0)
INTERCEPT = -1024.0
_NAMESPACE, _EARLIER = 0xC7 << 96, 0xC8 << 96


def voxels() -> NDArray[np.uint16]:
    """Stored values [slice, row, column], different along every axis and smooth, as between neighbours one looks."""
    slices, rows, columns = np.indices(SHAPE, dtype=np.float64)
    waves = 60 * np.sin(columns / 6) + 50 * np.cos(rows / 5) + 40 * np.sin(slices / 4 + 1)
    stored: NDArray[np.uint16] = np.round(1064 + waves + 1.5 * columns - rows + 2 * slices).astype(np.uint16)
    return stored


def earlier_voxels(number: int) -> NDArray[np.uint16]:
    """Stored values of a slice of the earlier study [row, column]."""
    stored: NDArray[np.uint16] = voxels()[number] + np.uint16(EARLIER_BRIGHTER)
    return stored


def image_id(number: int) -> str:
    """The slice's identifier, by its number from the feet."""
    return str(UUID(int=_NAMESPACE + number, version=4))


def earlier_id(number: int) -> str:
    """The same of the earlier study."""
    return str(UUID(int=_EARLIER + number, version=4))


def slices_of_a_case() -> list[AdmittedImage]:
    """The slices in the order they came, which is none of their own: every fifth of them in turn."""
    count = SHAPE[0]
    return [_slice(image_id(5 * turn % count), "2.25.77") for turn in range(1, count + 1)]


def slices_before() -> list[AdmittedImage]:
    """The earlier study's, from the feet."""
    return [_slice(earlier_id(number), "2.25.76") for number in range(EARLIER)]


def _slice(image_id: str, study_uid: str) -> AdmittedImage:
    return AdmittedImage(
        image_id=image_id,
        patient_number=77,
        study_uid=study_uid,
        series_uid=f"{study_uid}.1",
        modality="CT",
        body_part="CHEST",
        view="",
        rows=SHAPE[1],
        columns=SHAPE[2],
        frames=1,
        sex="M",
        age_band="50-59",
    )


class SliceFrames(PlainFrames):
    """The slices' own pixels, one of them `inverted`; of any other image what `PlainFrames` gives."""

    def __init__(self, *, inverted: int | None = None) -> None:
        stored = voxels()
        self._inverted = None if inverted is None else image_id(inverted)
        self._pixels = {image_id(number): stored[number].tobytes() for number in range(SHAPE[0])}
        self._pixels |= {earlier_id(number): earlier_voxels(number).tobytes() for number in range(EARLIER)}

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        pixels = self._pixels.get(image_id)
        if pixels is None:
            return super().frame(image_id, number)
        return DecodedFrame(
            rows=SHAPE[1],
            columns=SHAPE[2],
            samples=1,
            bits_allocated=16,
            bits_stored=12,
            signed=False,
            photometric="MONOCHROME1" if image_id == self._inverted else "MONOCHROME2",
            pixels=pixels,
        )


class SliceHeaders:
    """What the slices' clean headers say; `tilted` of a gantry that was."""

    def __init__(self, *, tilted: bool = False) -> None:
        self._tilt_mm = 1.0 if tilted else 0.0

    def headers(self, image_ids: Sequence[str]) -> dict[str, bytes]:
        between, left, back, head = SPACING_MM[0], *CORNER_MM
        known = {
            image_id(number): _header("20250314", (left, back + number * self._tilt_mm, head + number * between))
            for number in range(SHAPE[0])
        }
        for number in range(EARLIER):
            place = (left, back, EARLIER_FROM_MM + 2 * number * between)
            known[earlier_id(number)] = _header("20250123", place)
        return {one: known.get(one, b"{}") for one in image_ids}


def _header(study_date: str, corner_mm: tuple[float, float, float]) -> bytes:
    said: dict[str, list[Any]] = {
        "00080020": [study_date],
        "00080060": ["CT"],
        "00280030": list(SPACING_MM[1:]),
        "00200032": list(corner_mm),
        "00200037": [1, 0, 0, 0, 1, 0],
        "00281050": [WINDOW[0]],
        "00281051": [WINDOW[1]],
        "00281052": [INTERCEPT],
        "00281053": [1],
    }
    return json.dumps({tag: {"Value": values} for tag, values in said.items()}).encode()
