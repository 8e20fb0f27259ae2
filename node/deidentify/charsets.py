"""Bytes of a header to Unicode: the character sets of the standard, the spellings met in the field, and bytes that lie.

A set that is named wrongly is taken for the one that is meant; where none is named, or bytes do not fit the one that
is, UTF-8 and then Korean (CP949, the superset of EUC-KR) are tried before Latin-1. A single-byte set that turns Korean
bytes into accented letters is not believed. Source: PS3.5 section 6.1, PS3.3 C.12.1.1.2.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes

from node.deidentify.elements import Element

CHARACTER_SET: Final = 0x00080005
NAME_DELIMITERS: Final = frozenset({0x5C, 0x5E, 0x3D})
TEXT_DELIMITERS: Final = frozenset({0x5C, 0x0D, 0x0A, 0x09, 0x0C})
_KOREAN: Final = "ISO 2022 IR 149"
_UNICODE: Final = "ISO_IR 192"
_KNOWN: Final = frozenset(
    {"", "ISO_IR 6", "ISO_IR 13", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 126", "ISO_IR 127"}
    | {"ISO_IR 138", "ISO_IR 144", "ISO_IR 148", "ISO_IR 166", _UNICODE, "GB18030", "GBK", _KOREAN}
    | {f"ISO 2022 IR {number}" for number in (6, 13, 58, 87, 100, 101, 109, 110, 126, 127, 138, 144, 148, 159, 166)}
)
# Spellings without blanks, lines and case, as `_squeezed` leaves them.
_MEANT: Final = {
    **{re.sub(r"[ _-]", "", name): name for name in sorted(_KNOWN)},
    **dict.fromkeys(
        ("ISOIR149", "ISO2022149", "KSC5601", "KSX1001", "KSC56011987", "EUCKR", "CP949", "MS949"), _KOREAN
    ),
    **dict.fromkeys(("ISO2022IR192", "UTF8", "UNICODE", "ISO10646"), _UNICODE),
}
_EAST_ASIAN: Final = (
    ("\u1100", "\u11ff"),
    ("\u3000", "\u318f"),
    ("\u3200", "\u33ff"),
    ("\u4e00", "\u9fff"),
    ("\uac00", "\ud7a3"),
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
)
_UNBELIEVED: Final = frozenset({"latin_1", "iso8859", "iso8859_1", "ascii", "euc_kr", "iso2022_kr"})
"""Sets that are named where the bytes are of another one, or carry no escape sequence."""


def encodings_of(found: Mapping[int, Element], sample: bytes = b"") -> tuple[str, ...]:
    """Python's names of the character sets of a data set; empty where it names none that is known."""
    element = found.get(CHARACTER_SET)
    named = _named(b"" if element is None else bytes(element.value[:256]))
    return named or ((_guessed(sample),) if sample else ())


@lru_cache(maxsize=256)
def _named(said: bytes) -> tuple[str, ...]:
    named = [_MEANT.get(_squeezed(part)) for part in said.decode("latin-1").split("\\")]
    known = [name for name in named if name is not None]
    if not any(known) or len(known) < len(named):
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(convert_encodings(known))


def decoded(value: bytes, encodings: tuple[str, ...], delimiters: frozenset[int] = TEXT_DELIMITERS) -> str:
    """The value in Unicode, without padding; never an error."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").strip(" \0")
    if b"\x1b" not in value and (not encodings or encodings[0] in _UNBELIEVED):
        guessed = _guessed(value)
        if not encodings or guessed in {"utf_8", "cp949"}:
            return value.decode(guessed, "replace").strip(" \0")
    plain = None if b"\x1b" in value else _in_one(value, encodings[0])
    if plain is not None:
        return plain.strip(" \0")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return decode_bytes(value, list(encodings), set(delimiters)).strip(" \0")
    except (UnicodeError, LookupError):
        return value.decode(_guessed(value), "replace").strip(" \0")


def _in_one(value: bytes, encoding: str) -> str | None:
    """The value where the first set fits all of it: without escape sequences no other comes into play."""
    try:
        return value.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _squeezed(name: str) -> str:
    return re.sub(r"[ _\-\0]", "", name.upper())


def _guessed(value: bytes) -> str:
    """What the bytes look like: a Korean double byte is believed where every high byte has its partner."""
    for encoding in ("ascii", "utf_8"):
        try:
            value.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    try:
        korean = value.decode("cp949")
    except UnicodeDecodeError:
        return "latin_1"
    return "cp949" if all(letter.isascii() or _east_asian(letter) for letter in korean) else "latin_1"


def _east_asian(letter: str) -> bool:
    """Hangul with its letters, ideographs, and the full-width forms and marks written beside them."""
    return any(first <= letter <= last for first, last in _EAST_ASIAN)
