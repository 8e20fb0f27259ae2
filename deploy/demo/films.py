"""An image folder as the demo reads it: sites, labels, and the answer a scripted reader would give to each picture.

The folder holds `site-*` folders of DICOM files, and beside them `labels.csv` (site, file, sop_instance_uid, split,
label) and `holdout.csv`. A site without labels walks from intake to worklist only.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from deploy.demo.processes import StepFailed


@dataclass(frozen=True, slots=True)
class Film:
    """One labelled file of a site."""

    file: Path
    sop_instance_uid: str
    split: str
    label: int


@dataclass(frozen=True, slots=True)
class Site:
    """One folder: a hospital of the demo."""

    name: str
    files: tuple[Path, ...]
    films: tuple[Film, ...]

    @property
    def train(self) -> tuple[Film, ...]:
        """Films whose labels scripted readers know."""
        return tuple(film for film in self.films if film.split == "train")

    @property
    def holdout(self) -> tuple[Film, ...]:
        """Films whose labels never reach a reader."""
        return tuple(film for film in self.films if film.split == "holdout")


def read_sites(images: Path) -> tuple[Site, ...]:
    """The `site-*` folders of a directory, in order of name.

    Raises:
        StepFailed: there is none, or one holds no file.
    """
    folders = sorted(path for path in images.glob("site-*") if path.is_dir())
    if not folders:
        raise StepFailed(f"no site-* folder in {images}; each stands for one hospital and holds DICOM files")
    rows = _labels(images)
    sites = []
    for folder in folders:
        files = tuple(sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".csv"))
        if not files:
            raise StepFailed(f"{folder.name} holds no file")
        films = tuple(_film(images, row) for row in rows if row["site"] == folder.name)
        sites.append(Site(folder.name, files, films))
    return tuple(sites)


def pixel_key(pixels: bytes, rows: int, columns: int) -> str:
    """What a scripted reader recognises a picture by: a digest of what is shown, nothing of who it is."""
    return hashlib.sha256(f"{rows}x{columns}|".encode() + pixels).hexdigest()


def answers(site: Site) -> dict[str, Film]:
    """The film behind each picture of the training part, by `pixel_key`."""
    known = {}
    for film in site.train:
        picture = stored_pixels(film.file)
        known[pixel_key(picture.tobytes(), *picture.shape[:2])] = film
    return known


def stored_pixels(file: Path) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The stored pixel values [row, column], little endian, before any window."""
    picture = pydicom.dcmread(file).pixel_array
    return np.ascontiguousarray(picture.astype("<u2" if picture.dtype.itemsize == 2 else "u1"))


def _labels(images: Path) -> list[dict[str, str]]:
    path = images / "labels.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _film(images: Path, row: dict[str, str]) -> Film:
    return Film(images / row["file"], row["sop_instance_uid"], row["split"], int(row["label"]))
