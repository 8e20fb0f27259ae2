"""Films for training: one decoded frame of a clean image as a grey plane, 0..1, bright is dense.

Stored values are scaled by their own range of bits, so that the scale is the same for every film of a device;
contrast is the sample's business. Colour becomes the mean of its channels; MONOCHROME1 is inverted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node.deidentify.errors import FrameMissing, UnreadableImage
from node.deidentify.findings import DecodedFrame
from node.flows.cohort import FilmUnreadable
from node.intake.errors import CleanMissing
from node.labeling.frames import FrameSource

FIRST_FRAME = 1


class FrameFilms:
    """Implements `CleanPixels` over decoded frames."""

    def __init__(self, frames: FrameSource) -> None:
        self._frames = frames

    def pixels(self, image_id: str) -> NDArray[np.float32]:
        """One film: float32 [row, column], 0..1.

        Raises:
            FilmUnreadable: the clean image is gone or cannot be decoded.
        """
        try:
            return film_of(self._frames.frame(image_id, FIRST_FRAME))
        except (FrameMissing, UnreadableImage, CleanMissing):
            raise FilmUnreadable("a clean image of the cohort cannot be decoded") from None


def film_of(frame: DecodedFrame) -> NDArray[np.float32]:
    """The grey plane of a decoded frame: float32 [row, column], 0..1."""
    kind = f"<{'i' if frame.signed else 'u'}{frame.bits_allocated // 8}"
    values = np.frombuffer(frame.pixels, dtype=kind).astype(np.float64)
    planes = values.reshape(frame.rows, frame.columns, frame.samples).mean(axis=2)
    lowest = -(2.0 ** (frame.bits_stored - 1)) if frame.signed else 0.0
    grey = np.clip((planes - lowest) / (2.0**frame.bits_stored - 1.0), 0.0, 1.0)
    shown: NDArray[np.float32] = (1.0 - grey if frame.photometric == "MONOCHROME1" else grey).astype(np.float32)
    return shown
