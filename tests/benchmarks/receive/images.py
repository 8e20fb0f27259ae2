"""CT instances of 512 KiB as a scanner sends them: five series of one study, distinct UIDs and distinct pixels."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

EDGE: Final = 512
SERIES: Final = 5
QUARTERS: Final = 4


def make_images(folder: Path, count: int) -> list[Path]:
    """So many instances in four folders, dealt in turn; the folders."""
    folders = [folder / f"quarter-{number}" for number in range(QUARTERS)]
    for one in folders:
        one.mkdir(parents=True)
    path = get_testdata_file("CT_small.dcm", download=False)
    base, rng = dcmread(str(path)), np.random.default_rng(3)
    down, across = np.mgrid[:EDGE, :EDGE]
    body = 1000 + 200 * np.sin(down / 40) * np.cos(across / 40)
    noise = rng.normal(0, 12, (2 * EDGE, EDGE))
    study, series = generate_uid(), [generate_uid() for _ in range(SERIES)]
    for number in range(count):
        image, at = deepcopy(base), number % EDGE
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.StudyInstanceUID, image.SeriesInstanceUID = study, series[number % SERIES]
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.Rows = image.Columns = EDGE
        image.InstanceNumber, image.PatientID, image.PatientName = number, "BENCH-1", "Bench^One"
        image.PixelData = (body + noise[at : at + EDGE] + number // EDGE).astype("<u2").tobytes()
        image.save_as(folders[number % QUARTERS] / f"{number:04}.dcm", enforce_file_format=True)
    return folders
