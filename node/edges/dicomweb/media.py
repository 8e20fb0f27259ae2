"""Which media type an answer has: the Accept header against what can be offered. Source: PS3.18 section 8.7, RFC 9110.

A range without a transfer syntax takes any of its own media type; one of any media type (`*/*`) takes the default,
which comes first among the offers and in a multipart. What is stored comes last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from node.edges.dicomweb.refusals import NotAcceptable

JSON: Final = "application/dicom+json"
OBJECT: Final = "application/dicom"
OCTETS: Final = "application/octet-stream"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
RELATED: Final = "multipart/related"
_JPEG, _JLS, _JP2, _HTJ2K = "image/jpeg", "image/jls", "image/jp2", "image/jphc"
# Source: PS3.18 table 8.7.3-5; RLE has a media type of its own there.
FRAME_TYPES: Final = {
    "1.2.840.10008.1.2.4.50": _JPEG,
    "1.2.840.10008.1.2.4.51": _JPEG,
    "1.2.840.10008.1.2.4.57": _JPEG,
    "1.2.840.10008.1.2.4.70": _JPEG,
    "1.2.840.10008.1.2.4.80": _JLS,
    "1.2.840.10008.1.2.4.81": _JLS,
    "1.2.840.10008.1.2.4.90": _JP2,
    "1.2.840.10008.1.2.4.91": _JP2,
    "1.2.840.10008.1.2.4.201": _HTJ2K,
    "1.2.840.10008.1.2.4.202": _HTJ2K,
    "1.2.840.10008.1.2.4.203": _HTJ2K,
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}
_LONGEST_KEPT: Final = 512
_PARAMETER: Final = re.compile(r";\s*([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^;,\s]*))")
_RANGE: Final = re.compile(r"\s*([\w.+*-]+/[\w.+*-]+|\*)((?:\s*;\s*[\w-]+\s*=\s*(?:\"[^\"]*\"|[^;,\s]*))*)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Range:
    """One accepted media range; `media_type` is that of the parts where the whole is a multipart."""

    media_type: str
    multipart: bool
    transfer_syntax: str
    quality: float


@dataclass(frozen=True, slots=True)
class Offer:
    """A media type in a transfer syntax that an answer could have."""

    media_type: str
    transfer_syntax: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the answer will have; `multipart` as the range asked."""

    offer: Offer
    multipart: bool


def accepted(header: str | None) -> tuple[Range, ...]:
    """The ranges of an Accept header, best first; everything where there is none."""
    return _read_once(header) if header is None or len(header) <= _LONGEST_KEPT else _read(header)


def _read(header: str | None) -> tuple[Range, ...]:
    if not header or not header.strip():
        return (Range("*/*", False, "", 1.0),)
    found, at = [], 0
    while match := _RANGE.match(header, at):
        found.append(_range(match[1].lower(), match[2]))
        at = match.end()
        if at >= len(header):
            break
    return tuple(sorted((one for one in found if one.quality > 0), key=lambda one: -one.quality))


_read_once = lru_cache(maxsize=64)(_read)


def chosen(header: str | None, offers: Sequence[Offer], *, told: str) -> Chosen:
    """The offer that the best range takes: the first, or the last where any transfer syntax is welcome.

    Raises:
        NotAcceptable: none; `told` names what there is.
    """
    for one in accepted(header):
        for offer in reversed(offers) if one.transfer_syntax == "*" else offers:
            if _takes(one, offer, first=offer is offers[0]):
                return Chosen(offer, one.multipart or one.media_type == "*/*")
    raise NotAcceptable(offered=told)


def parameters(text: str) -> dict[str, str]:
    """The parameters of a media type, names in small letters; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(text):
        found.setdefault(match[1].lower(), match[2] if match[2] is not None else match[3])
    return found


def _range(media_type: str, rest: str) -> Range:
    said = parameters(rest)
    try:
        quality = float(said.get("q", "1"))
    except ValueError:
        quality = 0.0
    multipart = media_type == RELATED
    if multipart:
        media_type = said.get("type", "*/*").lower()
    return Range("*/*" if media_type == "*" else media_type, multipart, said.get("transfer-syntax", ""), quality)


def _takes(one: Range, offer: Offer, *, first: bool) -> bool:
    kind, _, detail = one.media_type.partition("/")
    if kind != "*" and detail == "*":
        of_type = offer.media_type.startswith(f"{kind}/")
    else:
        of_type = kind == "*" or one.media_type == offer.media_type
    if not of_type:
        return False
    if one.transfer_syntax in {"", "*"} or not offer.transfer_syntax:
        return first or kind != "*" or one.transfer_syntax == "*"
    return one.transfer_syntax == offer.transfer_syntax
