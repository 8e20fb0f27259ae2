"""Text looked for, blanked, and looked for again: the pictures of one image without what names its patient.

A blanked pixel becomes black in every frame. Two rounds of blanking are tried; text that is found after them sends the
image to quarantine, and so does text that covers too much of the picture or stands over its middle, where the anatomy
is: nobody but a person can tell what is lost there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from node.deidentify.pixels.boxes import Box
from node.deidentify.pixels.marks import may_stay
from node.deidentify.pixels.pictures import Frames, pictures
from node.deidentify.pixels.reader import Line
from node.deidentify.verdict import QuarantineReason

_MOST_COVERED: Final = 0.15
_MOST_COVERED_MIDDLE: Final = 0.01
_ROUNDS: Final = 2


class LineFinder(Protocol):
    """Finds and reads lines of text."""

    def lines(self, picture: NDArray[np.uint8]) -> list[Line]:
        """Every line in an 8 bit picture, [row, column, layer]."""
        ...


@dataclass(frozen=True, slots=True)
class Searched:
    """What the search came to: the frames as they are now, which pixels were blanked for their text, and a reason.

    `blanked` is None where nobody looked for text.
    """

    frames: Frames
    blanked: NDArray[np.bool_] | None
    reason: QuarantineReason | None = None

    @property
    def found(self) -> bool:
        """Whether there was text to blank."""
        return self.blanked is not None and bool(self.blanked.any())


def without_text(frames: Frames, finder: LineFinder, permitted: frozenset[str]) -> Searched:
    """The frames without text that may not stay; proven by a last look, or with the reason why they are not."""
    blanked = np.zeros(frames.values.shape[1:3], bool)
    for _ in range(_ROUNDS):
        lines = _unwelcome(frames, finder, permitted)
        if not lines:
            return Searched(frames, blanked)
        for box in lines:
            blanked[box.top : box.bottom, box.left : box.right] = True
        reason = _too_much(blanked)
        if reason is not None:
            return Searched(frames, blanked, reason)
        frames = blank(frames, blanked)
    remains = bool(_unwelcome(frames, finder, permitted))
    return Searched(frames, blanked, QuarantineReason.TEXT_REMAINS if remains else None)


def shows_text(frames: Frames, finder: LineFinder, permitted: frozenset[str]) -> bool:
    """Whether there is text in the frames that may not stay; nothing is changed."""
    return bool(_unwelcome(frames, finder, permitted))


def blank(frames: Frames, mask: NDArray[np.bool_]) -> Frames:
    """The frames with black where the mask is True; every other value as it was."""
    values: NDArray[Any] = frames.values.copy()
    values[:, mask] = frames.darkest
    return replace(frames, values=values)


def _unwelcome(frames: Frames, finder: LineFinder, permitted: frozenset[str]) -> list[Box]:
    lines = [line for picture in pictures(frames) for line in finder.lines(picture)]
    return [line.box for line in lines if not may_stay(line.said, line.score, permitted)]


def _too_much(blanked: NDArray[np.bool_]) -> QuarantineReason | None:
    rows, columns = blanked.shape
    middle = blanked[rows // 4 : rows - rows // 4, columns // 4 : columns - columns // 4]
    if blanked.mean() > _MOST_COVERED:
        return QuarantineReason.TEXT_COVERS_TOO_MUCH
    return QuarantineReason.TEXT_OVER_ANATOMY if middle.mean() > _MOST_COVERED_MIDDLE else None
