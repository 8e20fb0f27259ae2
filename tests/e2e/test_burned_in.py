"""Names burned into real films, and films with nothing in them: what is blanked, what stays, and how much of each.

The films are those of `shared/data` where the checkout has it, otherwise drawn ones. Their boxes are the answer key:
each line of text must be covered by blanked pixels, and films without text must keep theirs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread

from node.deidentify.pixels.boxes import Box
from node.deidentify.pixels.marks import PERMITTED
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, Verdict
from node.edges.sandbox.pool import SandboxPool
from node.edges.sandbox.walls import SandboxLimits

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
KEY = bytes(range(32))
FILMS = Path(__file__).parents[3] / "shared" / "data" / "cxr-sites"
LEAST_COVERED = 0.95
MOST_BLANKED_WITHOUT_TEXT = 0.01


@dataclass(frozen=True)
class Film:
    """One film and the boxes of the text in it."""

    raw: bytes
    lines: tuple[Box, ...]


def real_films() -> list[Film]:
    lines: dict[str, list[Box]] = {}
    with (FILMS / "burned-in.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            found = lines.setdefault(row["file"], [])
            if row["x0"]:
                found.append(Box(*(int(row[name]) for name in ("x0", "y0", "x1", "y1"))))
    return [Film((FILMS / name).read_bytes(), tuple(boxes)) for name, boxes in lines.items()]


def drawn_films() -> list[Film]:
    films = []
    for number, words in enumerate(["HONG GILDONG M", "ID K9275137 801224", "", "KIM YOUNGHEE F 1972", ""]):
        down, right = np.mgrid[-1:1:400j, -1:1:400j]
        picture = Image.fromarray((np.exp(-(down**2 + right**2) * 2) * 150 + 20).astype(np.uint8))
        font, place = ImageFont.load_default(18), (10, 10 + 3 * number)
        ImageDraw.Draw(picture).text(place, words, fill=240, font=font)
        image = dataset(f"1.2.3.{number}")
        image.Rows = image.Columns = 400
        image.PixelData = np.asarray(picture).tobytes()
        boxes = (Box(*map(int, ImageDraw.Draw(picture).textbbox(place, words, font=font))),) if words else ()
        films.append(Film(dicom_file(image), boxes))
    return films


@pytest.fixture(scope="module")
def films() -> list[Film]:
    return real_films() if (FILMS / "burned-in.csv").exists() else drawn_films()


@pytest.fixture(scope="module")
def verdicts(films: list[Film]) -> Iterator[list[Verdict]]:
    limits = SandboxLimits(processor_seconds=60, wall_seconds=120.0)
    with SandboxPool(2, limits=limits, marks=PERMITTED) as pool, ThreadPoolExecutor(2) as threads:
        yield list(threads.map(lambda film: pool.clean(film.raw, replacement(summarise(film.raw), KEY)), films))


def test_every_line_of_text_is_covered_or_its_film_waits_for_a_person(
    films: list[Film], verdicts: list[Verdict]
) -> None:
    seen, waiting, uncovered = 0, 0, []
    for film, verdict in zip(films, verdicts, strict=True):
        if not isinstance(verdict, CleanImage):
            waiting += len(film.lines)
            continue
        after = dcmread(BytesIO(verdict.contents)).pixel_array
        for box in film.lines:
            inside = after[box.top : box.bottom, box.left : box.right]
            covered = float((inside == inside.min()).mean())
            seen += 1
            uncovered += [covered] if covered < LEAST_COVERED else []
    print(f"burned-in text: {seen} lines blanked, {waiting} wait for a person, {len(uncovered)} uncovered")
    assert uncovered == []
    assert waiting <= seen // 10


def test_a_film_without_text_loses_next_to_nothing(films: list[Film], verdicts: list[Verdict]) -> None:
    for film, verdict in zip(films, verdicts, strict=True):
        if not film.lines:
            assert isinstance(verdict, CleanImage), verdict
            before = dcmread(BytesIO(film.raw)).pixel_array
            after = dcmread(BytesIO(verdict.contents)).pixel_array
            assert float((before != after).mean()) <= MOST_BLANKED_WITHOUT_TEXT


def test_outside_its_text_a_film_keeps_every_pixel(films: list[Film], verdicts: list[Verdict]) -> None:
    for film, verdict in zip(films, verdicts, strict=True):
        if isinstance(verdict, CleanImage):
            before = dcmread(BytesIO(film.raw)).pixel_array
            changed = before != dcmread(BytesIO(verdict.contents)).pixel_array
            assert float(changed.mean()) <= sum(box.area for box in film.lines) * 3 / changed.size + 0.01
