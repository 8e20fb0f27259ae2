"""One image cleaned: the profile applied to every element at every depth, the pixel data passed on untouched.

The output is a whole DICOM file in explicit VR form: the transfer syntax stays, but for implicit VR and deflate, which
become explicit VR little endian. It says of itself what was done: options 113100 basic profile, 113107 dates modified,
113108 patient characteristics (sex, and age up to 90). Times of day are emptied as the basic profile asks.
Source: PS3.15 section E.1.1 and E.2; PS3.16 CID 7050.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from node.deidentify.dictionary import allows, settled, value_representation
from node.deidentify.elements import Element, Limits
from node.deidentify.errors import ReplacementIncomplete
from node.deidentify.objections import objection
from node.deidentify.opening import DEFLATED_LITTLE, EXPLICIT_LITTLE, IMPLICIT_LITTLE, OpenedImage, open_image
from node.deidentify.profile import DUMMIES, Treatment, treatment
from node.deidentify.summary import AGE, INSTANCE, PATIENT_ID, SOP_CLASS, known_age, whole_number
from node.deidentify.values import (
    clamped_age,
    number_value,
    parts_of,
    registered_value,
    shifted_dates,
    term_value,
    text_of,
)
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, Replacement, Verdict
from node.deidentify.writing import Written, encode_elements, encode_file, encode_sequence, written_text

OPTIONS: Final = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
)
_PIXEL_REPRESENTATION: Final = 0x00280103
_PSEUDONYM: Final = re.compile(r"[A-Z0-9-]{1,64}")
_NEW_UID: Final = re.compile(r"2\.25\.(0|[1-9]\d{0,38})")
_METHOD: Final = re.compile(r"[ -\[\]-~]{1,64}")


def clean(raw: bytes, replacement: Replacement, limits: Limits | None = None) -> Verdict:
    """A clean file for the image in `raw`, or the reason it is quarantined.

    Raises:
        UnreadableImage: the bytes are no DICOM image, with the reason.
        ReplacementIncomplete: the replacement was made for another image.
    """
    _checked(replacement)
    image = open_image(raw, limits)
    reason = objection(image)
    if reason is not None:
        return Quarantined(reason)
    cleaning = _Cleaning(image, replacement)
    elements = cleaning.data_set(image.elements)
    elements += cleaning.patient_age() + _statement(replacement, little_endian=image.little_endian)
    contents = encode_file(
        encode_elements(elements, little_endian=image.little_endian),
        sop_class_uid=text_of(image.elements[SOP_CLASS]),
        instance_uid=replacement.uid_map[text_of(image.elements[INSTANCE])],
        transfer_syntax_uid=_written_syntax(image),
    )
    return CleanImage(contents, tuple(sorted(cleaning.done)))


def _checked(replacement: Replacement) -> None:
    fits = (
        _PSEUDONYM.fullmatch(replacement.patient_pseudonym)
        and _METHOD.fullmatch(replacement.method)
        and all(_NEW_UID.fullmatch(uid) for uid in replacement.uid_map.values())
        and replacement.date_shift_days != 0
    )
    if not fits:
        raise ReplacementIncomplete("a pseudonym, method, UID or date shift is not of its form")


def _written_syntax(image: OpenedImage) -> str:
    rewritten = image.implicit or image.transfer_syntax_uid in {IMPLICIT_LITTLE, DEFLATED_LITTLE}
    return EXPLICIT_LITTLE if rewritten and not image.encapsulated else image.transfer_syntax_uid


class _Cleaning:
    """The cleaning of one image: the steps taken so far are its only state."""

    def __init__(self, image: OpenedImage, replacement: Replacement) -> None:
        self._image = image
        self._replacement = replacement
        self._signed = whole_number(image, _PIXEL_REPRESENTATION) == 1
        self.done: set[CleaningStep] = {CleaningStep.IDENTIFIERS_REPLACED}

    def data_set(self, found: Mapping[int, Element]) -> list[Written]:
        """What is left of a data set or an item, each element by its treatment."""
        written = (self._element(element, treatment(element.tag)) for element in found.values())
        return [element for element in written if element is not None]

    def patient_age(self) -> list[Written]:
        """The age at the examination, clamped, where the header or its dates say it."""
        age = known_age(self._image.elements)
        said, was_clamped = clamped_age(text_of(self._image.elements.get(AGE)))
        if age and not said:
            self.done.add(CleaningStep.AGE_DERIVED)
        if was_clamped:
            self.done.add(CleaningStep.AGE_CLAMPED)
        return [written_text(AGE, "AS", age)] if age else []

    def _element(self, element: Element, rule: Treatment) -> Written | None:
        if rule is Treatment.REMOVE or not self._of_its_kind(element):
            self._note_removal(element.tag)
            return None
        vr = settled(element.tag, element.vr, signed=self._signed)
        match rule:
            case Treatment.PIXELS:
                return Written(element.tag, vr, element.value, element.encapsulated)
            case Treatment.NUMBER:
                return Written(element.tag, vr, number_value(element, vr))
            case Treatment.SEQUENCE:
                items = [self.data_set(item) for item in element.items or ()]
                return encode_sequence(element.tag, items, little_endian=self._image.little_endian)
            case Treatment.AGE | Treatment.PSEUDONYM:
                return None  # the data set says both once, whether or not the original did
            case _:
                return written_text(element.tag, vr, self._text(element, rule, vr))

    def _text(self, element: Element, rule: Treatment, vr: str) -> str:
        match rule:
            case Treatment.UID:
                return "\\".join(self._successor(uid) for uid in parts_of(element))
            case Treatment.REGISTERED:
                return registered_value(element)
            case Treatment.DATE:
                self.done.add(CleaningStep.DATES_SHIFTED)
                return shifted_dates(parts_of(element), self._replacement.date_shift_days)
            case Treatment.TERM:
                words, refused = term_value(element)
                if refused:
                    self.done.add(CleaningStep.WORDS_REFUSED)
                return words
            case Treatment.DUMMY:
                return DUMMIES[vr]
            case _:
                return ""

    def _successor(self, uid: str) -> str:
        if not uid:
            return ""
        try:
            return self._replacement.uid_map[uid]
        except KeyError:
            raise ReplacementIncomplete("the image holds a UID without a successor") from None

    @staticmethod
    def _of_its_kind(element: Element) -> bool:
        """Whether the element carries a representation the standard allows for its tag."""
        return element.vr == value_representation(element.tag) or allows(element.tag, element.vr)

    def _note_removal(self, tag: int) -> None:
        group = tag >> 16
        if group & 1:
            self.done.add(CleaningStep.PRIVATE_REMOVED)
        elif group & 0xFF00 in {0x5000, 0x6000}:
            self.done.add(CleaningStep.OVERLAY_REMOVED)
        else:
            self.done.add(CleaningStep.UNLISTED_REMOVED)


def _statement(replacement: Replacement, *, little_endian: bool) -> list[Written]:
    """What the file says about its own de-identification. Source: PS3.3 C.7.1.1 and C.12.1.1."""
    codes = [
        [
            written_text(0x00080100, "SH", code),
            written_text(0x00080102, "SH", "DCM"),
            written_text(0x00080104, "LO", meaning),
        ]
        for code, meaning in OPTIONS
    ]
    return [
        written_text(0x00080005, "CS", "ISO_IR 192"),
        written_text(PATIENT_ID, "LO", replacement.patient_pseudonym),
        written_text(0x00120062, "CS", "YES"),
        written_text(0x00120063, "LO", replacement.method),
        encode_sequence(0x00120064, codes, little_endian=little_endian),
        written_text(0x00280303, "CS", "MODIFIED"),
    ]
