"""CT instances to de-identify: the header of one of pydicom's own test files, 512 x 512 words, ten files a person."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID

IMAGES_A_PERSON: Final = 10
_SURNAMES: Final = "Hong Kim Ashdown Lee Birchwood Park Calloway Choi Dunmore Jung".split()
_HANGUL: Final = "홍 김 한 이 서 박 안 최 송 정".split()


def write_corpus(folder: Path, count: int) -> int:
    """`count` instances lie in the folder; how many elements the header of one has."""
    image = dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    image.remove_private_tags()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.Rows = image.Columns = 512
    image.PixelData = np.random.default_rng(7).integers(0, 2000, (512, 512), np.int16).tobytes()
    image.pop("DataSetTrailingPadding", None)
    for number in range(count):
        person = number // IMAGES_A_PERSON
        family, hangul = _SURNAMES[person % 10], _HANGUL[person % 10]
        image.PatientName = f"{family}^Gildong=洪^吉童={hangul}^길동"
        image.PatientID, image.AccessionNumber = f"H{10_000_000 + person}", f"A{20_000_000 + person}"
        image.StudyDescription = f"Chest CT with contrast, {family} {person:04d}"
        image.SeriesDescription = f"흉부 CT 조영증강 {hangul}길동"
        image.ImageComments = f"follow up 2019-03-{person % 28 + 1:02d}, no interval change, 010-2345-{person:04d}"
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = UID(f"1.2.410.200001.{number + 1}.7")
        image.InstanceNumber = number + 1
        image.save_as(folder / f"{number:05d}.dcm")
    return len(image)
