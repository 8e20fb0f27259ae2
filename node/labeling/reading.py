"""The reading: one reader's submitted opinion on one case, checked against the schema, never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.labeling.errors import AnswersRefused
from protocols.encoding import Code, canonical_json
from protocols.labels import Abstention, LabelSchema, Question

ProvenanceText = Annotated[str, StringConstraints(max_length=200)]


class Answer(BaseModel):
    """One answer: an option of the question, or an abstention; confidence is the reader's own, 0..1."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    question: Code
    option: Code | None = None
    abstention: Abstention | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Answer:
        if (self.option is None) == (self.abstention is None):
            raise ValueError("an answer is either an option or an abstention")
        return self


class ReadingContent(BaseModel):
    """What a reader submits."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    answers: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=200)]
    seconds_active: Annotated[float, Field(ge=0, le=86_400)]
    provenance: Annotated[dict[Code, ProvenanceText | bool | int | float], Field(max_length=20)] = {}
    """How it was read: page version, display check, render path. Never about the patient."""

    def canonical(self) -> str:
        """The one JSON text of this content."""
        return canonical_json(self.model_dump(mode="json")).decode("utf-8")


@dataclass(frozen=True, slots=True)
class Reading:
    """A submitted reading."""

    reading_id: str
    assignment_id: str
    project_id: str
    case_id: str
    person_id: str
    submitted_at: datetime
    content: ReadingContent
    idempotency_key: str | None = None


def check_answers(schema: LabelSchema, content: ReadingContent) -> None:
    """Return when every question of the schema is answered once, with an option it has or an abstention.

    Raises:
        AnswersRefused: naming the first question that is unknown, repeated, unanswered or wrongly answered.
    """
    open_questions = {question.code: question for question in schema.questions}
    for answer in content.answers:
        question = open_questions.pop(answer.question, None)
        if question is None or not _fits(question, answer):
            raise AnswersRefused(answer.question)
    if open_questions:
        raise AnswersRefused(next(iter(open_questions)))


def _fits(question: Question, answer: Answer) -> bool:
    return answer.option is None or question.option(answer.option) is not None
