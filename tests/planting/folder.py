"""A folder of planted files with its answer key: real films where they are, drawn ones otherwise.

Two files for each invented person, so that every kept text holds one plant and every category stands once a person.
The character set is written in turn as the standard says it and as the field does.
"""

from __future__ import annotations

import csv
import random
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from fakes.instances import dataset
from planting.categories import TEXTS, Text
from planting.headers import Row, gone, plant_header, tag_text
from planting.people import Invented, invent
from planting.templates import TemplateSet
from pydicom import DataElement, Dataset, dcmread, dcmwrite
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

COLUMNS = ("file", "category", "action", "where", "value")
DESCRIPTORS = {
    0x00081030: "LO", 0x0008103E: "LO", 0x00204000: "LT", 0x00181030: "LO", 0x00104000: "LT", 0x00321060: "LO",
    0x00400254: "LO", 0x00321030: "LO", 0x001021B0: "LT", 0x00184000: "LT", 0x00324000: "LT", 0x00384000: "LT",
    0x00081080: "LO", 0x00082111: "ST", 0x00181400: "LO", 0x00189424: "LT", 0x00401002: "LO", 0x00401400: "LT",
    0x00400007: "LO", 0x00400280: "ST", 0x00180010: "LO", 0x00102000: "LO", 0x00084000: "LT", 0x00209158: "LT",
    0x4008010B: "ST", 0x0018A003: "ST",
}  # fmt: skip
# As the header says it, and how the bytes are written.
CHARACTER_SETS = (
    ("ISO_IR 192", "utf-8"),
    ("\\ISO 2022 IR 149", "cp949"),
    ("ISO_IR 149", "cp949"),
    ("ISO 2022 IR 149", "cp949"),
    ("", "cp949"),
    ("", "utf-8"),
    ("UTF-8", "utf-8"),
    ("ISO_IR 100", "cp949"),
)
FILMS = Path(__file__).parents[3] / "shared" / "data" / "cxr-sites" / "site-a"


def plant(folder: Path, templates: TemplateSet, *, people: int, seed: int) -> None:
    """`people` invented persons planted in two files each, and `key.csv` beside them."""
    rng = random.Random(seed)
    rows: list[tuple[str, ...]] = []
    person, names = invent(rng), list[str]()
    films = sorted(FILMS.glob("*.dcm"))[: people * 2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the field writes is longer than the standard allows
        for number in range(people * 2):
            person = invent(rng) if number % 2 == 0 else person
            names = _half(rng) if number % 2 == 0 else [name for name in TEXTS if name not in names]
            image = dcmread(films[number]) if films else dataset()
            asked = [*plant_header(image, person, rng), *_plant_texts(image, person, names, templates, rng)]
            file = f"{number // 2:03d}-{number % 2}.dcm"
            said, encoding = CHARACTER_SETS[number % len(CHARACTER_SETS)]
            fits = _writable(person, encoding)
            (folder / file).write_bytes(written(image, *((said, encoding) if fits else CHARACTER_SETS[0])))
            rows += [(file, *row) for row in asked]
    with (folder / "key.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows])


def _half(rng: random.Random) -> list[str]:
    names = list(TEXTS)
    rng.shuffle(names)
    return names[::2]


def _plant_texts(
    image: Dataset, person: Invented, names: list[str], templates: TemplateSet, rng: random.Random
) -> Iterator[Row]:
    tags = list(DESCRIPTORS)
    rng.shuffle(tags)
    for tag, name in zip(tags, names, strict=False):
        text = TEXTS[name](person, rng)
        yield from _put(image, tag, name, text, rng.choice(templates.korean if text.korean else templates.latin))
    for tag, category, sentences in zip(
        tags[len(names) :],
        ("harmless latin", "harmless korean"),
        (templates.harmless_latin, templates.harmless_korean),
        strict=False,
    ):
        sentence = rng.choice(sentences)
        image[tag] = DataElement(tag, DESCRIPTORS[tag], sentence)
        yield category, "keep", tag_text(tag), sentence


def _put(image: Dataset, tag: int, name: str, text: Text, sentence: str) -> Iterator[Row]:
    image[tag] = DataElement(tag, DESCRIPTORS[tag], sentence.replace("@", text.filled))
    for telling in text.telling:
        yield gone(name, tag_text(tag), telling)
    yield f"rest of {'korean' if text.korean else 'latin'} text", "keep", tag_text(tag), sentence.replace("@", " ")


def _writable(person: Invented, encoding: str) -> bool:
    try:
        (person.hangul + person.hanja).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def written(image: Dataset, said: str, encoding: str) -> bytes:
    """The file with its texts in `encoding` and its character set named as `said`."""
    image.SpecificCharacterSet = "ISO_IR 192"
    if image.file_meta.TransferSyntaxUID in {DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian}:
        image.file_meta.TransferSyntaxUID = (
            ExplicitVRLittleEndian  # the name of the character set is found in the bytes
        )
    buffer = BytesIO()
    dcmwrite(buffer, image, enforce_file_format=True)
    if (said, encoding) == CHARACTER_SETS[0]:
        return buffer.getvalue()
    again = dcmread(BytesIO(buffer.getvalue()))
    _rewrite(again, encoding)
    again.SpecificCharacterSet = "ISO_IR 100"  # so that the writer passes bytes through as they are
    buffer = BytesIO()
    dcmwrite(buffer, again, enforce_file_format=True)
    return _renamed(buffer.getvalue(), said)


def _rewrite(image: Dataset, encoding: str) -> None:
    """Every text's bytes of `encoding` dressed as Latin-1, which the writer turns back into the same bytes."""
    for element in image:
        if element.VR == "SQ":
            for item in element.value:
                _rewrite(item, encoding)
        elif element.VR in {"LO", "LT", "SH", "ST", "UT", "PN"} and element.value:
            element.value = str(element.value).encode(encoding).decode("latin-1")


def _renamed(raw: bytes, said: str) -> bytes:
    """The file with another name of its character set, in an element of another length."""
    at = raw.index(b"\x08\x00\x05\x00CS")
    name = said.encode() + b" " * (len(said) % 2)
    length = int.from_bytes(raw[at + 6 : at + 8], "little")
    return raw[: at + 6] + len(name).to_bytes(2, "little") + name + raw[at + 8 + length :]
