"""The images that an object names. Source: PS3.3 C.12.1.1.1 and 10.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from node.deidentify.elements import Element
from node.deidentify.values import text_of

_REFERENCED_INSTANCE: Final = 0x00081155
MOST_SOURCES: Final = 4096
"""An object that names more images is attached to the first of them."""


def named_images(found: Mapping[int, Element]) -> tuple[str, ...]:
    """The UIDs of the instances an object names at any depth, in their order, each once."""
    unique = dict.fromkeys(uid for uid in _named(found) if uid)
    return tuple(unique)[:MOST_SOURCES]


def _named(found: Mapping[int, Element]) -> Iterator[str]:
    for tag, element in found.items():
        if tag == _REFERENCED_INSTANCE:
            yield text_of(element)
        for item in element.items or ():
            yield from _named(item)
