"""Decoded frames as films for training."""

import numpy as np
import pytest

from node.deidentify.errors import FrameMissing
from node.deidentify.findings import DecodedFrame
from node.flows.cohort import FilmUnreadable
from node.flows.films import FrameFilms, film_of


def a_frame(
    values: list[int], *, kind: str = "<u2", bits: int = 12, photometric: str = "MONOCHROME2", samples: int = 1
) -> DecodedFrame:
    pixels = np.array(values, dtype=kind)
    return DecodedFrame(
        rows=1,
        columns=len(values) // samples,
        samples=samples,
        bits_allocated=pixels.itemsize * 8,
        bits_stored=bits,
        signed=kind[1] == "i",
        photometric=photometric,
        pixels=pixels.tobytes(),
    )


@pytest.mark.parametrize(
    ("frame", "film"),
    [
        (a_frame([0, 4095]), [0, 1]),
        (a_frame([0, 4095], photometric="MONOCHROME1"), [1, 0]),
        (a_frame([0, 255], kind="<u1", bits=8), [0, 1]),
        (a_frame([-2048, 2047], kind="<i2"), [0, 1]),
        (a_frame([0, 60000]), [0, 1]),
        (a_frame([0, 0, 255, 255, 255, 255], kind="<u1", bits=8, photometric="RGB", samples=3), [1 / 3, 1]),
    ],
)
def test_stored_values_become_grey_between_zero_and_one(frame: DecodedFrame, film: list[float]) -> None:
    assert film_of(frame).dtype == np.float32
    assert film_of(frame)[0].tolist() == pytest.approx(film)


class NoFrames:
    """A source that has lost its images."""

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        raise FrameMissing(f"frame {number}")

    def shown(self, image_id: str, number: int) -> DecodedFrame:
        raise FrameMissing(f"frame {number}")

    def preview(self, image_id: str, number: int) -> bytes:
        raise FrameMissing(f"frame {number}")


def test_a_film_that_cannot_be_decoded_is_told_as_such() -> None:
    with pytest.raises(FilmUnreadable):
        FrameFilms(NoFrames()).pixels("image")
