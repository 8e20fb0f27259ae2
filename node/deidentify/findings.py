"""What is said of an image from inside the sandbox: plain values, with which no parser and no codec is loaded.

Whoever only asks the sandbox takes these, and starts without the libraries that read DICOM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

BASE: Final = "http://base.invalid"
Span = tuple[int, int]
"""Offset and length in the file."""

STUDY_TAGS: Final = frozenset(
    "00080020 00080030 00080050 00080090 00080201 00081030 00100010 00100020 00100030 00100040 00101010 00101020"
    " 00101030 00120062 00120063 0020000D 00200010".split()
)
SERIES_TAGS: Final = frozenset(
    "00080021 00080031 00080060 00080070 0008103E 00180015 00185100 0020000E 00200011 00200052 00200060 00400244"
    " 00400245 00400275".split()
)
INSTANCE_TAGS: Final = frozenset(
    "00080008 00080016 00080018 00080022 00080023 00200013 00280008 00280010 00280011 00280100".split()
)


@dataclass(frozen=True, slots=True)
class HeaderSummary:
    """One received image by its header.

    `uids` are all that need a successor, sorted; `study_date` is YYYYMMDD or ""; `age` is clamped (090Y).
    """

    patient_id: str = field(repr=False)
    issuer: str = field(repr=False)
    patient_name: str = field(repr=False)
    study_uid: str
    series_uid: str
    instance_uid: str
    uids: tuple[str, ...] = field(repr=False)
    sop_class_uid: str
    transfer_syntax_uid: str
    modality: str
    body_part: str
    laterality: str
    view: str
    rows: int
    columns: int
    frames: int
    study_date: str = field(repr=False)
    age: str
    sex: str
    sources: tuple[str, ...] = field(default=(), repr=False)
    """The instances that an object attached to images names; none for an image."""
    other_patient_ids: tuple[str, ...] = field(default=(), repr=False)
    """The patient's other numbers, of this hospital or any other."""


@dataclass(frozen=True, slots=True)
class CleanHeader:
    """One clean image by its header; every UID is a new one.

    `spans` are the long values by their path. `frame_bytes` is the length of each frame where the pixel data is native
    and cut by whole bytes; `fragments` are the spans of each frame where it is compressed. Without either, a frame can
    only be had decoded.
    """

    study_uid: str
    series_uid: str
    instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    patient_id: str
    study_date: str
    modality: str
    series_number: int | None
    instance_number: int | None
    frames: int
    frame_bytes: int
    spans: Mapping[str, Span]
    fragments: tuple[tuple[Span, ...], ...]
    study: str = field(repr=False)
    series: str = field(repr=False)
    instance: str = field(repr=False)
    metadata: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """Values of one frame: `pixels` little endian, [row, column] or [row, column, red-green-blue].

    They are stored values, or where they are `baked` presentation values from 0, black, to 65535, white.
    """

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    photometric: str
    pixels: bytes = field(repr=False)
    baked: bool = False


class Form(StrEnum):
    """The forms of a picture."""

    PNG = "png"
    JPEG = "jpeg"


@dataclass(frozen=True, slots=True)
class Picture:
    """How a frame is drawn: `window` is center and width, `within` the columns and rows it is scaled to fit."""

    form: Form = Form.PNG
    quality: int = 90
    window: tuple[float, float] | None = None
    within: tuple[int, int] | None = None
