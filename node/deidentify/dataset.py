"""The elements of one image cleaned, at every depth, each by the treatment its tag has under the site's policy.

Free text passes only where the policy keeps it: decoded from whatever character set it is in, cleaned with what the
same header tells, written in UTF-8. Private numbers pass only from a creator's block that is known to be safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from node.deidentify.charsets import decoded, encodings_of
from node.deidentify.dictionary import settled, value_representation
from node.deidentify.elements import Element
from node.deidentify.errors import ReplacementIncomplete
from node.deidentify.kept_text import cleaned_name, cleaned_text
from node.deidentify.opening import OpenedImage
from node.deidentify.policy import Dates, Policy
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
_DRAWN: Final = frozenset({0x5000, 0x6000})
"""Groups of curves and overlays."""
_MOST_BYTES: Final = {"AE": 16, "CS": 16, "SH": 64, "LO": 256}
"""Bytes a cleaned text of these representations may have in UTF-8: four for each letter of Korean at most."""


class _Step(NamedTuple):
    """What is done with one tag under a policy, looked up once: `valued` makes the new text where a text is made."""

    rule: Treatment
    representations: frozenset[str]
    valued: Callable[[Cleaning, Element], str] | None
    repeats: bool
    """Whether the outcome follows from the value and its `_Context` alone."""


class _Context(NamedTuple):
    """All that the outcome of a value depends on, beside the value itself."""

    policy: Policy
    date_shift_days: int
    seeds: tuple[str, ...]
    encodings: tuple[str, ...]
    signed: bool


_Place = tuple[int, str, bytes]
_Outcome = tuple[Written | None, frozenset[CleaningStep]]


class Cleaning:
    """The cleaning of one image: the steps taken so far are its only state."""

    def __init__(self, image: OpenedImage, replacement: Replacement) -> None:
        self._image = image
        self._replacement = replacement
        self._policy = replacement.policy
        self._steps = _steps(self._policy)
        self._signed = whole_number(image, _PIXEL_REPRESENTATION) == 1
        self._seeds = gathered(image.elements, self._policy) if self._policy.keeps_text else ()
        self.done: set[CleaningStep] = {CleaningStep.IDENTIFIERS_REPLACED}

    def data_set(self, found: Mapping[int, Element], encodings: tuple[str, ...] = ()) -> list[Written]:
        """What is left of a data set or an item, each element by its treatment."""
        inner = (encodings_of(found) or encodings) if self._policy.keeps_text else ()
        known = _known(_Context(self._policy, self._replacement.date_shift_days, self._seeds, inner, self._signed))
        kept: list[Written] = []
        private: list[int] = []
        removed: list[int] = []
        step_of = self._steps.get
        for tag, element in found.items():
            step = step_of(tag)
            if step is None or element.vr not in step.representations:
                (private if tag >> 16 & 1 else removed).append(tag)
                continue
            if not step.repeats or len(element.value) > _LONGEST_REPEATED:
                written = self._element(element, step, inner)
            else:
                place = (tag, element.vr, bytes(element.value))
                written, done = known.get(place) or self._learnt(known, place, element, step, inner)
                if done:
                    self.done |= done
            if written is not None:
                kept.append(written)
        self._note_removals(removed)
        return kept + self._private([found[tag] for tag in private])

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

    def _element(self, element: Element, step: _Step, encodings: tuple[str, ...]) -> Written | None:
        vr = settled(element.vr, signed=self._signed)
        if step.rule is Treatment.NUMBER:
            return Written(element.tag, vr, number_value(element, vr))
        if step.valued is not None:
            return written_text(element.tag, vr, step.valued(self, element))
        return self._other(element, step.rule, vr, encodings)

    def _learnt(
        self, known: dict[_Place, _Outcome], place: _Place, element: Element, step: _Step, encodings: tuple[str, ...]
    ) -> _Outcome:
        """The outcome for a value that stands here for the first time; the next image of the series has it again."""
        earlier, self.done = self.done, set()
        outcome = self._element(element, step, encodings), frozenset(self.done)
        self.done = earlier
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[place] = outcome
        return outcome

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

    def mapped_uids(self, element: Element) -> str:
        """The successors of the element's UIDs. Raises: ReplacementIncomplete."""
        return "\\".join(self._successor(uid) for uid in parts_of(element))

    def kept_uids(self, element: Element) -> str:
        """The element's UIDs as they stand; what is no UID by its form gets a successor."""
        return "\\".join(uid if is_plain_uid(uid) else self._successor(uid) for uid in parts_of(element))

    def terms(self, element: Element) -> str:
        """The words of the element that its closed vocabulary knows."""
        words, refused = term_value(element)
        if refused:
            self.done.add(CleaningStep.WORDS_REFUSED)
        return words

    def days(self, element: Element) -> str:
        """The element's dates, moved unless the policy keeps them."""
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

    def _note_removals(self, tags: list[int]) -> None:
        drawn = sum(tag >> 16 & 0xFF00 in _DRAWN for tag in tags)
        if drawn:
            self.done.add(CleaningStep.OVERLAY_REMOVED)
        if drawn < len(tags):
            self.done.add(CleaningStep.UNLISTED_REMOVED)


_VALUED: Final[Mapping[Treatment, Callable[[Cleaning, Element], str]]] = {
    Treatment.UID: Cleaning.mapped_uids,
    Treatment.KEPT_UID: Cleaning.kept_uids,
    Treatment.REGISTERED: lambda _, element: registered_value(element),
    Treatment.DATE: Cleaning.days,
    Treatment.TIME: lambda _, element: time_value(parts_of(element)),
    Treatment.TERM: Cleaning.terms,
}


_OF_ITS_IMAGE: Final = frozenset({Treatment.UID, Treatment.KEPT_UID, Treatment.SEQUENCE, Treatment.PIXELS})
_LONGEST_REPEATED: Final = 256
_MOST_KNOWN: Final = 1024


@lru_cache(maxsize=8)
def _known(_context: _Context) -> dict[_Place, _Outcome]:
    """What became of values in this context so far: the images of a series say most things alike."""
    return {}


def forget() -> None:
    """Nothing of earlier images is remembered."""
    _known.cache_clear()


@lru_cache(maxsize=64)
def _steps(policy: Policy) -> Mapping[int, _Step]:
    """The step of every standard tag that is not simply removed, with the representations its value may have."""
    return {
        tag: _Step(rule, _representations(value_representation(tag)), _VALUED.get(rule), rule not in _OF_ITS_IMAGE)
        for tag, rule in rules(policy).items()
        if not tag >> 16 & 1
    }


def _representations(said: str) -> frozenset[str]:
    """What the standard allows, each by itself and, as an implicit file has it, still undecided."""
    return frozenset({said, *said.split(" or ")})


def _shortened(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore").rstrip()
