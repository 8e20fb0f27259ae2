"""Label schemas: what a reader can say about a case, versioned so that readings of two hospitals mean the same.

Version 2 has more than single choices: several choices, steps of a scale, numbers, texts, shapes, and questions that
depend on another answer or are asked for every mark. A schema of version 1 is one of single choices that are always
asked, and is read as such. What a text says never leaves a hospital: no type in this package holds one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from protocols.encoding import Code, Name, Part, Wire
from protocols.label_rules import Condition, GeometryRule, NumberRule

MAX_TEXT_CHARACTERS = 2000


class CodedConcept(Part):
    """A concept of a published code list. Source: DICOM PS3.3 section 8 (code value, scheme, meaning)."""

    value: Name
    scheme: Name
    meaning: Name


class Bilingual(Part):
    """One text in English and Korean."""

    en: Annotated[str, Field(min_length=1, max_length=400)]
    ko: Annotated[str, Field(min_length=1, max_length=400)]


class Level(StrEnum):
    """What an answer is about."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"
    FRAME = "frame"


class QuestionKind(StrEnum):
    """What an answer is."""

    SINGLE = "single"
    """One of the options."""
    MULTI = "multi"
    """One or more of the options."""
    ORDINAL = "ordinal"
    """One of the options, which are steps in their order."""
    NUMBER = "number"
    TEXT = "text"
    """Free text. It stays in the hospital."""
    GEOMETRY = "geometry"
    """Marks on images; options, where there are any, are what a mark can be of."""


CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.ORDINAL})


class Abstention(StrEnum):
    """Answers that are no option of the question; which of them may be given, the question says."""

    ABSENT = "absent"
    """Looked for and not there: an opinion, and the only way to say that there is nothing to choose or mark."""
    INDETERMINATE = "indeterminate"
    NOT_ASSESSABLE = "not-assessable"
    OUTSIDE_MY_FIELD = "outside-my-field"


NO_OPINION = (Abstention.INDETERMINATE, Abstention.NOT_ASSESSABLE, Abstention.OUTSIDE_MY_FIELD)
_CAN_BE_ABSENT = frozenset({QuestionKind.MULTI, QuestionKind.NUMBER, QuestionKind.GEOMETRY})


class Option(Part):
    """One choice; `target` is the class a model learns from it (0 absent, 1 present), if any."""

    code: Code
    text: Bilingual
    concept: CodedConcept | None = None
    target: Annotated[int, Field(ge=0, le=63)] | None = None
    alone: bool = False
    """Of several choices: cannot be chosen together with another, e.g. "no finding"."""


class Question(Part):
    """One question: what kind of answer it takes and when it is asked."""

    code: Code
    level: Level
    text: Bilingual
    kind: QuestionKind = QuestionKind.SINGLE
    options: Annotated[tuple[Option, ...], Field(max_length=64)] = ()
    number: NumberRule | None = None
    max_characters: Annotated[int, Field(ge=1, le=MAX_TEXT_CHARACTERS)] | None = None
    geometry: GeometryRule | None = None
    when: Condition | None = None
    per_mark: Code | None = None
    """Asked once for every thing that this geometry question marks."""
    abstentions: Annotated[tuple[Abstention, ...], Field(max_length=len(Abstention))] = NO_OPINION
    confidence_required: bool = False
    concept: CodedConcept | None = None

    @model_validator(mode="after")
    def _codes_differ(self) -> Question:
        if len({option.code for option in self.options}) != len(self.options):
            raise ValueError("option codes repeat")
        if len(set(self.abstentions)) != len(self.abstentions):
            raise ValueError("abstentions repeat")
        return self

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Question:
        rules = {
            QuestionKind.NUMBER: self.number,
            QuestionKind.TEXT: self.max_characters,
            QuestionKind.GEOMETRY: self.geometry,
        }
        if any((rule is not None) != (kind is self.kind) for kind, rule in rules.items()):
            raise ValueError("a question has the rule of its kind and no other")
        if self.kind in CHOICES and len(self.options) < 2:
            raise ValueError("a choice needs two options")
        if self.kind in (QuestionKind.NUMBER, QuestionKind.TEXT) and self.options:
            raise ValueError("a number or a text has no options")
        if Abstention.ABSENT in self.abstentions and self.kind not in _CAN_BE_ABSENT:
            raise ValueError("here absence is an option, or means nothing")
        return self

    def option(self, code: str) -> Option | None:
        """The option of this code, or none."""
        return next((option for option in self.options if option.code == code), None)

    @property
    def may_leave(self) -> bool:
        """False for a text."""
        return self.kind is not QuestionKind.TEXT


class LabelSchema(Wire):
    """A versioned list of questions."""

    kind: ClassVar[str] = "label-schema"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[int, ...]] = (1,)

    schema_code: Code
    schema_version: Annotated[int, Field(ge=1, le=10_000)]
    title: Bilingual
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _codes_differ(self) -> LabelSchema:
        if len({question.code for question in self.questions}) != len(self.questions):
            raise ValueError("question codes repeat")
        return self

    @model_validator(mode="after")
    def _questions_refer_to_each_other(self) -> LabelSchema:
        known = {question.code: question for question in self.questions}
        for question in self.questions:
            _check_marked(question, known)
            _check_condition(question, known)
            _check_no_circle(question, known)
        return self

    def question(self, code: str) -> Question | None:
        """The question of this code, or none."""
        return next((question for question in self.questions if question.code == code), None)


def _check_marked(question: Question, known: dict[str, Question]) -> None:
    if question.per_mark is None:
        return
    marked = known.get(question.per_mark)
    if marked is None or marked.kind is not QuestionKind.GEOMETRY or question.kind is QuestionKind.GEOMETRY:
        raise ValueError("only what is no geometry itself is asked for marks, and of a geometry question")


def _check_condition(question: Question, known: dict[str, Question]) -> None:
    if question.when is None:
        return
    other = known.get(question.when.question)
    if other is None or other.kind not in CHOICES:
        raise ValueError("a condition names a choice")
    if any(other.option(code) is None for code in question.when.one_of):
        raise ValueError("a condition names options of its question")
    of_the_case = other.level is Level.STUDY and other.per_mark is None
    if not of_the_case and (other.level, other.per_mark) != (question.level, question.per_mark):
        raise ValueError("a condition is about the case, or about what the question itself is about")


def _check_no_circle(question: Question, known: dict[str, Question]) -> None:
    seen: set[str] = set()
    following: Question | None = question
    while following is not None:
        if following.code in seen:
            raise ValueError("conditions go round in a circle")
        seen.add(following.code)
        following = None if following.when is None else known.get(following.when.question)
