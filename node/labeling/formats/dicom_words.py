"""A schema's words as DICOM codes, and back.

A question or option goes out under its own concept where no other of the schema has the same one, so that it can be
known again; otherwise under a private scheme with the schema's own word. Source: DICOM PS3.3 section 8.2 (private
coding schemes begin with 99), PS3.16 for the codes named here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from pydicom import Dataset
from pydicom.sr.coding import Code

from protocols.labels import CodedConcept, LabelSchema, Question

SCHEMA_SCHEME: Final = "99INTRAMUROS_S"
"""The words of a schema."""
PART_SCHEME: Final = "99INTRAMUROS"
"""The words of every export: abstentions, confidence, posterior, votes."""
IMAGING_PROCEDURE: Final = Code("363679005", "SCT", "Imaging procedure")
MEASUREMENT_GROUP: Final = ("125007", "DCM")
TRACKING_IDENTIFIER: Final = ("112039", "DCM")
TRACKING_UID: Final = ("112040", "DCM")
_LONGEST_MEANING: Final = 64
Key = tuple[str, str]
"""Code value and scheme."""


def part(word: str) -> Code:
    """A word of every export."""
    return Code(word, PART_SCHEME, word)


def unit(ucum: str) -> Code:
    """A unit of measurement."""
    return Code(ucum, "UCUM", ucum)


def key_of(item: Dataset) -> Key:
    """Value and scheme of a code, whichever attribute its length asks for."""
    return str(item.get("CodeValue") or item.get("LongCodeValue", "")), str(item.get("CodingSchemeDesignator", ""))


class Words:
    """The words of one schema."""

    def __init__(self, schema: LabelSchema) -> None:
        self.schema = schema
        self._shared = _repeated(question.concept for question in schema.questions)
        self._of_options = {
            question.code: _repeated((question.concept, *(option.concept for option in question.options)))
            for question in schema.questions
        }
        self._questions = {self._key(question.code): question.code for question in schema.questions}
        self._options = {
            (question.code, _key(self.option(question.code, option.code))): option.code
            for question in schema.questions
            for option in question.options
        }

    def question(self, name: str) -> Code:
        """The code of a question, or of `question/option`."""
        found = self.schema.question(name)
        meaning = name if found is None else found.text.en
        return _coded(name, meaning, None if found is None else found.concept, self._shared)

    def option(self, question: str, option: str) -> Code:
        """The code of an option."""
        found = self._asked(question).option(option)
        meaning = option if found is None else found.text.en
        return _coded(
            f"{question}/{option}", meaning, None if found is None else found.concept, self._of_options[question]
        )

    def question_of(self, key: Key) -> str:
        """The question of a code. Raises: ValueError for a code that the schema does not have."""
        if key not in self._questions:
            raise ValueError("a code that the schema does not have")
        return self._questions[key]

    def option_of(self, question: str, key: Key) -> str:
        """The option of a code. Raises: ValueError for a code that the question does not have."""
        if (question, key) not in self._options:
            raise ValueError("a code that the question does not have")
        return self._options[question, key]

    def _key(self, name: str) -> Key:
        return _key(self.question(name))

    def _asked(self, question: str) -> Question:
        found = self.schema.question(question)
        if found is None:
            raise ValueError("a question that the schema does not have")
        return found


def _coded(word: str, meaning: str, concept: CodedConcept | None, repeated: frozenset[Key]) -> Code:
    if concept is None or (concept.value, concept.scheme) in repeated:
        return Code(word, SCHEMA_SCHEME, meaning[:_LONGEST_MEANING])
    return Code(concept.value, concept.scheme, concept.meaning[:_LONGEST_MEANING])


def _repeated(concepts: Iterable[CodedConcept | None]) -> frozenset[Key]:
    counted = Counter((one.value, one.scheme) for one in concepts if one is not None)
    return frozenset(key for key, times in counted.items() if times > 1)


def _key(code: Code) -> Key:
    return code.value, code.scheme_designator
