"""From a film to the sample a network sees, and the read-only training export the fit child is given.

Rules of a sample: grey values are stretched between the film's 1st and 99th percentile and clipped to 0..1; the film is
padded with black around its centre to a square, so that nothing is cut off and nothing is distorted; it is resized
with an antialiased bilinear filter. A film without contrast is refused.

Rules of an export: one safetensors file and one JSON index, both read-only. It holds case ids, a patient's place in the
export in place of the patient's number, the part, and the label, except that a holdout case has none: a label of the
holdout never comes near training. Inverting MONOCHROME1 is the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from node.ground.errors import NodeError
from node.training.cohort import Part, TrainingCase

SIDE_PIXELS = 128
LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.0
MIN_CONTRAST = 1e-4

_INDEX = "index.json"
_PIXELS = "samples.safetensors"
_VERSION = 1


class FilmWithoutContrast(NodeError):
    """A film is empty, of one grey value or not finite: there is nothing to learn from it."""


class ExportDamaged(NodeError):
    """A training export is missing, unreadable or contradicts its index."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A case and its pixels: float32 [1, row, column], 0..1."""

    case: TrainingCase
    pixels: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PartSamples:
    """The samples of one part. `pixels` float32 [case, 1, row, column]; `labels` int64 [case], -1 where withheld."""

    case_ids: tuple[str, ...]
    patients: NDArray[np.int64]
    labels: NDArray[np.int64]
    pixels: NDArray[np.float32]

    def __len__(self) -> int:
        """How many cases."""
        return len(self.case_ids)


@dataclass(frozen=True, slots=True)
class TrainingExport:
    """What the fit child may see of a hospital."""

    train: PartSamples
    validation: PartSamples
    holdout: PartSamples


def to_sample(pixels: NDArray[np.float32], *, side_pixels: int = SIDE_PIXELS) -> NDArray[np.float32]:
    """The sample of a film: float32 [row, column] in, float32 [1, side, side] 0..1 out.

    Raises:
        FilmWithoutContrast: the film is empty, flat or not finite.
    """
    square = _padded_square(_stretched(pixels))
    weights = _triangles(len(square), side_pixels)
    return np.clip(weights @ square @ weights.T, 0.0, 1.0)[None].astype(np.float32)


