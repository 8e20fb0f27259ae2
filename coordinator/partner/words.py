"""What the client tells a person, in Korean or English after the terminal's language; one TOML file per language."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "texts"


def language() -> str:
    """The terminal's language: `ko` where its locale begins so, `en` otherwise."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ko" if chosen.lower().startswith("ko") else "en"


@cache
def table(language: str) -> dict[str, str]:
    """Every text of a language by its key."""
    with (_DIRECTORY / f"{language}.toml").open("rb") as file:
        return {key: str(text) for key, text in tomllib.load(file).items()}


def say(key: str, /, **fields: object) -> str:
    """One text in the terminal's language."""
    return table(language())[key].format(**fields)
