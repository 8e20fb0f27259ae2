"""What a header itself tells about whom it shows, so that the same words are found in its texts.

Names come from every name element at every depth, in all three groups of a person name, in both orders, joined and
apart, with initials, and Korean names also in Latin letters. Identifiers, addresses and places come as they stand, days
with and without their century. A seed is letters and digits alone: whatever else stands between them in a text does not
hide it. Source: PS3.5 section 6.2.1; the Revised Romanization of Korean (2000) and the spellings passports carry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from node.deidentify.charsets import NAME_DELIMITERS, TEXT_DELIMITERS, decoded, encodings_of
from node.deidentify.elements import Element
from node.deidentify.policy import Policy

_LEADS: Final = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")
_VOWELS: Final = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")
_TAILS: Final = " k k k n n n t l k m p l l p l m p p t t ng t t k t p t".split(" ")
_SURNAMES: Final = {
    "김": ("gim", "kim"),
    "이": ("i", "lee", "yi", "rhee", "lyi"),
    "박": ("bak", "park", "pak"),
    "최": ("choe", "choi"),
    "정": ("jeong", "jung", "chung", "jong"),
    "강": ("gang", "kang"),
    "조": ("jo", "cho"),
    "윤": ("yun", "yoon"),
    "장": ("jang", "chang"),
    "임": ("im", "lim", "rim", "yim"),
    "한": ("han", "hahn"),
    "오": ("o", "oh"),
    "서": ("seo", "suh", "so"),
    "신": ("sin", "shin"),
    "권": ("gwon", "kwon"),
    "황": ("hwang",),
    "안": ("an", "ahn"),
    "송": ("song",),
    "류": ("ryu", "yoo", "ryoo"),
    "유": ("yu", "yoo", "you"),
    "홍": ("hong",),
    "전": ("jeon", "jun", "chun"),
    "고": ("go", "ko", "koh"),
    "문": ("mun", "moon"),
    "양": ("yang",),
    "손": ("son", "sohn"),
    "배": ("bae", "pae"),
    "백": ("baek", "paik", "back"),
    "허": ("heo", "hur", "huh"),
    "노": ("no", "noh", "roh"),
    "우": ("u", "woo"),
    "구": ("gu", "koo", "goo"),
}
_SHORTEST_NUMBER: Final = 4
_WHOLE_NAME: Final = 3
INSTITUTIONS: Final = frozenset({0x00080080, 0x00080081, 0x00081040})
ALWAYS: Final = frozenset(
    {0x00080092, 0x00101040, 0x00102152, 0x00380300}
    | {0x00080050, 0x00100020, 0x00101000, 0x00101090, 0x00102154, 0x00200010, 0x00380010, 0x00380060, 0x00402016}
    | {0x00402017, 0x00401001, 0x00400009, 0x00400253, 0x00401103, 0x00080094, 0x00402010}
)
SERIALS: Final = frozenset({0x00181000, 0x00081010})
_DAY_BYTES: Final = 10
"""A day with the dots of the old form; the time behind it differs from image to image and is no seed."""
_DAY: Final = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_APART: Final = re.compile(r"[\^\s]+")
_MINUTES: Final = "min"
"""A syllable of many Korean names, and a unit behind a number."""
_BEHIND_A_NUMBER: Final = re.compile(r"\d\s?$")


def romanised(hangul: str) -> str:
    """A hangul syllable string in Latin letters, syllable by syllable; "" for anything else."""
    letters = []
    for letter in hangul:
        index = ord(letter) - 0xAC00
        if not 0 <= index < 11172:
            return ""
        letters.append(_LEADS[index // 588] + _VOWELS[index % 588 // 28] + _TAILS[index % 28])
    return " ".join(letters)


def gathered(found: Mapping[int, Element], policy: Policy) -> tuple[str, ...]:
    """What to look for in this header's texts, the longest first.

    Where the policy retains the institution or its devices, these are not looked for.
    """
    told: list[_Told] = []
    _collect(found, (), _looked_for(device=policy.device, institution=policy.institution), told)
    return _seeds(tuple(told))


@lru_cache(maxsize=4)
def _looked_for(*, device: bool, institution: bool) -> frozenset[int]:
    return ALWAYS | (frozenset() if device else SERIALS) | (frozenset() if institution else INSTITUTIONS)


def blanked(text: str, seeds: tuple[str, ...], mark: str) -> str:
    """The text with `mark` for every seed in it that begins, and in Latin letters also ends, a word.

    Three syllables of hangul, a whole name, go wherever they stand: Korean writes nouns on to each other (환자하지연).
    """
    places = [(at, letter.lower()[:1]) for at, letter in enumerate(text) if letter.isalnum()]
    squeezed = "".join(letter for _, letter in places)
    spans: list[tuple[int, int]] = []
    for seed in seeds:
        start = squeezed.find(seed)
        while start >= 0:
            first, after = places[start][0], places[start + len(seed) - 1][0] + 1
            if _stands_alone(text, seed, first, after):
                spans.append((first, after))
            start = squeezed.find(seed, start + 1)
    for first, after in sorted(_merged(spans), reverse=True):
        text = text[:first] + mark + text[after:]
    return text


def _stands_alone(text: str, seed: str, first: int, after: int) -> bool:
    if first > 0 and text[first - 1].isalpha():
        return len(seed) >= _WHOLE_NAME and _hangul(seed)
    if seed == _MINUTES and _BEHIND_A_NUMBER.search(text[:first]) and text[first:after] == _MINUTES:
        return False
    return not (seed[-1].isascii() and seed[-1].isalpha() and after < len(text) and text[after].isalnum())


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, after in sorted(spans):
        if merged and first < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(after, merged[-1][1]))
        else:
            merged.append((first, after))
    return merged


_Told = tuple[str, bytes, tuple[str, ...]]
"""A value that tells something: what it tells, its bytes, and the character sets they may be in."""
_NAME: Final = "name"
_DAY_SAID: Final = "day"
_NUMBER: Final = "number"
_TELLING: Final = {"PN": _NAME, "DA": _DAY_SAID, "DT": _DAY_SAID}


def _collect(
    found: Mapping[int, Element], outer: tuple[str, ...], looked_for: frozenset[int], told: list[_Told]
) -> None:
    """Every telling value of the header at every depth is in `told`, as it is written."""
    encodings = encodings_of(found) or outer
    kind_of = _TELLING.get
    for tag, element in found.items():
        if element.items:
            for item in element.items:
                _collect(item, encodings, looked_for, told)
            continue
        kind = kind_of(element.vr)
        if tag in looked_for and kind != _NAME:
            kind = _NUMBER
        if kind == _DAY_SAID:
            told.append((kind, bytes(element.value[:_DAY_BYTES]), ()))
        elif kind is not None:
            told.append((kind, bytes(element.value[:1024]), encodings))


@lru_cache(maxsize=64)
def _seeds(told: tuple[_Told, ...]) -> tuple[str, ...]:
    """The seeds of these values; the images of a series mostly tell the same."""
    seeds = {seed for one in told for seed in _of_one(*one)}
    return tuple(sorted(seeds, key=lambda seed: (-len(seed), seed)))


def _of_one(kind: str, value: bytes, encodings: tuple[str, ...]) -> Iterator[str]:
    if kind == _DAY_SAID:
        yield from _day_forms(value.decode("latin-1"))
        return
    for part in decoded(value, encodings, NAME_DELIMITERS if kind == _NAME else TEXT_DELIMITERS).split("\\"):
        yield from _name_forms(part) if kind == _NAME else _long_enough(_squeezed(part), _SHORTEST_NUMBER)


def _squeezed(text: str) -> str:
    return "".join(letter.lower()[:1] for letter in text if letter.isalnum())


def _long_enough(seed: str, least: int) -> Iterator[str]:
    if len(seed) >= least:
        yield seed


def _day_forms(text: str) -> Iterator[str]:
    match = _DAY.match(text)
    if match:
        yield from ("".join(match.groups()), "".join(match.groups())[2:])


@lru_cache(maxsize=512)
def _name_forms(name: str) -> tuple[str, ...]:
    return tuple(form for group in name.split("=") for form in _group_forms(group))


def _group_forms(group: str) -> Iterator[str]:
    parts = [squeezed for part in _APART.split(group) if (squeezed := _squeezed(part))]
    if not parts:
        return
    yield from _orders(parts)
    if len(parts) == 1 and _hangul(parts[0]) and 2 <= len(parts[0]) <= 4:
        parts = [parts[0][:1], parts[0][1:]]
        yield from _orders(parts)
    if len(parts) == 2 and all(map(_hangul, parts)):
        given = romanised(parts[1]).replace(" ", "")
        for family in {*_SURNAMES.get(parts[0], ()), romanised(parts[0]).replace(" ", "")}:
            yield from _orders([family, given])


def _orders(parts: list[str]) -> Iterator[str]:
    """Both orders joined, the family name with initials on either side, and each part that is long enough alone."""
    family, *rest = parts
    if rest:
        yield from ("".join(parts), "".join([*rest, family]))
        initials = "".join(part[0] for part in rest)
        if family.isascii() and len(family) > 2:
            yield from (family + initials, initials + family)
    for part in parts:
        yield from _long_enough(part, 3 if part.isascii() else 2)


def _hangul(text: str) -> bool:
    return all("\uac00" <= letter <= "\ud7a3" for letter in text)
