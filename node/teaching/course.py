"""The course: modules of text, drawings, quizzes and image cases, and an exam; a value that a trainer writes.

What a course asks about images it asks as the label schema of its task does: a case is known by the option that gold
says of one thing voted on. A course therefore needs gold cases of the hospital, for every finding it speaks of, and
says how many (`teaching.gold`). A version that was opened never changes; the next one is a draft until it is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from node.teaching.drawing import Content, Drawing
from protocols.encoding import Code
from protocols.labels import Bilingual

MAX_COURSE_BYTES = 1_048_576
VotedName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._/-]{1,140}$")]
"""What is voted on: a question of the schema, or `question/option` for one option of several."""


class LongText(Content):
    """A passage in both languages."""

    en: Annotated[str, Field(min_length=1, max_length=4000)]
    ko: Annotated[str, Field(min_length=1, max_length=4000)]


class TextBlock(Content):
    """Something to read."""

    kind: Literal["text"] = "text"
    text: LongText


class DrawnExample(Content):
    """Something to look at."""

    kind: Literal["drawing"] = "drawing"
    drawing: Drawing
    caption: Bilingual


class QuizOption(Content):
    """One answer of a quiz."""

    code: Code
    text: Bilingual


class Quiz(Content):
    """A question with one right answer, and why it is the right one."""

    kind: Literal["quiz"] = "quiz"
    code: Code
    text: Bilingual
    options: Annotated[tuple[QuizOption, ...], Field(min_length=2, max_length=8)]
    right: Code
    explanation: LongText
    drawing: Drawing | None = None

    @model_validator(mode="after")
    def _has_its_answer(self) -> Quiz:
        codes = [option.code for option in self.options]
        if len(set(codes)) != len(codes) or self.right not in codes:
            raise ValueError("a quiz has different options, and its right answer is one of them")
        return self


class CaseQuiz(Content):
    """An image case of the hospital of which gold says `known`; asked like the task asks."""

    kind: Literal["case"] = "case"
    code: Code
    voted: VotedName
    known: Code
    explanation: LongText


Block = Annotated[TextBlock | DrawnExample | Quiz | CaseQuiz, Field(discriminator="kind")]
Item = Quiz | CaseQuiz
"""What a learner answers."""


class Module(Content):
    """One sitting."""

    code: Code
    title: Bilingual
    blocks: Annotated[tuple[Block, ...], Field(min_length=1, max_length=60)]

    def items(self) -> Iterator[Item]:
        """What is answered, in its order."""
        return (block for block in self.blocks if isinstance(block, Quiz | CaseQuiz))


class ExamCases(Content):
    """So many cases of which gold says this."""

    voted: VotedName
    known: Code
    count: Annotated[int, Field(ge=1, le=50)]


class ExamRules(Content):
    """The exam, and what passing it gives."""

    minutes: Annotated[int, Field(ge=5, le=240)]
    pass_mark: Annotated[float, Field(ge=0.5, le=1)]
    """Share of all answers that must be right."""
    quizzes: Annotated[tuple[Quiz, ...], Field(max_length=60)] = ()
    cases: Annotated[tuple[ExamCases, ...], Field(max_length=64)] = ()
    valid_days: Annotated[int, Field(ge=30, le=1096)] = 365
    probation_days: Annotated[int, Field(ge=0, le=180)] = 0
    """For so long the certificate holds at first; it goes on once a trainer confirmed it. 0: no probation."""
    retake_after_hours: Annotated[int, Field(ge=0, le=720)] = 24

    @property
    def length(self) -> int:
        """How many answers it asks for."""
        return len(self.quizzes) + sum(cases.count for cases in self.cases)


class Course(Content):
    """One version's content."""

    code: Code
    task: Code
    """The label schema, by its code, that a certificate opens."""
    title: Bilingual
    modules: Annotated[tuple[Module, ...], Field(min_length=1, max_length=40)]
    exam: ExamRules

    @model_validator(mode="after")
    def _codes_differ(self) -> Course:
        items = [item.code for item in (*self.items(), *self.exam.quizzes)]
        modules = [module.code for module in self.modules]
        asked = [(cases.voted, cases.known) for cases in self.exam.cases]
        if any(len(set(codes)) != len(codes) for codes in (items, modules, asked)):
            raise ValueError("codes of modules, items and exam cases repeat")
        if self.exam.length < 1:
            raise ValueError("an exam asks something")
        return self

    def items(self) -> Iterator[Item]:
        """Everything its modules ask, in order."""
        return (item for module in self.modules for item in module.items())

    def item(self, code: str) -> Item | None:
        """The item of this code, or none."""
        return next((item for item in self.items() if item.code == code), None)

    def exam_quiz(self, code: str) -> Quiz | None:
        """The quiz of the exam of this code, or none."""
        return next((quiz for quiz in self.exam.quizzes if quiz.code == code), None)


class CourseState(StrEnum):
    """A draft is opened once and then never changes; learners take the latest version that is open."""

    DRAFT = "draft"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class KeptCourse:
    """A version as it is kept."""

    content: Course
    version: int
    state: CourseState
    by: str
    """Who wrote the draft, or opened the version and so answers for its exam."""
    at: datetime
