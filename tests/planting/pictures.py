"""Films with a person written into the picture, as machines and people do: name, number, birthday, in two corners.

The key says for each line `blank` and where it stands. Hangul is drawn where this machine has a font for it. The place
of a line, its size and how bright it is differ from film to film; nothing is written over the middle of a film.
"""

from __future__ import annotations

import csv
import random
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from fakes.instances import dataset
from PIL import Image, ImageDraw, ImageFont
from planting.folder import COLUMNS, FILMS
from planting.people import Invented, digits, invent
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import ExplicitVRLittleEndian

CATEGORY = "text in pixels"
_HANGUL_FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
_EDGE = 6
"""Pixels between a line and the edge of its film."""


def real_films() -> list[Path]:
    """The public films, where they are."""
    return sorted(FILMS.glob("*.dcm"))


def plant_pictures(folder: Path, films: list[Path], *, people: int, seed: int) -> None:
    """A film for each invented person with two lines in its picture, and `key.csv` beside them."""
    rng = random.Random(seed)
    rows: list[tuple[str, ...]] = []
    for number in range(people):
        person = invent(rng)
        image = _film(films, rng)
        file = f"{number:03d}.dcm"
        places = _written(image, _lines(person, rng), rng)
        buffer = BytesIO()
        dcmwrite(buffer, image, enforce_file_format=True)
        (folder / file).write_bytes(buffer.getvalue())
        rows += [(file, CATEGORY, "blank", ",".join(map(str, box)), words) for box, words in places]
    with (folder / "key.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows])


def _film(films: list[Path], rng: random.Random) -> Dataset:
    """One of the films, or a drawn one where there are none."""
    if films:
        return dcmread(rng.choice(films))
    down, right = np.mgrid[-1:1:400j, -1:1:400j]
    image = dataset()
    image.Rows = image.Columns = 400
    image.PixelData = (np.exp(-(down**2 + right**2) * 2) * 150 + 20).astype(np.uint8).tobytes()
    return image


def _lines(person: Invented, rng: random.Random) -> list[str]:
    latin = f"{person.latin_family} {person.latin_given}"
    family, first, second = person.romanised
    names = [latin, latin.upper(), f"{family} {first}{second}", f"{person.latin_family}^{person.latin_given}"]
    if _HANGUL_FONT.exists():
        names += [person.hangul, f"{person.hangul} ({'여' if person.female else '남'})"]
    number = f"{rng.choice('HPX')}{digits(rng, 7)}"
    born = f"{person.year}-{person.month:02d}-{person.day:02d}"
    return [rng.choice(names), rng.choice((number, f"ID {number}", born, f"{born} {'F' if person.female else 'M'}"))]


def _written(image: Dataset, lines: list[str], rng: random.Random) -> list[tuple[tuple[int, int, int, int], str]]:
    """The lines stand in two corners of the picture, which is native now; left, top, right, bottom of each."""
    values = image.pixel_array
    ink = Image.new("L", (int(image.Columns), int(image.Rows)))
    corners = rng.sample([(False, False), (False, True), (True, False), (True, True)], len(lines))
    placed = [_line(ink, words, corner, rng) for words, corner in zip(lines, corners, strict=True)]
    share = np.asarray(ink, np.float64) / 255
    bright = rng.uniform(0.8, 1) * (2 ** int(image.BitsStored) - 1)
    image.PixelData = (values * (1 - share) + bright * share).astype(values.dtype).tobytes()
    image["PixelData"].VR = "OW"
    image["PixelData"].is_undefined_length = False
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.BurnedInAnnotation = rng.choice(("YES", "NO"))
    return placed


def _line(
    ink: Image.Image, words: str, corner: tuple[bool, bool], rng: random.Random
) -> tuple[tuple[int, int, int, int], str]:
    pen, (columns, rows) = ImageDraw.Draw(ink), ink.size
    font = _font(rng.randint(11, 15), hangul=not words.isascii())
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    at = (
        columns - _EDGE - right if corner[0] else _EDGE - left,
        rows - _EDGE - bottom if corner[1] else _EDGE - top,
    )
    pen.text(at, words, fill=255, font=font)
    box = pen.textbbox(at, words, font=font)
    return (int(box[0]), int(box[1]), int(box[2]), int(box[3])), words


@cache
def _font(height: int, *, hangul: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(str(_HANGUL_FONT), height) if hangul else ImageFont.load_default(height)
