"""Label schemas: what a reader can say about a case, versioned so that readings of two hospitals mean the same."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from protocols.encoding import Code, Name, Part, Wire


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


class Abstention(StrEnum):
    """Answers that are no option of the question but may always be given."""

    INDETERMINATE = "indeterminate"
    NOT_ASSESSABLE = "not-assessable"
    OUTSIDE_MY_FIELD = "outside-my-field"


class Option(Part):
    """One choice; `target` is the class a model learns from it (0 absent, 1 present), if any."""

    code: Code
    text: Bilingual
    concept: CodedConcept | None = None
    target: Annotated[int, Field(ge=0, le=63)] | None = None


class Question(Part):
    """One single-choice question."""

    code: Code
    level: Level
    text: Bilingual
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=64)]

    @model_validator(mode="after")
    def _codes_differ(self) -> Question:
        if len({option.code for option in self.options}) != len(self.options):
            raise ValueError("option codes repeat")
        return self

    def option(self, code: str) -> Option | None:
        """The option of this code, or none."""
        return next((option for option in self.options if option.code == code), None)


class LabelSchema(Wire):
    """A versioned list of questions."""

    kind: ClassVar[str] = "label-schema"
    version: ClassVar[int] = 1

    schema_code: Code
    schema_version: Annotated[int, Field(ge=1, le=10_000)]
    title: Bilingual
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _codes_differ(self) -> LabelSchema:
        if len({question.code for question in self.questions}) != len(self.questions):
            raise ValueError("question codes repeat")
        return self

    def question(self, code: str) -> Question | None:
        """The question of this code, or none."""
        return next((question for question in self.questions if question.code == code), None)