@lru_cache(maxsize=8)
def _triangles(length: int, side_pixels: int) -> NDArray[np.float32]:
    """The antialiased bilinear filter as a matrix [side, length]: a triangle per output pixel, weights summing to 1.

    Written out, and not taken from torch, because the wall process needs nothing else of it: two seconds and 200 MB.
    """
    scale = length / side_pixels
    centres = (np.arange(side_pixels) + 0.5) * scale
    distances = np.abs(np.arange(length)[None, :] + 0.5 - centres[:, None]) / max(scale, 1.0)
    weights = np.maximum(0.0, 1.0 - distances)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _stretched(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    if pixels.ndim != 2 or pixels.size == 0 or not np.isfinite(pixels).all():
        raise FilmWithoutContrast("a film is one finite plane of rows and columns")
    low, high = np.percentile(pixels, [LOW_PERCENTILE, HIGH_PERCENTILE])
    if high - low < MIN_CONTRAST:
        raise FilmWithoutContrast("the film has one grey value")
    stretched: NDArray[np.float32] = np.clip((pixels - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return stretched


def _padded_square(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = pixels.shape
    side = max(rows, columns)
    square = np.zeros((side, side), dtype=np.float32)
    top, left = (side - rows) // 2, (side - columns) // 2
    square[top : top + rows, left : left + columns] = pixels
    return square


def write_export(directory: Path, samples: Iterable[Sample]) -> Path:
    """The directory holds these samples, read-only; it did not exist before.

    Patients are numbered in the order in which they appear, so that no number of the hospital is written.

    Raises:
        FileExistsError: the directory exists.
    """
    ordered = list(samples)
    places = {number: place for place, number in enumerate(dict.fromkeys(s.case.patient_number for s in ordered))}
    stacked = np.stack([sample.pixels for sample in ordered]).astype(np.float32)
    _write(directory, [_index_entry(sample.case, places) for sample in ordered], stacked)
    return directory


def _write(directory: Path, cases: Sequence[dict[str, Any]], pixels: NDArray[np.float32]) -> None:
    directory.mkdir(mode=0o700, parents=True)
    save_file({"pixels": np.ascontiguousarray(pixels)}, directory / _PIXELS)
    (directory / _INDEX).write_text(json.dumps({"version": _VERSION, "cases": cases}), encoding="utf-8")
    for name in (_PIXELS, _INDEX):
        (directory / name).chmod(0o400)
    directory.chmod(0o500)


def _index_entry(case: TrainingCase, places: dict[int, int]) -> dict[str, object]:
    label = None if case.part is Part.HOLDOUT else case.label
    return {"case": case.case_id, "patient": places[case.patient_number], "part": case.part.value, "label": label}


def read_export(directory: Path) -> TrainingExport:
    """The export that `write_export` wrote.

    Raises:
        ExportDamaged: a file is missing or unreadable, or index and pixels disagree.
    """
    try:
        index = json.loads((directory / _INDEX).read_text(encoding="utf-8"))
        pixels = load_file(directory / _PIXELS)["pixels"]
        entries = index["cases"] if index["version"] == _VERSION else None
        if entries is None or len(entries) != len(pixels):
            raise ExportDamaged(f"index and pixels of the export {directory.name} disagree")
        parts = {part: _part_samples(entries, pixels, part) for part in Part}
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ExportDamaged(f"the export {directory.name} cannot be read") from error
    return TrainingExport(parts[Part.TRAIN], parts[Part.VALIDATION], parts[Part.HOLDOUT])


def _part_samples(entries: Sequence[dict[str, Any]], pixels: NDArray[np.float32], part: Part) -> PartSamples:
    places = [place for place, entry in enumerate(entries) if Part(entry["part"]) is part]
    chosen = [entries[place] for place in places]
    return PartSamples(
        case_ids=tuple(str(entry["case"]) for entry in chosen),
        patients=np.array([int(entry["patient"]) for entry in chosen], dtype=np.int64),
        labels=np.array([-1 if entry["label"] is None else int(entry["label"]) for entry in chosen], dtype=np.int64),
        pixels=pixels[places],
    )


def cases_in(directory: Path) -> dict[Part, frozenset[str]]:
    """The cases of an export, part by part. Raises: ExportDamaged."""
    try:
        entries = json.loads((directory / _INDEX).read_text(encoding="utf-8"))["cases"]
        return {part: frozenset(str(one["case"]) for one in entries if Part(one["part"]) is part) for part in Part}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportDamaged(f"the export {directory.name} cannot be read") from error


def leave_out(directory: Path, case_ids: Collection[str]) -> dict[str, Part]:
    """The export is without these cases; returns those that were in it, with their parts. Raises: ExportDamaged.

    The others keep their order and their patients' places. An export that would be empty is removed.
    """
    if not case_ids:
        return {}
    try:
        index = json.loads((directory / _INDEX).read_text(encoding="utf-8"))
        gone = {entry["case"]: Part(entry["part"]) for entry in index["cases"] if entry["case"] in case_ids}
        if not gone:
            return {}
        pixels = load_file(directory / _PIXELS)["pixels"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ExportDamaged(f"the export {directory.name} cannot be read") from error
    kept = [place for place, entry in enumerate(index["cases"]) if entry["case"] not in gone]
    remove_export(directory)
    if kept:
        _write(directory, [index["cases"][place] for place in kept], pixels[kept])
    return gone


def remove_export(directory: Path) -> None:
    """The export is gone, or was not there."""
    if not directory.exists():
        return
    directory.chmod(0o700)
    for name in (_PIXELS, _INDEX):
        (directory / name).unlink(missing_ok=True)
    directory.rmdir()
