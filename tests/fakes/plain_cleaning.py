"""The cleaning of `node.deidentify.dataset` written plainly: every element looked up and treated by itself, nothing
remembered from one image to the next. The product's way of doing the same faster is measured against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from node.deidentify.charsets import decoded, encodings_of
from node.deidentify.dictionary import allows, settled, value_representation
from node.deidentify.elements import Element
from node.deidentify.errors import ReplacementIncomplete
from node.deidentify.kept_text import cleaned_name, cleaned_text
from node.deidentify.opening import OpenedImage
from node.deidentify.policy import Dates
from node.deidentify.profile import DUMMIES, Treatment, rules, safe_private
from node.deidentify.seeds import gathered
from node.deidentify.summary import AGE, known_age, whole_number
from node.deidentify.uids import is_plain_uid
from node.deidentify.values import (
    clamped_age,
    number_value,
    parts_of,
    registered_value,
    shifted_dates,
    term_value,
    text_of,
    time_value,
)
from node.deidentify.verdict import CleaningStep, Replacement
from node.deidentify.writing import Written, encode_sequence, written_text

_PIXEL_REPRESENTATION: Final = 0x00280103
_MOST_BYTES: Final = {"AE": 16, "CS": 16, "SH": 64, "LO": 256}
"""Bytes a cleaned text of these representations may have in UTF-8: four for each letter of Korean at most."""


class PlainCleaning:
    """As `Cleaning`."""

    def __init__(self, image: OpenedImage, replacement: Replacement) -> None:
        self._image = image
        self._replacement = replacement
        self._policy = replacement.policy
        self._rules = rules(self._policy)
        self._signed = whole_number(image, _PIXEL_REPRESENTATION) == 1
        self._seeds = gathered(image.elements, self._policy) if self._policy.keeps_text else ()
        self._valued: dict[Treatment, Callable[[Element], str]] = {
            Treatment.UID: self._mapped,
            Treatment.KEPT_UID: self._kept_uids,
            Treatment.REGISTERED: registered_value,
            Treatment.DATE: self._days,
            Treatment.TIME: lambda element: time_value(parts_of(element)),
            Treatment.TERM: self._terms,
        }
        self.done: set[CleaningStep] = {CleaningStep.IDENTIFIERS_REPLACED}

    def data_set(self, found: Mapping[int, Element], encodings: tuple[str, ...] = ()) -> list[Written]:
        """What is left of a data set or an item, each element by its treatment."""
        inner = (encodings_of(found) or encodings) if self._policy.keeps_text else ()
        written = (self._element(element, inner) for element in found.values() if not element.tag >> 16 & 1)
        kept = [element for element in written if element is not None]
        return kept + self._private([element for element in found.values() if element.tag >> 16 & 1])

    def patient_age(self) -> list[Written]:
        """The age at the examination, clamped, where the header or its dates say it and the policy keeps it."""
        if not self._policy.patient:
            return []
        age = known_age(self._image.elements)
        said, was_clamped = clamped_age(text_of(self._image.elements.get(AGE)))
        if age and not said:
            self.done.add(CleaningStep.AGE_DERIVED)
        if was_clamped:
            self.done.add(CleaningStep.AGE_CLAMPED)
        return [written_text(AGE, "AS", age)] if age else []

    def _element(self, element: Element, encodings: tuple[str, ...]) -> Written | None:
        rule = self._rules.get(element.tag)
        if rule is None or not _of_its_kind(element.tag, element.vr):
            self._note_removal(element.tag)
            return None
        vr = settled(element.vr, signed=self._signed)
        if rule is Treatment.NUMBER:
            return Written(element.tag, vr, number_value(element, vr))
        valued = self._valued.get(rule)
        if valued is not None:
            return written_text(element.tag, vr, valued(element))
        return self._other(element, rule, vr, encodings)

    def _other(self, element: Element, rule: Treatment, vr: str, encodings: tuple[str, ...]) -> Written | None:
        match rule:
            case Treatment.TEXT | Treatment.NAME:
                words = self._words(element, vr, encodings, known_only=rule is Treatment.TEXT)
                return written_text(element.tag, vr, words)
            case Treatment.SEQUENCE:
                items = [self.data_set(item, encodings) for item in element.items or ()]
                return encode_sequence(element.tag, items, little_endian=self._image.little_endian)
            case Treatment.PIXELS:
                return Written(element.tag, vr, element.value, element.encapsulated)
            case Treatment.DUMMY:
                return written_text(element.tag, vr, DUMMIES[vr])
            case Treatment.EMPTY:
                return Written(element.tag, vr, b"")
            case _:
                return None  # age and pseudonym: the data set says both once, whether or not the original did

    def _mapped(self, element: Element) -> str:
        return "\\".join(self._successor(uid) for uid in parts_of(element))

    def _kept_uids(self, element: Element) -> str:
        return "\\".join(uid if is_plain_uid(uid) else self._successor(uid) for uid in parts_of(element))

    def _terms(self, element: Element) -> str:
        words, refused = term_value(element)
        if refused:
            self.done.add(CleaningStep.WORDS_REFUSED)
        return words

    def _days(self, element: Element) -> str:
        moved = self._policy.dates is not Dates.FULL
        if moved:
            self.done.add(CleaningStep.DATES_SHIFTED)
        days = self._replacement.date_shift_days if moved else 0
        return shifted_dates(parts_of(element), days, with_times=self._policy.keeps_times and element.vr == "DT")

    def _words(self, element: Element, vr: str, encodings: tuple[str, ...], *, known_only: bool) -> str:
        """A text cleaned, each of its values by itself where the representation holds several."""
        cleaning = cleaned_text if known_only else cleaned_name
        said = decoded(bytes(element.value[:65_536]), encodings)
        values = [said] if vr in {"LT", "ST", "UT"} else said.split("\\")
        kept = [_shortened(cleaning(value, self._seeds), _MOST_BYTES.get(vr, 65_534)) for value in values]
        if kept != [" ".join(value.split()) for value in values]:
            self.done.add(CleaningStep.TEXT_CLEANED)
        return "\\".join(kept)

    def _private(self, found: list[Element]) -> list[Written]:
        """The private numbers that are known to be safe, each block with its creator; none without the option."""
        if not found:
            return []
        creators = {element.tag: text_of(element) for element in found if 0x10 <= element.tag & 0xFFFF <= 0xFF}
        kept: dict[int, Written] = {}
        for element in found if self._policy.safe_private else ():
            block = element.tag & 0xFFFF0000 | (element.tag >> 8 & 0xFF)
            vr = safe_private(creators.get(block, ""), element.tag)
            if vr and element.vr in {vr, "UN", ""}:
                kept[element.tag] = Written(element.tag, vr, number_value(element, vr))
                kept[block] = written_text(block, "LO", creators[block])
        if len(kept) < len(found):
            self.done.add(CleaningStep.PRIVATE_REMOVED)
        return list(kept.values())

    def _successor(self, uid: str) -> str:
        if not uid:
            return ""
        try:
            return self._replacement.uid_map[uid]
        except KeyError:
            raise ReplacementIncomplete("the image holds a UID without a successor") from None

    def _note_removal(self, tag: int) -> None:
        drawn = tag >> 16 & 0xFF00 in {0x5000, 0x6000}
        self.done.add(CleaningStep.OVERLAY_REMOVED if drawn else CleaningStep.UNLISTED_REMOVED)


def _of_its_kind(tag: int, vr: str) -> bool:
    """Whether the standard allows the representation for the tag."""
    return vr == value_representation(tag) or allows(tag, vr)


def _shortened(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore").rstrip()
