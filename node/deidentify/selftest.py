"""The cleaning scored against an answer key: every planted file is cleaned, every required action is looked up.

Takes a folder of DICOM files with `key.csv` (file, category, action, where, value), made by whoever plants. Gives the
share of actions that happened and every miss. It knows no pattern and no list: it only compares. Actions: `gone` (the
value is nowhere in the cleaned file, in no encoding), `remove` (it is not in the element), `keep` (its words are),
`move` (the date became another date), `map` (the UID became another UID), `same` (the value stands unchanged), `blank`
(the box left,top,right,bottom of the picture has one value). A file that is not cleaned at all misses every action. No
value is ever shown. Source for the kinds: the MIDI-B challenge.
"""

from __future__ import annotations

import csv
import re
import secrets
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.multival import MultiValue

from node.deidentify.clean import clean
from node.deidentify.errors import UnreadableImage
from node.deidentify.pixels.blanking import LineFinder
from node.deidentify.pixels.cleaning import PixelCleaner
from node.deidentify.policy import Policy
from node.deidentify.pseudonyms import KEY_BYTES, replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.ground.told import Told

KEY: Final = "key.csv"
COLUMNS: Final = ("file", "category", "action", "where", "value")
_ENCODINGS: Final = ("utf-8", "cp949", "iso2022_kr", "utf-16-le", "utf-16-be", "latin-1")
BLANK: Final = "blank"
_BOX: Final = re.compile(r"\d{1,5}(,\d{1,5}){3}")
_LEAST_BLANKED: Final = 0.95
Cleaner = Callable[[bytes], bytes | None]
"""The cleaned file, or None where the cleaner gave none."""


class KeyUnusable(Told):
    """The folder holds no answer key, or one that is not of its form."""

    text_key = "deidentify.key_unusable"


@dataclass(frozen=True, slots=True)
class Required:
    """One action that the cleaning of one file must take."""

    file: str
    category: str
    action: str
    where: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Miss:
    """An action that did not happen, without its value."""

    file: str
    category: str
    action: str
    where: str


@dataclass(frozen=True, slots=True)
class Scored:
    """What the cleaning did of what it had to do."""

    asked: Counter[str]
    misses: tuple[Miss, ...]

    @property
    def actions(self) -> int:
        """How many actions were required."""
        return self.asked.total()

    @property
    def share(self) -> float:
        """The share of them that happened."""
        return 1 - len(self.misses) / self.actions if self.actions else 0.0

    def by_category(self) -> dict[str, float]:
        """The share of each category."""
        missed = Counter(miss.category for miss in self.misses)
        return {category: 1 - missed[category] / count for category, count in self.asked.items()}


def read_key(folder: Path) -> tuple[Required, ...]:
    """The required actions, in the order of the key.

    Raises:
        KeyUnusable: there is no key, it has other columns or actions, or it names a file outside the folder.
    """
    try:
        with (folder / KEY).open(encoding="utf-8", newline="") as file:
            rows = [Required(*(row[column] for column in COLUMNS)) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, TypeError):
        raise KeyUnusable(folder=folder) from None
    home = folder.resolve()
    inside = all((home / row.file).resolve().is_relative_to(home) and (home / row.file).is_file() for row in rows)
    boxes = all(_BOX.fullmatch(row.where) for row in rows if row.action == BLANK)
    if not rows or not inside or not boxes or any(row.action not in _CHECKS for row in rows):
        raise KeyUnusable(folder=folder)
    return tuple(rows)


def cleaned_with_a_new_key(policy: Policy, finder: LineFinder | None = None) -> Cleaner:
    """This station as a cleaner, with a pseudonym key of its own; pictures are cleaned where a finder is given."""
    key = secrets.token_bytes(KEY_BYTES)
    cleaning = clean if finder is None else PixelCleaner(finder).clean

    def cleaned(raw: bytes) -> bytes | None:
        try:
            verdict = cleaning(raw, replacement(summarise(raw), key, policy))
        except UnreadableImage:
            return None
        return verdict.contents if isinstance(verdict, CleanImage) else None

    return cleaned


def score(folder: Path, key: Sequence[Required], cleaner: Cleaner) -> Scored:
    """Every file of the key cleaned once, and each of its actions looked up."""
    by_file: dict[str, list[Required]] = {}
    for row in key:
        by_file.setdefault(row.file, []).append(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        missed = [row for file, rows in by_file.items() for row in _missed(rows, cleaner((folder / file).read_bytes()))]
    misses = tuple(Miss(row.file, row.category, row.action, row.where) for row in missed)
    return Scored(Counter(row.category for row in key), misses)


def _missed(rows: Sequence[Required], contents: bytes | None) -> list[Required]:
    if contents is None:
        return list(rows)
    after = dcmread(BytesIO(contents))
    return [row for row in rows if not _CHECKS[row.action](row, contents, after)]


def _removed(row: Required, _contents: bytes, after: Dataset) -> bool:
    return row.value not in _text_at(after, row.where)


def _gone(row: Required, contents: bytes, _after: Dataset) -> bool:
    return not any(written in contents for written in _written(row.value))


def _written(value: str) -> set[bytes]:
    found = set()
    for encoding in _ENCODINGS:
        try:
            found.add(value.encode(encoding))
        except UnicodeEncodeError:
            continue
    return found


def _kept(row: Required, _contents: bytes, after: Dataset) -> bool:
    words, said = (re.findall(r"\w+", text) for text in (row.value, _text_at(after, row.where)))
    return all(word in said for word in words)


def _moved(row: Required, _contents: bytes, after: Dataset) -> bool:
    said = _text_at(after, row.where)
    return re.fullmatch(r"\d{8}(\d{6}(\.\d+)?)?", said) is not None and said[:8] != row.value[:8]


def _mapped(row: Required, _contents: bytes, after: Dataset) -> bool:
    said = _text_at(after, row.where)
    return re.fullmatch(r"[0-2](\.\d+)+", said) is not None and said != row.value


def _same(row: Required, _contents: bytes, after: Dataset) -> bool:
    said = _text_at(after, row.where)
    try:
        return [float(part) for part in said.split("\\")] == [float(part) for part in row.value.split("\\")]
    except ValueError:
        return said == row.value


def _blanked(row: Required, _contents: bytes, after: Dataset) -> bool:
    """Whether nearly every pixel of the box has the same value."""
    left, top, right, bottom = (int(side) for side in row.where.split(","))
    try:
        inside = after.pixel_array[top:bottom, left:right]
    except Exception:  # noqa: BLE001 - a picture that nobody can decode any more was not blanked, it was lost
        return False
    return inside.size > 0 and float((inside == inside.min()).mean()) >= _LEAST_BLANKED


def _text_at(data_set: Dataset, where: str) -> str:
    """The value at a path of tags (`00081140.0.00081155`), as text; "" where there is none."""
    found: Dataset = data_set
    *steps, last = where.split(".")
    try:
        for tag, index in zip(steps[::2], steps[1::2], strict=True):
            found = found[int(tag, 16)].value[int(index)]
        value = found[int(last, 16)].value
    except (KeyError, IndexError, TypeError):
        return ""
    if isinstance(value, MultiValue):
        return "\\".join(str(part) for part in value)
    return "" if value is None else str(value)


_CHECKS: Final[dict[str, Callable[[Required, bytes, Dataset], bool]]] = {
    "gone": _gone,
    "remove": _removed,
    "keep": _kept,
    "move": _moved,
    "map": _mapped,
    "same": _same,
    BLANK: _blanked,
}
