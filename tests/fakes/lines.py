"""A finder of text that sees what a test writes: every patch of one brightness is a line, and says what it is told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node.deidentify.pixels.patches import patches
from node.deidentify.pixels.reader import Line

INK = 255
_ABOUT_INK = 250
_LEAST_AREA = 60
"""Smaller patches are the brightest grains of a texture."""


class BrightLines:
    """Implements `LineFinder`.."""

    def __init__(self, said: str = "HONG GILDONG", score: float = 0.99) -> None:
        self.said, self.score = said, score
        self.asked = 0

    def lines(self, picture: NDArray[np.uint8]) -> list[Line]:
        self.asked += 1
        return [
            Line(box, self.said, self.score)
            for box in patches(picture[..., 0] >= _ABOUT_INK)
            if box.area >= _LEAST_AREA
        ]


class StubbornLines(BrightLines):
    """Sees a line in the corner whatever was blanked there."""

    def lines(self, picture: NDArray[np.uint8]) -> list[Line]:
        (corner,) = patches(np.ones((2, 2), bool))
        return [Line(corner, self.said, self.score)]
