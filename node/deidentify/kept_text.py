"""A kept text without what could tell who is shown: first the header's own names, then what looks like an identifier,
then every word that is no term of imaging.

The last step is deny by default: a name nobody seeded is no known word. What it costs is harmless words that no list
holds; the self-test counts them as misses.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from node.deidentify.identifiers import GONE, without_identifiers
from node.deidentify.seeds import blanked
from node.deidentify.vocabulary import is_word

LONGEST: Final = 10_240
_RUN: Final = re.compile(r"\S+")
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]+|_+|\s+")
_MEASURE: Final = re.compile(r"\d{1,4}(?:[.,]\d{1,4})?")
_CODE: Final = re.compile(r"[A-Za-z]{1,2}\d{1,2}|\d{1,4}[A-Za-z]{1,3}|[A-Za-z]", re.ASCII)
_MARKS: Final = frozenset(" !%&'()*+,-./:;<=>?[]^_~±°µ·×–")
"""What may stand between words; a letter of a wrongly read character set is none."""
_EMPTY_MARKS: Final = re.compile(r"[(\[{<]\s*[)\]}>]|(?:^|\s)[^\w\s()%+]+(?=\s|$)")


@lru_cache(maxsize=256)
def cleaned_text(text: str, seeds: tuple[str, ...]) -> str:
    """The text with only what may stay; "" when nothing does."""
    plain = _plain_text(text)
    kept = blanked(plain, seeds, GONE) if seeds else plain
    kept = without_identifiers(kept)
    kept = _RUN.sub(lambda word: _kept_word(word[0]), kept)
    kept = _EMPTY_MARKS.sub(" ", _EMPTY_MARKS.sub(" ", kept))
    return " ".join(kept.split())


@lru_cache(maxsize=256)
def cleaned_name(text: str, seeds: tuple[str, ...]) -> str:
    """The name of a device or an institution as it stands, but for what the header tells about its patient."""
    plain = _plain_text(text)
    return " ".join((blanked(plain, seeds, " ") if seeds else plain).split())


def _kept_word(word: str) -> str:
    """The word with its unknown parts gone; a code such as T2 or L4 stands as a whole."""
    bare = word.strip(".,;:()[]/'\"")
    if is_word(bare) or _CODE.fullmatch(bare):
        return word
    return "".join(part for part in _TOKEN.findall(word) if _stays(part))


def _stays(part: str) -> bool:
    if part[0].isdigit():
        return _MEASURE.fullmatch(part) is not None
    if part[0].isalpha():
        return (len(part) == 1 and part.isascii()) or is_word(part)
    return all(mark in _MARKS for mark in part)


def _plain_text(text: str) -> str:
    if unicodedata.is_normalized("NFKC", text[:LONGEST]):
        return text[:LONGEST]
    return "".join(map(_plain, text[:LONGEST]))


def _plain(letter: str) -> str:
    """A full-width or otherwise dressed letter as its plain one, where that is one letter."""
    normal = unicodedata.normalize("NFKC", letter)
    return normal if len(normal) == 1 else letter
