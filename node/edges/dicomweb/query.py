"""The query of a search read into an `ImageSearch`. Source: PS3.18 sections 8.3.4 and 10.6.1, table 10.6.1-5.

Keys are the standard's for the level and whatever else a study or series is told with, by keyword or tag; any other is
refused, never left out of account. Most of what the standard lists is empty in a clean image, and finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from node.deidentify.findings import SERIES_TAGS, STUDY_TAGS
from node.edges.dicomweb.refusals import KeyUnknown, ValueRefused
from node.flows.image_search import ImageSearch, Level, Place

MOST_RESULTS: Final = 5000
ALL: Final = "all"
_LIMIT, _OFFSET, _FUZZY, _INCLUDE = "limit", "offset", "fuzzymatching", "includefield"
_HEX: Final = re.compile(r"[0-9A-Fa-f]{8}")
_UID: Final = re.compile(r"[0-9.]{1,64}")
_DAY: Final = re.compile(r"\d{8}")
_STUDY_KEYS: Final = {
    0x00080020: "study_dates",
    0x00080061: "modalities_in_study",
    0x00100020: "patient_id",
    0x0020000D: "study_uids",
}
_SERIES_KEYS: Final = {0x00080060: "modality", 0x0020000E: "series_uids", 0x00200011: "series_number"}
_INSTANCE_KEYS: Final = {0x00080016: "sop_class_uids", 0x00080018: "instance_uids", 0x00200013: "instance_number"}
_NOT_TEXT: Final = frozenset({"00081120", "00400275"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, the attributes asked for beside the usual ones (tags, or `all`), and whether fuzzy matching was."""

    search: ImageSearch
    include: frozenset[str]
    fuzzy: bool


def asked(level: Level, place: Place, query: Iterable[tuple[str, str]]) -> Asked:
    """The search that a query means, within a study or series where the address names one.

    Raises:
        KeyUnknown, ValueRefused: naming the key.
    """
    search = _within(ImageSearch(level, MOST_RESULTS), place)
    include: set[str] = set()
    fuzzy = False
    for key, value in query:
        match key.lower():
            case "limit":
                search = replace(search, limit=min(_whole(key, value, least=1), MOST_RESULTS))
            case "offset":
                search = replace(search, offset=_whole(key, value, least=0))
            case "accept":
                continue  # read with the header
            case "fuzzymatching":
                fuzzy = _flag(key, value)
            case "includefield":
                include |= {_included(field) for field in value.split(",") if field}
            case _:
                search = _with_key(search, key, value)
    above = not (place.series_uid if level is Level.INSTANCE else place.study_uid)
    search = replace(search, with_above=above, with_metadata=bool(include))
    return Asked(search, frozenset(include), fuzzy)


def tag_of(name: str) -> int:
    """The tag of a keyword or of eight hexadecimal digits. Raises: KeyUnknown."""
    tag = int(name, 16) if _HEX.fullmatch(name) else _tag_named(name)
    if tag is None:
        raise KeyUnknown(name=_shown(name))
    return tag


def _tag_named(keyword: str) -> int | None:
    """The tag of a keyword; the standard's dictionary is loaded with the first search that names one."""
    from pydicom.datadict import tag_for_keyword

    return tag_for_keyword(keyword)


def _within(search: ImageSearch, place: Place) -> ImageSearch:
    studies = (place.study_uid,) if place.study_uid else ()
    return replace(search, study_uids=studies, series_uids=(place.series_uid,) if place.series_uid else ())


def _with_key(search: ImageSearch, key: str, value: str) -> ImageSearch:
    tag, value = tag_of(key), value.strip()
    keys = dict(_STUDY_KEYS)
    if search.level is not Level.STUDY:
        keys |= _SERIES_KEYS
    if search.level is Level.INSTANCE:
        keys |= _INSTANCE_KEYS
    if tag not in keys:
        named = (_level_of(search.level, key, f"{tag:08X}"), f"{tag:08X}", value[:256])
        return replace(search, values=(*search.values, named)) if value.strip("*") else search
    if not value.strip("*"):
        return search
    name = keys[tag]
    changed: dict[str, Any] = {name: _parsed(name, key, value)}
    if name.endswith("_uids") and getattr(search, name):
        changed[name] = tuple(uid for uid in changed[name] if uid in getattr(search, name))
        changed["nothing"] = search.nothing or not changed[name]
    return replace(search, **changed)


def _level_of(level: Level, key: str, tag: str) -> Level:
    """The level whose object holds an attribute. Raises: KeyUnknown, also for one below the level of the search."""
    if tag in STUDY_TAGS - _NOT_TEXT:
        return Level.STUDY
    if level is not Level.STUDY and tag in SERIES_TAGS - _NOT_TEXT:
        return Level.SERIES
    raise KeyUnknown(name=_shown(key))


def _parsed(name: str, key: str, value: str) -> object:
    match name:
        case "study_dates":
            return _days(key, value)
        case "series_number" | "instance_number":
            return _whole(key, value, least=-(2**31) + 1)
        case "modalities_in_study":
            return tuple(part for part in re.split(r"[,\\]", value) if part)[:50]
        case "patient_id" | "modality":
            return value[:64]
        case _:
            uids = tuple(part for part in re.split(r"[,\\]", value) if part)
            if not uids or len(uids) > 500 or not all(_UID.fullmatch(uid) for uid in uids):
                raise ValueRefused(name=_shown(key))
            return uids


def _days(key: str, value: str) -> tuple[str, str]:
    first, dash, last = value.partition("-")
    if not dash:
        last = first
    if not (first or last) or not all(_DAY.fullmatch(day) for day in (first, last) if day):
        raise ValueRefused(name=_shown(key))
    return first, last


def _whole(key: str, value: str, *, least: int) -> int:
    try:
        number = int(value) if len(value) < 12 else None
    except ValueError:
        number = None
    if number is None or not least <= number < 2**31:
        raise ValueRefused(name=_shown(key))
    return number


def _flag(key: str, value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise ValueRefused(name=_shown(key))
    return value.lower() == "true"


def _included(field: str) -> str:
    return ALL if field == ALL else f"{tag_of(field):08X}"


def _shown(key: str) -> str:
    """A key as a refusal may repeat it: letters and digits of the asker's own, and not many."""
    return "".join(letter for letter in key[:64] if letter.isascii() and (letter.isalnum() or letter == "."))
