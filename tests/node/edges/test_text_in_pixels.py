"""Text in pictures found, read and blanked inside the walls of a sandbox, by the networks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom import Dataset, dcmread

from node.deidentify.pixels.marks import PERMITTED
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, QuarantineReason, Verdict
from node.edges.sandbox.pool import SandboxPool
from node.edges.sandbox.walls import SandboxLimits

KEY = bytes(range(32))
SIDE = 320


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    limits = SandboxLimits(processor_seconds=60, wall_seconds=120.0)
    with SandboxPool(1, limits=limits, marks=PERMITTED) as sandboxes:
        yield sandboxes


def film(*lines: tuple[int, int, str], size: int = 16) -> Dataset:
    """A bright body on a dark ground with lines of text, each from its left and top."""
    down, right = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    body = (np.exp(-(down**2 + right**2) * 2) * 150 + 20).astype(np.uint8)
    picture = Image.fromarray(body)
    for left, top, words in lines:
        ImageDraw.Draw(picture).text((left, top), words, fill=240, font=ImageFont.load_default(size))
    image = dataset()
    image.Rows = image.Columns = SIDE
    image.PixelData = np.asarray(picture).tobytes()
    return image


def cleaned(pool: SandboxPool, image: Dataset, *overruled: QuarantineReason) -> Verdict:
    raw = dicom_file(image)
    return pool.clean(raw, replacement(summarise(raw), KEY), overruled=frozenset(overruled))


def picture_of(verdict: Verdict) -> NDArray[np.uint8]:
    assert isinstance(verdict, CleanImage), verdict
    pixels: NDArray[np.uint8] = dcmread(BytesIO(verdict.contents)).pixel_array
    return pixels


def test_a_name_is_blanked_and_nothing_but_its_line_changes(pool: SandboxPool) -> None:
    image = film((8, 8, "HONG GILDONG 801224"), (8, 290, "ID K9275137"))
    verdict = cleaned(pool, image)
    after, before = picture_of(verdict), image.pixel_array
    assert not (after[8:26, 8:150] > 200).any()
    assert not (after[288:310, 8:100] > 200).any()
    assert (after[40:280] == before[40:280]).all()
    assert isinstance(verdict, CleanImage)
    assert CleaningStep.TEXT_BLANKED in verdict.done


def test_a_mark_of_the_maker_stays(pool: SandboxPool) -> None:
    image = film((280, 20, "R"), size=28)
    verdict = cleaned(pool, image)
    assert (picture_of(verdict) == image.pixel_array).all()


def test_a_picture_without_text_has_none_found_in_it(pool: SandboxPool) -> None:
    image = film()
    verdict = cleaned(pool, image)
    assert (picture_of(verdict) == image.pixel_array).all()
    assert isinstance(verdict, CleanImage)
    assert CleaningStep.TEXT_SEARCHED in verdict.done


def test_a_name_over_the_anatomy_waits_for_a_person_who_may_leave_it(pool: SandboxPool) -> None:
    image = film((100, 150, "HONG GILDONG"))
    assert cleaned(pool, image) == Quarantined(QuarantineReason.TEXT_OVER_ANATOMY)
    released = cleaned(pool, image, QuarantineReason.TEXT_OVER_ANATOMY)
    assert (picture_of(released) == image.pixel_array).all()


def test_a_flat_picture_is_searched_too(pool: SandboxPool) -> None:
    image = film()
    image.PixelData = bytes(SIDE * SIDE)
    assert isinstance(cleaned(pool, image), CleanImage)
