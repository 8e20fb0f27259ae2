"""What the node must know of a received image before it can be cleaned: whom it shows, its UIDs, how to find it.

The identifying fields stay in the parent's memory and the encrypted map. The descriptive ones have passed the same
closed vocabularies as the clean image, so that they may be shown. Source: PS3.3 for the attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from node.deidentify.attachments import kind_of
from node.deidentify.charsets import NAME_DELIMITERS, TEXT_DELIMITERS, decoded, encodings_of
from node.deidentify.dictionary import allows
from node.deidentify.elements import Element, Limits
from node.deidentify.findings import HeaderSummary
from node.deidentify.opening import OpenedImage, open_image
from node.deidentify.profile import registered
from node.deidentify.references import named_images
from node.deidentify.values import age_between, clamped_age, parts_of, read_date, term_value, text_of

SOP_CLASS, INSTANCE, STUDY, SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
STUDY_DATE, BIRTH_DATE, AGE = 0x00080020, 0x00100030, 0x00101010
PATIENT_ID, ISSUER, PATIENT_NAME = 0x00100020, 0x00100021, 0x00100010
OTHER_IDS, OTHER_IDS_SEQUENCE = 0x00101000, 0x00101002
_PERSONAL = (PATIENT_NAME, PATIENT_ID, ISSUER)
_MOST_OTHER_IDS = 64


def summarise(raw: bytes, limits: Limits | None = None) -> HeaderSummary:
    """The header of the image in `raw`, in Unicode.

    Raises:
        UnreadableImage: the bytes are no DICOM image, with the reason.
    """
    image = open_image(raw, limits)
    found = image.elements
    day = read_date(text_of(found.get(STUDY_DATE)))
    encodings = _encodings(found)
    patient_id, issuer, patient_name = _personal_texts(found, encodings)
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
        sources=named_images(found) if kind_of(text_of(found.get(SOP_CLASS))) else (),
        other_patient_ids=_other_ids(found, encodings),
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


def _encodings(found: Mapping[int, Element]) -> tuple[str, ...]:
    """The character sets of the texts that say whom the image shows."""
    return encodings_of(found, b"\n".join(bytes(found[tag].value[:1024]) for tag in _PERSONAL if tag in found))


def _other_ids(found: Mapping[int, Element], encodings: tuple[str, ...]) -> tuple[str, ...]:
    """Other Patient IDs, in the retired form and as a sequence, each once. Source: PS3.3 C.7.1.1, C.2.2."""
    sequence = found.get(OTHER_IDS_SEQUENCE)
    items = () if sequence is None else (sequence.items or ())[:_MOST_OTHER_IDS]
    said = [_said(item.get(PATIENT_ID), encodings_of(item) or encodings, TEXT_DELIMITERS) for item in items]
    said += _said(found.get(OTHER_IDS), encodings, TEXT_DELIMITERS).split("\\")
    numbers = (one.strip(" \0") for one in said)
    return tuple(dict.fromkeys(one for one in numbers if one))[:_MOST_OTHER_IDS]


def _personal_texts(found: Mapping[int, Element], encodings: tuple[str, ...]) -> tuple[str, str, str]:
    """ID, issuer and name in Unicode; what cannot be decoded is marked, and nobody is told in a log."""
    return (
        _said(found.get(PATIENT_ID), encodings, TEXT_DELIMITERS),
        _said(found.get(ISSUER), encodings, TEXT_DELIMITERS),
        _said(found.get(PATIENT_NAME), encodings, NAME_DELIMITERS),
    )


def _said(element: Element | None, encodings: tuple[str, ...], delimiters: frozenset[int]) -> str:
    return "" if element is None else decoded(bytes(element.value[:1024]), encodings, delimiters)


def _term(found: Mapping[int, Element], tag: int) -> str:
    element = found.get(tag)
    return "" if element is None or not allows(tag, element.vr) else term_value(element)[0]


def _uids(found: Mapping[int, Element]) -> Iterator[str]:
    """Every UID that the cleaning may ask a successor for, whatever the policy."""
    for tag, element in found.items():
        if element.vr == "UI":
            if tag not in registered() and allows(tag, "UI"):
                yield from (uid for uid in parts_of(element) if uid)
        elif element.items:
            for item in element.items:
                yield from _uids(item)
