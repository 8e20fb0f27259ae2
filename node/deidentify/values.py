"""One value treated: a number stays a number, a date moves, an age is clamped, a word must be a known word.

Whatever is not plainly of its kind becomes empty: a name written into a number's or a date's place does not pass.
Source: PS3.5 section 6.2 for the forms of the value representations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from pydicom.config import IGNORE
from pydicom.uid import UID

from node.deidentify import profile
from node.deidentify.elements import Element

OLDEST_YEARS: Final = 89
_BINARY_NUMBERS: Final = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "OW"})
_LOOKUP_TABLE_BYTES: Final = 2 * 65536
_SHORT_FORM_BYTES: Final = 65534
_DATE: Final = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_TIME: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?")
_TIME_OF_DAY: Final = re.compile(r"\d{8}((?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)(?:[+-]\d{4})?")
_AGE: Final = re.compile(r"(\d{3})([DWMY])")
_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_IN_YEARS: Final = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}


def text_of(element: Element | None) -> str:
    """The value as Latin-1 text without padding; "" for no element."""
    return "" if element is None else bytes(element.value[:1024]).decode("latin-1").strip(" \0")


def parts_of(element: Element | None) -> list[str]:
    """The values of a multi-valued text element."""
    return [part.strip(" \0") for part in text_of(element).split("\\")]


def number_value(element: Element, vr: str) -> bytes | memoryview:
    """The value when it is numbers of its representation, else nothing."""
    if vr in _BINARY_NUMBERS:
        fits = len(element.value) <= (_LOOKUP_TABLE_BYTES if vr == "OW" else _SHORT_FORM_BYTES)
        return element.value if fits else b""
    return _number_text(bytes(element.value[:4096]))


@lru_cache(maxsize=4096)
def _number_text(value: bytes) -> bytes:
    parts = [part.strip() for part in value.decode("latin-1").strip(" \0").split("\\")]
    if not all(len(part) <= 16 and (not part or _DECIMAL.fullmatch(part)) for part in parts):
        return b""
    text = "\\".join(parts).encode("ascii")
    return text + b" " * (len(text) % 2)


def term_value(element: Element) -> tuple[str, bool]:
    """The known words of the value in their order, and whether another one was refused."""
    return _term_words(element.tag, text_of(element))


@lru_cache(maxsize=1024)
def _term_words(tag: int, text: str) -> tuple[str, bool]:
    words = [" ".join(part.strip(" \0").upper().split()) for part in text.split("\\")]
    known = [word for word in words if profile.is_term(tag, word)]
    return "\\".join(known), any(word and word not in known for word in words)


def registered_value(element: Element) -> str:
    """The UID when the standard registers it, else nothing."""
    return _registered(text_of(element))


@lru_cache(maxsize=256)
def _registered(uid: str) -> str:
    return uid if UID(uid, validation_mode=IGNORE).type else ""


def read_date(text: str) -> date | None:
    """The day a DA or DT value names, also in the old form with dots; None when it names none."""
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shifted_dates(texts: Iterable[str], shift_days: int, *, with_times: bool = False) -> str:
    """The days moved, with their time of day (without its zone) where asked; what names no day becomes empty."""
    return "\\".join(_shifted(text, shift_days) + _time_behind(text, with_times) for text in texts)


def _time_behind(text: str, with_times: bool) -> str:
    match = _TIME_OF_DAY.fullmatch(text) if with_times else None
    return match[1] if match and read_date(text) else ""


@lru_cache(maxsize=1024)
def _shifted(text: str, shift_days: int) -> str:
    day = read_date(text)
    if day is None:
        return ""
    try:
        return (day + timedelta(days=shift_days)).strftime("%Y%m%d")
    except OverflowError:
        return ""


def time_value(texts: Iterable[str]) -> str:
    """The times of day that are plainly such; anything else becomes empty."""
    return "\\".join(text if _TIME.fullmatch(text) else "" for text in texts)


@lru_cache(maxsize=256)
def clamped_age(text: str) -> tuple[str, bool]:
    """The age, 090Y for everybody of 90 or more, and whether it was clamped. Source: PS3.5 table 6.2-1, AS."""
    match = _AGE.fullmatch(text)
    if match is None:
        return "", False
    if int(match[1]) / _IN_YEARS[match[2]] > OLDEST_YEARS + 0.999:
        return f"{OLDEST_YEARS + 1:03d}Y", True
    return text, False


@lru_cache(maxsize=256)
def age_between(born: str, examined: str) -> str:
    """The age in whole years, in months under two years; "" when a day is missing or they are the wrong way round."""
    first, last = read_date(born), read_date(examined)
    if first is None or last is None or last < first:
        return ""
    before_birthday = (last.month, last.day) < (first.month, first.day)
    years = last.year - first.year - before_birthday
    if years >= 2:
        return clamped_age(f"{years:03d}Y")[0] if years < 1000 else ""
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return f"{months:03d}M"
