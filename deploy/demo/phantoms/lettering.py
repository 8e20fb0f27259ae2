"""Letters drawn into a picture, five by seven dots each: what a workstation burns in."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Five columns per sign, the lowest bit on top.
_DOTS: Final = {
    sign: bytes.fromhex(columns)
    for sign, columns in {
        "0": "3e5149453e", "1": "00427f4000", "2": "4261514946", "3": "2141454b31", "4": "1814127f10",
        "5": "2745454539", "6": "3c4a494930", "7": "0171090503", "8": "3649494936", "9": "064949291e",
        "A": "7e1111117e", "B": "7f49494936", "C": "3e41414122", "D": "7f4141221c", "E": "7f49494941",
        "F": "7f09090901", "G": "3e4149497a", "H": "7f0808087f", "I": "00417f4100", "J": "2040413f01",
        "K": "7f08142241", "L": "7f40404040", "M": "7f020c027f", "N": "7f0408107f", "O": "3e4141413e",
        "P": "7f09090906", "Q": "3e4151215e", "R": "7f09192946", "S": "4649494931", "T": "01017f0101",
        "U": "3f4040403f", "V": "1f2040201f", "W": "3f4038403f", "X": "6314081463", "Y": "0708700807",
        "Z": "6151494543", "-": "0808080808", " ": "0000000000",
    }.items()
}  # fmt: skip


def write_line(picture: NDArray[np.float32], text: str, *, row: int, column: int) -> None:
    """The text stands white in the picture, each dot two pixels wide; what does not fit is cut off."""
    for position, sign in enumerate(text.upper()):
        for offset, dots in enumerate(_DOTS.get(sign, _DOTS[" "])):
            left = column + 2 * (6 * position + offset)
            for height in range(7):
                if dots >> height & 1:
                    picture[row + 2 * height : row + 2 * height + 2, left : left + 2] = 1.0
