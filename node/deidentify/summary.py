"""What the node must know of a received image before it can be cleaned: whom it shows, its UIDs, how to find it.

The identifying fields stay in the parent's memory and the encrypted map. The descriptive ones have passed the same
closed vocabularies as the clean image, so that they may be shown. Source: PS3.3 for the attributes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes

from node.deidentify.dictionary import allows
from node.deidentify.elements import Element, Limits
from node.deidentify.opening import OpenedImage, open_image
from node.deidentify.profile import Treatment, treatment
from node.deidentify.values import age_between, clamped_age, parts_of, read_date, term_value, text_of

SOP_CLASS, INSTANCE, STUDY, SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
STUDY_DATE, BIRTH_DATE, AGE = 0x00080020, 0x00100030, 0x00101010
PATIENT_ID, ISSUER, PATIENT_NAME = 0x00100020, 0x00100021, 0x00100010
_CHARSET = 0x00080005
_KOREAN: Final = "ISO 2022 IR 149"
# Spellings seen in the field for character sets the standard writes otherwise.
_MISSPELT: Final = {"ISO_IR 149": _KOREAN, "ISO 2022 IR 192": "ISO_IR 192", "UTF-8": "ISO_IR 192", "UTF8": "ISO_IR 192"}
_KNOWN: Final = frozenset(
    {"", "ISO_IR 6", "ISO_IR 13", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 126", "ISO_IR 127"}
    | {"ISO_IR 138", "ISO_IR 144", "ISO_IR 148", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK", _KOREAN}
    | {f"ISO 2022 IR {number}" for number in (6, 13, 58, 87, 100, 101, 109, 110, 126, 127, 138, 144, 148, 159, 166)}
)
_NAME_DELIMITERS: Final = {0x5C, 0x5E, 0x3D}
_TEXT_DELIMITERS: Final = {0x5C, 0x0D, 0x0A, 0x09, 0x0C}


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


def summarise(raw: bytes, limits: Limits | None = None) -> HeaderSummary:
    """The header of the image in `raw`, in Unicode.

    Raises:
        UnreadableImage: the bytes are no DICOM image, with the reason.
    """
    image = open_image(raw, limits)
    found = image.elements
    day = read_date(text_of(found.get(STUDY_DATE)))
    patient_id, issuer, patient_name = _personal_texts(found)
    return HeaderSummary(
        patient_id=patient_id,
        issuer=issuer,
        patient_name=patient_name,
        study_uid=text_of(found.get(STUDY)),
        series_uid=text_of(found.get(SERIES)),
        instance_uid=text_of(found.get(INSTANCE)),
        uids=tuple(sorted(set(_uids(found)))),
        sop_class_uid=text_of(found.get(SOP_CLASS)),
        transfer_syntax_uid=image.transfer_syntax_uid,
        modality=_term(found, 0x00080060),
        body_part=_term(found, 0x00180015),
        laterality=_term(found, 0x00200062) or _term(found, 0x00200060),
        view=_term(found, 0x00185101),
        rows=whole_number(image, 0x00280010),
        columns=whole_number(image, 0x00280011),
        frames=max(1, whole_number(image, 0x00280008)),
        study_date="" if day is None else day.strftime("%Y%m%d"),
        age=known_age(found),
        sex=_term(found, 0x00100040),
    )


def known_age(found: Mapping[int, Element]) -> str:
    """The age as the header says it or as its dates give it, clamped; "" when neither does."""
    said, _ = clamped_age(text_of(found.get(AGE)))
    return said or age_between(text_of(found.get(BIRTH_DATE)), text_of(found.get(STUDY_DATE)))


def whole_number(image: OpenedImage, tag: int) -> int:
    """The value of a US or IS element; 0 when it is missing or is no number."""
    element = image.elements.get(tag)
    if element is None:
        return 0
    if element.vr in {"US", "US or SS"}:
        value = bytes(element.value[:2])
        return int.from_bytes(value, "little" if image.little_endian else "big") if len(value) == 2 else 0
    digits = text_of(element)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def python_encodings(found: Mapping[int, Element]) -> list[str]:
    """Python's names of the character sets; guessed from the bytes where the header names none or an unknown one."""
    named = [_MISSPELT.get(part.upper(), part.upper()) for part in parts_of(found.get(_CHARSET))]
    if any(named) and all(name in _KNOWN for name in named):
        return convert_encodings(named)
    return [_guessed_encoding(b"\n".join(bytes(found[tag].value[:1024]) for tag in _PERSONAL if tag in found))]


_PERSONAL = (PATIENT_NAME, PATIENT_ID, ISSUER)


def _guessed_encoding(sample: bytes) -> str:
    for encoding in ("ascii", "utf_8", "cp949"):
        try:
            sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin_1"


def _personal_texts(found: Mapping[int, Element]) -> tuple[str, str, str]:
    """ID, issuer and name in Unicode; what cannot be decoded is marked, and nobody is told in a log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encodings = python_encodings(found)
        return (
            _decoded(found.get(PATIENT_ID), encodings, _TEXT_DELIMITERS),
            _decoded(found.get(ISSUER), encodings, _TEXT_DELIMITERS),
            _decoded(found.get(PATIENT_NAME), encodings, _NAME_DELIMITERS),
        )


def _decoded(element: Element | None, encodings: list[str], delimiters: set[int]) -> str:
    if element is None:
        return ""
    value = bytes(element.value[:1024])
    try:
        return decode_bytes(value, encodings, delimiters).strip(" \0")
    except (UnicodeError, LookupError):
        return value.decode("latin-1").strip(" \0")


def _term(found: Mapping[int, Element], tag: int) -> str:
    element = found.get(tag)
    return "" if element is None or not allows(tag, element.vr) else term_value(element)[0]


def _uids(found: Mapping[int, Element]) -> Iterator[str]:
    """Every UID the cleaning will ask a successor for."""
    for tag, element in found.items():
        match treatment(tag):
            case Treatment.UID if allows(tag, element.vr):
                yield from (uid for uid in parts_of(element) if uid)
            case Treatment.SEQUENCE:
                for item in element.items or ():
                    yield from _uids(item)
            case _:
                continue
