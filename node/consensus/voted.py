"""What of a schema is voted on, and what a reading says to it.

A single or ordinal question is voted on as it stands; of a question that takes several options each option is voted on
for itself, under the name `question/option`: chosen or not. Numbers, texts and marks are not voted on, nor are answers
about one place or one mark: the readings of a case would not speak of the same thing. A question that was not asked,
because another answer ruled it out, is neither a vote nor an abstention.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from node.labeling.reading import Answer, Reading
from protocols.labels import Abstention, LabelSchema, Question, QuestionKind

CHOSEN, NOT_CHOSEN = "chosen", "not-chosen"
_ONE_OPTION = frozenset({QuestionKind.SINGLE, QuestionKind.ORDINAL})


@dataclass(frozen=True, slots=True)
class Voted:
    """One thing that is voted on: its name in the consensus, and what can be said to it."""

    name: str
    question: str
    options: tuple[str, ...]
    option: str | None = None
    """Of a question with several options: the one that is chosen or not."""


def voted_of(schema: LabelSchema) -> Iterator[Voted]:
    """Everything the schema puts to the vote, in its order."""
    for question in schema.questions:
        if question.per_mark is None:
            yield from _of_question(question)


def said_to(voted: Voted, reading: Reading) -> tuple[str | None, ...]:
    """What the reading says: one option, an abstention (`None`), or nothing where it was not asked."""
    return said_in(voted, reading.content.answers)


def said_in(voted: Voted, answers: Iterable[Answer]) -> tuple[str | None, ...]:
    """What these answers say: one option, an abstention (`None`), or nothing where it was not asked."""
    about_case = [
        answer
        for answer in answers
        if answer.question == voted.question and answer.place is None and answer.mark is None
    ]
    return tuple(_said(voted, answer) for answer in about_case[:1])


def _of_question(question: Question) -> Iterator[Voted]:
    if question.kind in _ONE_OPTION:
        yield Voted(question.code, question.code, tuple(option.code for option in question.options))
    elif question.kind is QuestionKind.MULTI:
        for option in question.options:
            yield Voted(f"{question.code}/{option.code}", question.code, (NOT_CHOSEN, CHOSEN), option.code)


def _said(voted: Voted, answer: Answer) -> str | None:
    if voted.option is None:
        return answer.option
    if answer.abstention is Abstention.ABSENT:
        return NOT_CHOSEN
    if answer.abstention is not None:
        return None
    return CHOSEN if voted.option in answer.chosen() else NOT_CHOSEN
