"""Invented pictures with text written into a corner, in every photometric interpretation."""

from __future__ import annotations

import numpy as np
from fakes.instances import dataset
from fakes.lines import INK
from numpy.typing import NDArray
from pydicom import Dataset

SIDE = 64
TEXT = np.s_[2:8, 4:30]
"""Where the text of these pictures stands."""


def textured(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Grains of grey with dark and bright ones in every frame, so that blanking does not stretch the others."""
    values = np.random.default_rng(7).integers(20, 120, shape).astype(np.uint8)
    values[:, 58:64:2, ::2], values[:, 61, 61] = 200, 5
    return values


def written(photometric: str = "MONOCHROME2", *, frames: int = 1, bits: int = 8) -> Dataset:
    """A textured picture with text in a corner."""
    colour = photometric in {"RGB", "YBR_FULL"}
    shape = (frames, SIDE, SIDE, 3) if colour else (frames, SIDE, SIDE)
    values = textured(shape).astype(np.uint8 if bits == 8 else "<u2")
    values[:, *TEXT] = INK
    image = dataset()
    image.Rows = image.Columns = SIDE
    image.PhotometricInterpretation, image.SamplesPerPixel = photometric, 3 if colour else 1
    if colour:
        image.PlanarConfiguration = 0
    if frames > 1:
        image.NumberOfFrames = frames
    image.BitsAllocated, image.BitsStored, image.HighBit = (8, 8, 7) if bits == 8 else (16, 12, 11)
    image.PixelData = values.tobytes()
    image["PixelData"].VR = "OB" if bits == 8 else "OW"
    return image
