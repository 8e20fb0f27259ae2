"""The public films of `shared/data`, as one hospital's patients: the training part by patient, a holdout by site.

In the short form, and where the checkout has none, drawn ones stand in: a faint bright field in noise, by which nothing
real is measured.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread

from node.training.samples import PartSamples, to_sample

FILMS = Path(__file__).parents[4] / "shared" / "data" / "cxr-sites"


@dataclass(frozen=True, slots=True)
class Films:
    """What trains, and per site what is looked at once."""

    train: PartSamples
    holdout: dict[str, PartSamples]
    drawn: bool = False


def drawn_films(*, patients: int = 120) -> Films:
    """Noise, brighter in the middle where the label is 1; two sites."""
    rng = np.random.default_rng(0)
    labels = np.arange(patients + 80) % 2
    pixels = rng.random((len(labels), 1, 128, 128), dtype=np.float32)
    pixels[labels == 1, :, 40:88, 40:88] += 0.15
    rows = [{"file": f"drawn/{number}", "label": str(label)} for number, label in enumerate(labels)]
    numbers = np.arange(len(labels))
    parts = [_part(rows, pixels, numbers, places.tolist()) for places in np.split(numbers, [patients, patients + 40])]
    return Films(parts[0], {"drawn-a": parts[1], "drawn-b": parts[2]}, drawn=True)


def read_films(*, short: bool) -> Films:
    """All films, split as their list says; a site with one class has no holdout."""
    if short or not FILMS.is_dir():
        return drawn_films()
    with (FILMS / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    patients = {key: place for place, key in enumerate(dict.fromkeys(_patient(row) for row in rows))}
    pixels = np.stack([_film(FILMS / row["file"]) for row in rows])
    numbers = np.array([patients[_patient(row)] for row in rows], dtype=np.int64)
    holdouts = {
        site: _part(rows, pixels, numbers, [place for place, row in enumerate(rows) if _held(row, site)])
        for site in sorted({row["site"] for row in rows})
    }
    trained = [place for place, row in enumerate(rows) if row["split"] == "train"]
    measurable = {site: part for site, part in holdouts.items() if len(np.unique(part.labels)) == 2}
    return Films(_part(rows, pixels, numbers, trained), measurable)


def _patient(row: dict[str, str]) -> str:
    return f"{row['site']}/{row['patient_id']}"


def _held(row: dict[str, str], site: str) -> bool:
    return row["split"] == "holdout" and row["site"] == site


def _film(path: Path) -> NDArray[np.float32]:
    dataset = dcmread(path)
    plane = dataset.pixel_array.astype(np.float32)
    inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
    return to_sample(plane.max() - plane if inverted else plane)


def _part(
    rows: list[dict[str, str]], pixels: NDArray[np.float32], patients: NDArray[np.int64], places: list[int]
) -> PartSamples:
    labels = np.array([int(rows[place]["label"]) for place in places], dtype=np.int64)
    return PartSamples(tuple(rows[place]["file"] for place in places), patients[places], labels, pixels[places])
