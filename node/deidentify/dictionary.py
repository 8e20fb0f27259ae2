"""What the standard says about a tag: its value representations. Source: PS3.6, as pydicom carries it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pydicom.datadict import dictionary_VR


@lru_cache(maxsize=8192)
def value_representation(tag: int) -> str:
    """The value representation of a standard tag, several joined by " or "; "" for any other tag."""
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""


@lru_cache(maxsize=8192)
def allows(tag: int, vr: str) -> bool:
    """Whether the standard lets the tag carry that value representation."""
    return vr in value_representation(tag).split(" or ")


_CHOICES: Final = {
    "US or SS": ("US", "SS"),
    "OB or OW": ("OW", "OW"),
    "US or OW": ("OW", "OW"),
    "US or SS or OW": ("OW", "OW"),
}


def settled(vr: str, *, signed: bool) -> str:
    """The one representation to write where the standard leaves a choice. Source: PS3.5 annex A.1 and A.2."""
    choice = _CHOICES.get(vr)
    return vr if choice is None else choice[signed]
