"""One study of one patient: an image for every way from stored values to grey, and what each looks like."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from fakes.instances import dataset, dicom_file
from numpy.typing import NDArray
from pydicom import Dataset

SIDE, BLOCK = 128, 16
STORED = (np.arange(SIDE * SIDE) // 4).astype(np.uint16).reshape(SIDE, SIDE)
"""uint16 [row, column], 0 to 4095."""
_CURVE = [round(4095 * math.sqrt(value / 4095)) for value in range(4096)]
_V = STORED.astype(float)
Grey = NDArray[np.float64]


def _table(bits: int) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "US", [4096, 0, bits])
    item.add_new(0x00283006, "US", _CURVE)
    return item


def _linear(values: Grey, centre: float, width: float) -> Grey:
    """PS3.3 section C.11.2.1.2.1."""
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1) * 255


def _sigmoid(values: Grey, centre: float, width: float) -> Grey:
    """PS3.3 section C.11.2.1.3.1."""
    return np.asarray(255 / (1 + np.exp(-4 * (values - centre) / width)))


def _modality_table(image: Dataset) -> None:
    image.ModalityLUTSequence = [_table(16)]
    image.ModalityLUTSequence[0].ModalityLUTType = "US"
    image.WindowCenter, image.WindowWidth = "2500", "2000"


def _windowed(function: str, centre: str, width: str, photometric: str = "MONOCHROME2") -> Callable[[Dataset], None]:
    def say(image: Dataset) -> None:
        image.WindowCenter, image.WindowWidth, image.VOILUTFunction = centre, width, function
        image.PhotometricInterpretation = photometric

    return say


def _voi_table(photometric: str) -> Callable[[Dataset], None]:
    def say(image: Dataset) -> None:
        image.VOILUTSequence = [_table(12)]
        image.PhotometricInterpretation = photometric

    return say


_CURVED = np.array(_CURVE, dtype=float)[STORED]
KINDS: dict[str, tuple[Callable[[Dataset], None], Grey]] = {
    "linear": (_windowed("LINEAR", "1500", "1200"), _linear(_V, 1500, 1200)),
    "linear-monochrome1": (_windowed("LINEAR", "1700", "900", "MONOCHROME1"), 255 - _linear(_V, 1700, 900)),
    "linear-exact": (_windowed("LINEAR_EXACT", "2200", "800"), np.clip((_V - 2200) / 800 + 0.5, 0, 1) * 255),
    "sigmoid": (_windowed("SIGMOID", "2000", "900"), _sigmoid(_V, 2000, 900)),
    "sigmoid-monochrome1": (_windowed("SIGMOID", "2600", "1100", "MONOCHROME1"), 255 - _sigmoid(_V, 2600, 1100)),
    "voi-table": (_voi_table("MONOCHROME2"), _CURVED / 4095 * 255),
    "voi-table-monochrome1": (_voi_table("MONOCHROME1"), 255 - _CURVED / 4095 * 255),
    "modality-table": (_modality_table, _linear(_CURVED, 2500, 2000)),
}


def write_study(folder: Path) -> list[Path]:
    """One file for each kind, all of one series, in the order of `KINDS`."""
    folder.mkdir(parents=True)
    files = []
    for number, (name, (say, _)) in enumerate(KINDS.items(), start=1):
        image = dataset(f"1.2.826.0.1.77.{number}", patient_id="P-VOI", study="1.2.826.0.1.77")
        values: dict[str, Any] = {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "Rows": SIDE, "Columns": SIDE}
        for keyword, value in values.items():
            setattr(image, keyword, value)
        image.InstanceNumber, image.PixelSpacing = str(number), [0.5, 0.5]
        image.ImagePositionPatient, image.ImageOrientationPatient = [0, 0, -2.5 * number], [1, 0, 0, 0, 1, 0]
        image.PixelData = STORED.astype("<u2").tobytes()
        image["PixelData"].VR = "OW"
        say(image)
        files.append(folder / f"{number}-{name}.dcm")
        files[-1].write_bytes(dicom_file(image))
    return files


def block_means(grey: Grey) -> Grey:
    """The mean of every block of 16 x 16 pixels: float [8, 8]."""
    return np.asarray(grey.reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK).mean(axis=(1, 3)))
