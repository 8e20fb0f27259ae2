"""Texts people read, in Korean and English, one TOML file per page and language; what commands refuse is one.

A key is `page.name`; a text may hold `{fields}`. A missing key or language is an error, never an empty text.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from coordinator.ground.errors import CoordinatorError

_DIRECTORY = Path(__file__).parent


class Language(StrEnum):
    """The languages every text exists in."""

    EN = "en"
    KO = "ko"


class TextMissing(CoordinatorError):
    """A text was asked for that no file holds."""


@cache
def table(language: Language) -> dict[str, str]:
    """Every text of a language by its key."""
    texts: dict[str, str] = {}
    for path in sorted((_DIRECTORY / language.value).glob("*.toml")):
        with path.open("rb") as file:
            for name, text in tomllib.load(file).items():
                texts[f"{path.stem}.{name}"] = str(text)
    return texts


def text(key: str, language: Language, **fields: object) -> str:
    """The text of a key with its fields filled in.

    Raises:
        TextMissing: no such key in that language.
    """
    try:
        template = table(language)[key]
    except KeyError:
        raise TextMissing(f"no {language.value} text for {key}") from None
    return template.format(**fields)
